// Runs bench against the runtimes of another Debian suite, which it installs for that; `--help` says how to run it.
// The last line is `N passed, N failed, N skipped`. Exit code 0: all held; 1: something did not; 2: this machine lacks
// something; 130: stopped.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { Failure } from '../shared/failure.mjs';
import { Tally } from '../shared/tally.mjs';
import { requirePrograms, requireSpace } from '../shared/tools.mjs';
import { checkCall } from './checks.mjs';
import { enter } from './enter.mjs';
import { ENGINE_NAMES, ordersOf } from './orders.mjs';
import { makeRoot, packagesOf } from './root.mjs';
import { publish, rowsOf } from './records.mjs';
import { readSettings, ROOT, USAGE } from './settings.mjs';
import { SUITES } from './table.mjs';

/** Programs of this machine and the Debian package that has each. */
const PROGRAMS = {
  debootstrap: 'debootstrap',
  'apt-get': 'apt',
  'dpkg-query': 'dpkg',
  unshare: 'util-linux',
  mount: 'mount',
};
/** The Debian with its runtimes. */
const ROOT_MIB = 1500;

const write = (text) => {
  process.stdout.write(text);
};

/** Tells a phase with its seconds. */
async function phase(name, signal, work) {
  await new Promise(setImmediate);
  if (signal.aborted) throw new Failure(130, 'stopped by the user', 'What was made is removed.');
  const started = process.hrtime.bigint();
  write(`${name}\n`);
  const result = await work();
  write(`  ${(Number(process.hrtime.bigint() - started) / 1e9).toFixed(1)} s\n`);
  return result;
}

async function test(settings, work, signal) {
  const root = settings.root ?? join(work, 'root');
  const out = settings.out ?? join(work, 'out');
  const say = (line) => {
    write(`  ${line}\n`);
  };
  await phase(`${SUITES[settings.suite]} with its runtimes`, signal, () =>
    makeRoot(settings.suite, root, settings, say),
  );
  const packages = packagesOf(root);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  // What an ordinary user of the Debian writes lies below it.
  writeFileSync(
    join(out, 'orders.json'),
    JSON.stringify({ calls: ordersOf(settings, packages), tests: settings.tests }),
  );
  const job = ['node', 'scripts/distro/guest/job.mjs'];
  await phase('bench in it', signal, () => enter({ root, out, scratch: join(work, 'scratch') }, job, signal));
  const status = readStatus(join(out, 'status.json'));
  if (signal.aborted) throw new Failure(130, 'stopped by the user', 'What was made is removed.');
  if (status?.state !== 'finished') throw new Failure(1, 'the job in it did not finish', 'Its words are above.');
  return judge(settings, { status, packages, out });
}

function judge(settings, { status, packages, out }) {
  write('\n');
  const tally = new Tally(write);
  const findings = status.calls.map((call) => checkCall(call, out, tally));
  for (const [name, { problem, endedItself }] of Object.entries(status.daemons)) {
    tally.check(`${name}: its daemon starts`, problem === null, problem ?? '');
    tally.check(`${name}: its daemon ends when it is told to`, endedItself === true);
  }
  tally.check('nothing is left behind', status.left.length === 0, status.left.join(', '));
  checkTests(settings, status.tests, tally, out);
  const exitCode = tally.end();
  if (settings.publish) publish(recordOf(settings.suite, { status, packages, findings, tally }));
  return exitCode;
}

function checkTests({ tests }, ended, tally, out) {
  if (ended === null) return;
  tally.check(`the tests in ${tests.join(', ')} pass`, ended.exitCode === 0, `${ended.end}, ${ended.seconds} s`);
  const words = readFileSync(join(out, 'tests.stdout'), 'utf8').trim().split('\n');
  tally.note(words.slice(ended.exitCode === 0 ? -6 : -80).join('\n'));
}

/** @returns {import('./table.mjs').SuiteRecord} */
function recordOf(suite, { status, packages, findings, tally }) {
  const { kernel, machine, node, controllers } = status.machine;
  return {
    formatVersion: 1,
    suite,
    machine,
    // The rest names one build of it.
    kernel: kernel.split('.').slice(0, 2).join('.'),
    node: node.slice(1),
    controllers,
    libseccomp: packages['libseccomp2'] ?? 'not installed',
    rows: rowsOf(status.calls, findings, packages),
    totals: { passed: tally.passed, failed: tally.failed, skipped: tally.skipped },
  };
}

function readStatus(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

async function main() {
  const settings = readSettings(process.argv.slice(2));
  if (settings === null) {
    write(USAGE);
    return 0;
  }
  const unknown = settings.only?.find((name) => !ENGINE_NAMES.includes(name));
  if (unknown !== undefined)
    throw new Failure(2, `--only: unknown engine "${unknown}"`, `The engines here: ${ENGINE_NAMES.join(', ')}.`);
  if (os.userInfo().uid !== 0) throw new Failure(2, 'needs root', 'sudo npm run test:distro -- trixie --short');
  requirePrograms(PROGRAMS, process.env);
  if (!existsSync(join(ROOT, 'dist/cli.js'))) throw new Failure(2, 'dist/cli.js not found', 'npm run build');
  if (settings.root === null) requireSpace(settings.work, ROOT_MIB, 'the Debian with its runtimes', '--work or --root');
  const work = mkdtempSync(join(settings.work, 'bench-distro-'));
  const interruption = new AbortController();
  const stop = () => {
    interruption.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await test(settings, work, interruption.signal);
  } finally {
    removeWork(work);
  }
}

/** Only where nothing is mounted below it: a removal must not reach into what was mounted. */
function removeWork(work) {
  const mounted = readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${work}/`);
  if (mounted) throw new Failure(1, `something is still mounted below ${work}`, 'umount it, then remove the folder.');
  rmSync(work, { recursive: true, force: true });
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`test:distro: ${error.message}\n  ${error.hint}\n`);
  process.exitCode = error.exitCode;
}
