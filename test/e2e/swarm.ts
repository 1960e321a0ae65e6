import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { argvOf, childrenOf, killProcess } from '../../src/process/processes.js';
import { ask, endDaemon, has, memoryFolder, PATH, removeMemoryFolder, waitForAnswer } from './daemons.js';

export interface SwarmMember {
  /** node-a, node-b: also the host's name in its namespace. */
  readonly name: string;
  /** unix:///... */
  readonly host: string;
  /** As from a machine that loses its power. */
  readonly kill: () => Promise<void>;
}

/**
 * A swarm of two real daemons, each in a network namespace of its own (and with a host name of its own), joined by a
 * veth pair: a manager and a worker.
 */
export interface TwoNodes extends AsyncDisposable {
  readonly manager: SwarmMember;
  readonly worker: SwarmMember;
  /** Where both have their engine's socket, for `--socket`. */
  readonly socket: string;
  /** Runs the docker client against a member; throws with its words where it fails. */
  readonly docker: (member: SwarmMember, ...args: readonly string[]) => string;
  readonly folder: string;
}

export type SwarmHere = TwoNodes | { readonly missing: string };

const PROGRAMS = ['dockerd', 'docker', 'containerd', 'runc', 'ip', 'nsenter', 'unshare'];
const LIMIT_MS = 60_000;

/** Starts both, or says why that cannot be done here. */
export async function startSwarm(): Promise<SwarmHere> {
  if (process.getuid?.() !== 0) return { missing: 'needs root' };
  const absent = PROGRAMS.find((program) => !has(program));
  if (absent !== undefined) return { missing: `${absent} is not installed` };
  const folder = memoryFolder('bs-');
  const made: Made[] = [];
  const dispose = async (): Promise<void> => {
    await Promise.all(
      made.map(({ daemon, home }) => (daemon === undefined ? Promise.resolve() : endDaemon(daemon, home))),
    );
    killLeft(folder);
    // The namespaces, and the veth pair in them, end with the last process in them.
    for (const { keeper } of made) keeper.kill('SIGKILL');
    removeMemoryFolder(folder);
  };
  try {
    for (const name of ['node-a', 'node-b']) made.push(await makeNamespace(name, join(folder, name)));
    const refusal = await connectBoth(made);
    if (refusal !== undefined) {
      await dispose();
      return { missing: refusal };
    }
    const [manager, worker] = made.map(memberOf);
    if (manager === undefined || worker === undefined) throw new RangeError('two were made');
    return {
      manager,
      worker,
      folder,
      socket: join(folder, '{{.Node.Hostname}}/S'),
      docker: dockerOn,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** A daemon that was killed leaves its containers running, each below a shim that has the folder in its arguments. */
function killLeft(folder: string): void {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  for (const shim of pids.filter((pid) => argvOf(pid).some((argument) => argument.startsWith(`${folder}/`)))) {
    for (const child of childrenOf(shim)) killProcess(child);
    killProcess(shim);
  }
}

interface Made {
  readonly name: string;
  readonly home: string;
  /** Keeps the namespaces. */
  readonly keeper: ChildProcess;
  daemon?: ChildProcess;
}

async function makeNamespace(name: string, home: string): Promise<Made> {
  mkdirSync(home);
  const keeper = spawn(
    'unshare',
    ['--net', '--uts', 'sh', '-c', `hostname ${name} && echo ready && exec sleep infinity`],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, PATH } },
  );
  await new Promise((resolve, reject) => {
    keeper.stdout.once('data', resolve);
    keeper.once('exit', () => {
      reject(new Error('unshare --net --uts ended'));
    });
  });
  keeper.stdout.destroy();
  return { name, home, keeper };
}

const address = (index: number): string => `10.99.7.${index + 1}`;

/** Gives why not, where a kernel or an engine cannot. */
async function connectBoth(made: readonly Made[]): Promise<string | undefined> {
  const [first, second] = made;
  if (first === undefined || second === undefined) throw new RangeError('two were made');
  const linked = run('nsenter', [
    '-t',
    String(first.keeper.pid),
    '-n',
    'ip',
    'link',
    'add',
    'v0',
    'type',
    'veth',
    'peer',
    'name',
    'v0',
    'netns',
    String(second.keeper.pid),
  ]);
  if (linked.status !== 0) return `no veth pair can be made here: ${linked.stderr.trim()}`;
  for (const [index, { keeper }] of made.entries()) {
    const up = run('nsenter', [
      '-t',
      String(keeper.pid),
      '-n',
      'sh',
      '-c',
      `ip link set lo up && ip addr add ${address(index)}/24 dev v0 && ip link set v0 up`,
    ]);
    if (up.status !== 0) return up.stderr.trim();
  }
  for (const one of made) one.daemon = startDaemon(one);
  for (const { name, home, daemon } of made) {
    if (daemon === undefined || !(await waitForAnswer(daemon, join(home, 'S'))))
      return `dockerd of ${name} does not start here: ${readFileSync(join(home, 'log'), 'utf8').trim().split('\n').at(-1) ?? ''}`;
  }
  dockerOn(memberOf(first), 'swarm', 'init', '--advertise-addr', address(0), '--listen-addr', `${address(0)}:2377`);
  const token = dockerOn(memberOf(first), 'swarm', 'join-token', '-q', 'worker').trim();
  dockerOn(
    memberOf(second),
    'swarm',
    'join',
    '--token',
    token,
    '--advertise-addr',
    address(1),
    '--listen-addr',
    `${address(1)}:2377`,
    `${address(0)}:2377`,
  );
  return (await bothReady(memberOf(first))) ? undefined : 'the nodes of the swarm do not get ready here';
}

function startDaemon({ keeper, home }: Made): ChildProcess {
  const log = openSync(join(home, 'log'), 'w');
  // nsenter, not ip netns exec, which hides the cgroups.
  const child = spawn(
    'nsenter',
    [
      '-t',
      String(keeper.pid),
      '-n',
      '-u',
      'dockerd',
      '--bridge=none',
      '--iptables=false',
      '--ip6tables=false',
      '--data-root',
      join(home, 'data'),
      '--exec-root',
      join(home, 'exec'),
      '-p',
      join(home, 'pid'),
      '-H',
      `unix://${join(home, 'S')}`,
    ],
    { env: { ...process.env, PATH, TMPDIR: home }, stdio: ['ignore', log, log], detached: true },
  );
  closeSync(log);
  child.on('error', () => undefined);
  return child;
}

async function bothReady(manager: SwarmMember): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < LIMIT_MS; waitedMs += 200) {
    const nodes = (await ask(manager.host, '/nodes')) as readonly { readonly Status: { readonly State: string } }[];
    if (nodes.length === 2 && nodes.every(({ Status }) => Status.State === 'ready')) return true;
    await sleep(200);
  }
  return false;
}

function memberOf({ name, home, daemon }: Made): SwarmMember {
  const kill = async (): Promise<void> => {
    if (daemon === undefined || !existsSync(join(home, 'pid'))) return;
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    daemon.kill('SIGKILL');
    await ended;
  };
  return { name, host: `unix://${join(home, 'S')}`, kill };
}

const run = (
  file: string,
  args: readonly string[],
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } =>
  spawnSync(file, [...args], {
    encoding: 'utf8',
    env: { ...process.env, PATH, DOCKER_BUILDKIT: '0' },
    timeout: 120_000,
  });

function dockerOn({ host }: SwarmMember, ...args: readonly string[]): string {
  const { status, stdout, stderr } = run('docker', ['--host', host, ...args]);
  if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout;
}
