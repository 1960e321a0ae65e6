// Engines that bench is killed on, with the daemons that some need.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { startDaemon } from '../shared/daemons.mjs';
import { find } from '../shared/tools.mjs';

const STARTS = [
  ['sequential', '--blocks', '25', '--warmup', '1'],
  ['parallel', '--count', '8', '--concurrency', '4', '--blocks', '4', '--warmup', '0'],
];
const CALLS = ['percall', '--blocks', '3', '--warmup', '0'];
const STAGED = ['sequential', '--blocks', '20', '--warmup', '0', '--stages'];
const PROGRAM = ['workload', '--blocks', '2', '--warmup', '0', '--bind-host', '--', 'sh', '-c', 'sleep 0.05; true'];

/** Programs that each engine needs, and the commands that it is killed in. */
const ENGINES = {
  namespaces: { programs: ['unshare'], commands: [...STARTS, CALLS, PROGRAM] },
  runc: { programs: ['runc'], commands: [...STARTS, CALLS, STAGED, PROGRAM] },
  crun: { programs: ['crun'], commands: [...STARTS, CALLS, STAGED] },
  lxc: { programs: ['lxc-start'], commands: STARTS },
  bwrap: { programs: ['bwrap'], commands: STARTS },
  containerd: { programs: ['containerd', 'ctr', 'runc'], commands: STARTS, daemon: true },
  docker: { programs: ['dockerd', 'containerd', 'runc'], commands: STARTS, daemon: true },
  podman: { programs: ['podman', 'conmon', 'runc'], commands: STARTS, daemon: true },
};
export const ENGINE_NAMES = Object.keys(ENGINES);

/**
 * The engines that work here, in the order of their names; the others are skipped, with the reason.
 * @param {readonly string[]} names
 * @param {{ work: string, tally: import('../shared/tally.mjs').Tally, what: string }} context
 */
export async function openTargets(names, { work, tally, what }) {
  const targets = [];
  for (const engine of names) {
    const { programs, commands, daemon } = ENGINES[engine];
    const missing = programs.find((program) => find(program, process.env) === null);
    if (missing !== undefined) tally.skip(`${what} on ${engine}`, `${missing} is not installed`);
    else if (daemon !== true) targets.push(localTarget(engine, commands));
    else {
      const started = await startDaemon(engine, join(work, engine.slice(0, 1)));
      const stop = () => endDaemon(started, join(work, engine.slice(0, 1)));
      if (started.problem === null) targets.push({ ...daemonTarget(engine, commands, started), stop });
      else {
        tally.skip(`${what} on ${engine}`, started.problem);
        await stop();
      }
    }
  }
  return targets;
}

const localTarget = (engine, commands) => ({
  engine,
  commands,
  /** What runs before left there. @type {string[]} */
  known: [],
  args: ['--engine', engine],
  env: {},
  left: () => Promise.resolve([]),
  stop: () => Promise.resolve(),
});

const daemonTarget = (engine, commands, { socket, args, env }) => ({
  engine,
  commands,
  /** What runs before left there. @type {string[]} */
  known: [],
  args: ['--engine', engine, ...args],
  env,
  left: () => (engine === 'containerd' ? Promise.resolve(leftInContainerd(socket)) : leftAtApi(socket)),
});

/** Names of namespaces other than containerd's own, with what is in them. */
function leftInContainerd(socket) {
  const ctr = (...args) =>
    spawnSync('ctr', ['--address', socket, ...args], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n')
      .filter(Boolean);
  return ctr('namespaces', 'list', '--quiet')
    .filter((name) => name.startsWith('sb-'))
    .map((name) => `containerd namespace ${name}`);
}

async function leftAtApi(socket) {
  const containers = await get(socket, '/containers/json?all=1');
  const images = await get(socket, '/images/json?all=1');
  return [
    ...containers.map(({ Names }) => `container ${Names?.join(', ')}`),
    ...images.map(({ Id, RepoTags }) => `image ${RepoTags?.join(', ') ?? Id}`),
  ];
}

/** @returns {Promise<any[]>} */
const get = (socketPath, path) =>
  new Promise((resolve, reject) => {
    request({ socketPath, path, timeout: 20_000 }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve(JSON.parse(text)));
    })
      .on('error', reject)
      .end();
  });

/** Ends a daemon and unmounts what it left below its folder, which goes too. */
async function endDaemon(daemon, folder) {
  await daemon.stop();
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
  for (const mount of mounts.reverse()) spawnSync('umount', ['-l', mount]);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
