// Creates many containers in one batch and looks for anything they left: check-crowd.mjs COUNT [CONCURRENCY] [ENGINE]
// Prints what was seen; exit code 1 where a container failed or something is left.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readResults } from './shared/results.mjs';

const [count = '50', concurrency = String(Math.min(Number(count), 200)), engine = 'namespaces'] = process.argv.slice(2);
const cli = resolve(import.meta.dirname, '../dist/cli.js');
const folder = mkdtempSync(join(tmpdir(), 'bench-crowd-'));
const own = join(folder, 'tmp');

/** Folders of cgroups, mounts and processes that carry the run's id. */
function traces(runId) {
  const cgroups = existsSync('/sys/fs/cgroup')
    ? spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', `*${runId}*`], { encoding: 'utf8' })
        .stdout.split('\n')
        .filter(Boolean)
    : [];
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(folder) || line.includes(runId));
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(runId));
  return [
    ...cgroups.map((path) => `cgroup ${path}`),
    ...mounts.map((line) => `mount ${line}`),
    ...processes.map((pid) => `process ${pid}`),
  ];
}

function environmentOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

function check() {
  spawnSync('mkdir', [own]);
  const args = [
    cli,
    'parallel',
    '--count',
    count,
    '--concurrency',
    concurrency,
    '--rounds',
    '1',
    '--warmup',
    '0',
    '--arms',
    'native',
    '--engine',
    engine,
    '--timeout',
    '300',
    '--no-report',
  ];
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: own },
    maxBuffer: 1 << 28,
  });
  const [run] = readResults(join(folder, 'results'));
  if (run === undefined) return [`no results: ${stderr}`];
  const { plan, containers, ledger } = run;
  const runId = `sb-${plan.id}`;
  const ok = containers.filter(({ state }) => state === 'ok').length;
  process.stdout.write(
    `${engine}: ${ok} of ${containers.length} containers ok, ${concurrency} in flight; listed by the engine: ` +
      `${JSON.stringify(ledger.before.ids)} before, ${JSON.stringify(ledger.after.ids)} after\n`,
  );
  return [
    ...(status === 0 ? [] : [`exit code ${status}: ${stderr.split('\n').slice(-4).join(' ')}`]),
    ...(ok === 2 * Number(count) ? [] : [`expected ${2 * Number(count)} ok, got ${ok}`]),
    ...(JSON.stringify(ledger.after) === '{"state":"listed","ids":[]}'
      ? []
      : [`the engine's list: ${JSON.stringify(ledger.after)}`]),
    ...traces(runId),
    ...readdirSync(own).map((name) => `folder ${name}`),
  ];
}

let faults;
try {
  faults = check();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const fault of faults) process.stderr.write(`${fault}\n`);
if (faults.length === 0) process.stdout.write('nothing is left behind\n');
process.exitCode = faults.length === 0 ? 0 : 1;
