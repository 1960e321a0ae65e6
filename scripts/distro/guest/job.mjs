// The job in the Debian: makes the calls of bench that /out/orders.json asks for, and writes all it saw to
// /out/status.json. The verdict rests on that file and on the results alone, so it says `running` until the last step
// is through.
import { spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { controllers, startDaemon } from '../../shared/daemons.mjs';

const BENCH = '/srv/bench/dist/cli.js';
const CALL_LIMIT_MS = 240_000;
const TESTS_LIMIT_MS = 1_800_000;
/** An ordinary user with ids of other users to hand out, as adduser makes one. */
const USER = { name: 'tester', id: 1000 };
/** How often, and how far apart, it is looked for what a container's end may take a moment to remove. */
const LOOKS = 20;
const LOOK_MS = 250;

const orders = JSON.parse(readFileSync('/out/orders.json', 'utf8'));
/**
 * @type {{ state: string, machine: object, daemons: Record<string, object>, calls: object[], tests: object | null,
 * left: string[] }}
 */
const status = {
  state: 'running',
  machine: {
    kernel: os.release(),
    machine: os.machine(),
    node: process.version,
    controllers: controllers(),
    cgroup: readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n').at(-1),
  },
  daemons: {},
  calls: [],
  tests: null,
  left: [],
};

function write() {
  writeFileSync('/out/status.json', `${JSON.stringify(status, null, 1)}\n`);
}

function makeUser() {
  const { status: found } = spawnSync('id', [USER.name]);
  if (found !== 0) spawnSync('useradd', ['--create-home', '--uid', String(USER.id), USER.name], { stdio: 'inherit' });
  mkdirSync(`/tmp/${USER.name}`);
  chownSync(`/tmp/${USER.name}`, USER.id, USER.id);
}

function run(command, { output, env, limitMs }) {
  const [out, err] = [`${output}.stdout`, `${output}.stderr`];
  const files = [openSync(out, 'w'), openSync(err, 'w')];
  const started = process.hrtime.bigint();
  const ended = spawnSync(command[0], command.slice(1), {
    cwd: '/srv/bench',
    stdio: ['ignore', ...files],
    env: { ...process.env, ...env },
    timeout: limitMs,
    killSignal: 'SIGKILL',
  });
  files.forEach(closeSync);
  const seconds = Math.round(Number(process.hrtime.bigint() - started) / 1e8) / 10;
  const end = ended.signal ?? (ended.status === null ? 'not started' : `exit code ${ended.status}`);
  return { exitCode: ended.status, end, seconds, stdout: out, stderr: err };
}

function call(order, daemon) {
  const index = String(status.calls.length).padStart(2, '0');
  const folder = `/out/calls/${index}`;
  mkdirSync(folder, { recursive: true });
  if (order.asUser) chownSync(folder, USER.id, USER.id);
  const writes = ['starts', 'calls', 'advice'].includes(order.kind);
  const places = writes ? ['--results', join(folder, 'results'), '--report', join(folder, 'reports')] : [];
  const host = order.engine === 'cri' ? ['--host', `unix://${daemon.socket}`] : (daemon?.args ?? []);
  const args = [...order.args, ...host, ...places];
  const asUser = ['setpriv', `--reuid=${USER.id}`, `--regid=${USER.id}`, '--clear-groups', '--'];
  const command = [...(order.asUser ? asUser : []), process.execPath, BENCH, ...args];
  const env = { ...daemon?.env, ...(order.asUser ? { HOME: `/tmp/${USER.name}` } : {}) };
  const ended = run(command, { output: join(folder, 'bench'), env, limitMs: CALL_LIMIT_MS });
  status.calls.push({ ...order, args, folder: `calls/${index}`, ...ended });
  process.stdout.write(`  ${order.engine}, ${order.title}: ${ended.end}, ${ended.seconds} s\n`);
  write();
}

/** Those of one daemon follow each other: it runs for them alone. */
async function carryOut(list) {
  let daemon = null;
  const stop = async () => {
    if (daemon === null) return;
    const endedItself = await daemon.stop();
    status.daemons[daemon.name] = { problem: daemon.problem, endedItself };
    daemon = null;
  };
  for (const order of list) {
    const missing = (order.controllers ?? []).filter((name) => !controllers().includes(name));
    if (missing.length > 0) {
      status.calls.push({ ...order, skipped: `cgroup v2 of this machine has no ${missing.join(', ')}` });
      continue;
    }
    if (daemon !== null && daemon.name !== order.daemon) await stop();
    if (order.daemon !== undefined && daemon === null) {
      daemon = await startDaemon(order.daemon, `/tmp/${order.daemon}`);
      status.daemons[order.daemon] = { problem: daemon.problem };
    }
    call(order, daemon);
  }
  await stop();
}

/** What runs may leave: cgroups, mounts, processes, folders. Daemons' own cgroups are theirs to keep. */
function left() {
  const groups = readdirSync('/sys/fs/cgroup', { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(?:^|\/)[^/]*sb-[0-9a-f][^/]*$/.test(name),
  );
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => /sb-[0-9a-f]|seccomp-bench/.test(path));
  // This job and the shell around it are all that should still run.
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && name !== '1')
    .flatMap((pid) => (existsSync(`/proc/${pid}/comm`) ? [`${pid} ${readFileSync(`/proc/${pid}/comm`, 'utf8')}`] : []));
  const folders = ['/tmp', '/var/tmp'].flatMap((place) =>
    readdirSync(place)
      .filter((name) => name.startsWith('seccomp-bench'))
      .map((name) => join(place, name)),
  );
  return [
    ...groups.map((name) => `cgroup ${name}`),
    ...mounts.map((name) => `mount ${name}`),
    ...processes.map((name) => `process ${name.trim()}`),
    ...folders.map((name) => `folder ${name}`),
  ];
}

makeUser();
write();
await carryOut(orders.calls);
for (let look = 0; look < LOOKS; look++) {
  status.left = left();
  if (status.left.length === 0) break;
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
if (orders.tests.length > 0) {
  const vitest = [process.execPath, 'node_modules/vitest/vitest.mjs', 'run', ...orders.tests];
  status.tests = run(vitest, { output: '/out/tests', env: {}, limitMs: TESTS_LIMIT_MS });
}
status.state = 'finished';
write();
