// Daemons started by hand, each with everything it keeps in its own folder: a test machine may have no service manager.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

const START_LIMIT_MS = 30_000;
const END_LIMIT_MS = 20_000;

/** The list of controllers where cgroup v2 is the only version. */
const CONTROLLERS = '/sys/fs/cgroup/cgroup.controllers';

/** Controllers that containers can use: of cgroup v2 where it is alone, else of version 1. */
export function controllers() {
  if (existsSync(CONTROLLERS)) return readFileSync(CONTROLLERS, 'utf8').trim().split(/\s+/).filter(Boolean);
  const lines = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
  return lines.flatMap((line) => (line.split(':')[1] ?? '').split(',')).filter(Boolean);
}

/** crun 1.8.1 refuses a mix of cgroup versions. */
const podmanRuntime = () => (existsSync('/sys/fs/cgroup/unified') ? ['--runtime', 'runc'] : []);

/** No bridge and no firewall rules: containers have no network. */
const docker = (folder) => ({
  file: 'dockerd',
  args: [
    ...['--bridge=none', '--iptables=false', '--ip6tables=false'],
    ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec'), '-p', join(folder, 'pid')],
    ...['-H', `unix://${join(folder, 'S')}`],
  ],
  env: {},
});

function podman(folder) {
  // Its default limits need CAP_SYS_RESOURCE, and its default number of processes the controller `pids`.
  const limits = ['default_ulimits = []', ...(controllers().includes('pids') ? [] : ['pids_limit = 0'])];
  const settings = join(folder, 'containers.conf');
  const storage = join(folder, 'storage.conf');
  writeFileSync(settings, `[containers]\n${limits.join('\n')}\n[engine]\nevents_logger = "none"\n`);
  const folders = `runroot = "${join(folder, 'run')}"\ngraphroot = "${join(folder, 'graph')}"\n`;
  writeFileSync(storage, `[storage]\ndriver = "vfs"\n${folders}`);
  return {
    file: 'podman',
    args: [
      ...podmanRuntime(),
      '--tmpdir',
      join(folder, 'tmp'),
      'system',
      'service',
      '--time',
      '0',
      `unix://${join(folder, 'S')}`,
    ],
    env: { CONTAINERS_CONF: settings, CONTAINERS_STORAGE_CONF: storage },
  };
}

function containerd(folder) {
  // The second version of the file is read by containerd 1 and 2 alike.
  const cri = [
    '[plugins."io.containerd.grpc.v1.cri"]',
    // Adjusting the score of the out-of-memory killer downwards needs CAP_SYS_RESOURCE.
    'restrict_oom_score_adj = true',
    ...(controllers().includes('memory') ? [] : ['disable_cgroup = true']),
  ];
  const settings = join(folder, 'config.toml');
  writeFileSync(
    settings,
    [
      'version = 2',
      `root = "${join(folder, 'root')}"`,
      `state = "${join(folder, 'state')}"`,
      '[grpc]',
      `address = "${join(folder, 'S')}"`,
      ...cri,
      '',
    ].join('\n'),
  );
  return { file: 'containerd', args: ['--config', settings], env: {} };
}

const COMMANDS = { docker, podman, containerd };

/** What bench is told of each: options, and its environment. */
const ADDRESSES = {
  docker: (socket) => ({ args: ['--host', `unix://${socket}`], env: {} }),
  podman: (socket) => ({ args: ['--host', `unix://${socket}`], env: {} }),
  containerd: (socket) => ({ args: [], env: { CONTAINERD_ADDRESS: socket } }),
};

/**
 * Starts one, with everything it keeps in a new folder, and waits for its socket.
 * @param {string} name
 * @param {string} folder its path is short: that of a socket has room for 107 bytes
 */
export async function startDaemon(name, folder) {
  mkdirSync(folder);
  const { file, args, env } = COMMANDS[name](folder);
  const log = join(folder, 'log');
  const words = openSync(log, 'w');
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', words, words] });
  closeSync(words);
  const ended = new Promise((resolve) => child.once('close', resolve).once('error', resolve));
  const socket = join(folder, 'S');
  const answers = await waitForSocket(child, socket);
  const lastWords = () => readFileSync(log, 'utf8').trim().split('\n').slice(-3).join(' | ');
  return {
    name,
    problem: answers ? null : `${file} does not start: ${lastWords()}`,
    socket,
    log,
    ...ADDRESSES[name](socket),
    stop: async () => {
      if (child.pid === undefined || child.exitCode !== null) return true;
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
      await ended;
      clearTimeout(killer);
      return child.signalCode !== 'SIGKILL';
    },
  };
}

async function waitForSocket(child, socket) {
  const until = Date.now() + START_LIMIT_MS;
  while (Date.now() < until && child.exitCode === null && child.pid !== undefined) {
    if (existsSync(socket) && (await accepts(socket))) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

const accepts = (socket) =>
  new Promise((resolve) => {
    const end = (answer) => () => {
      connection.destroy();
      resolve(answer);
    };
    const connection = connect(socket, end(true)).on('error', end(false));
  });
