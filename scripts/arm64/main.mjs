// Proves on a real arm64 kernel, emulated, that what this repository builds works there; `--help` says how to run it.
// The last line is `N passed, N failed, N skipped`. Exit code 0: all held; 1: something did not, or the guest did not
// finish; 2: this machine lacks something; 130: stopped.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { checkCounts, checkGuest, checkRuns, picturesIn } from './checks.mjs';
import { fetchPackages } from './debian.mjs';
import { Failure } from '../shared/failure.mjs';
import { runGuest } from './guest.mjs';
import { makeImages } from './image.mjs';
import { fetchNpm } from './npm.mjs';
import { guestOrders, hostCalls, HOST_CASES, reducedScenario } from './orders.mjs';
import { checkReport } from './report-checks.mjs';
import { readResults } from '../shared/results.mjs';
import { readSettings, ROOT, USAGE } from './settings.mjs';
import { Tally } from '../shared/tally.mjs';
import { call, requirePrograms, requireSpace } from '../shared/tools.mjs';

/** Programs of this machine and the Debian package that has each. */
const PROGRAMS = {
  'qemu-system-aarch64': 'qemu-system-arm',
  mke2fs: 'e2fsprogs',
  debugfs: 'e2fsprogs',
  busybox: 'busybox-static',
  'apt-get': 'apt',
  'dpkg-deb': 'dpkg',
  tar: 'tar',
  gzip: 'gzip',
  setpriv: 'util-linux',
  npm: 'npm',
};

/** In MiB: the guest's disks with what they are made of, and the downloads. */
const WORK_MIB = 1000;
const CACHE_MIB = 250;
const FOLDERS = '--work or --cache';

const write = (text) => {
  process.stdout.write(text);
};
const say = (line) => {
  write(`  ${line}\n`);
};

/** Tells a phase with its seconds. */
async function phase(name, signal, work) {
  // The work of a phase may be one long call, during which no signal is heard.
  await new Promise(setImmediate);
  if (signal.aborted) throw new Failure(130, 'stopped by the user', 'What was made is removed; downloads are kept.');
  const started = process.hrtime.bigint();
  write(`${name}\n`);
  const result = await work();
  say(`${(Number(process.hrtime.bigint() - started) / 1e9).toFixed(1)} s`);
  return result;
}

async function prove(settings, work, signal) {
  const packages = await phase('Debian packages', signal, () => fetchPackages(settings.cache, say));
  const npm = await phase('Node and npm packages', signal, () => fetchNpm(settings.cache));
  const images = await phase('disks', signal, () =>
    makeImages(work, packages, npm, guestOrders(settings.limitSeconds)),
  );
  const status = await phase('guest', signal, () => runGuest(images, settings, join(work, 'serial.log'), signal, say));
  const results = join(settings.out, 'results');
  await phase('the published cases of this machine', signal, () => runHere(work, results));
  const report = await phase('one report of both', signal, () => reportOf(results, settings.out));
  write('\n');
  const tally = new Tally(write);
  const runs = readResults(results);
  checkGuest(status, { npm, packages: packages.versions }, tally);
  checkRuns(
    runs.filter(({ host }) => host.machine === 'aarch64'),
    tally,
  );
  checkCounts(runs, tally);
  const drawn = picturesIn(join(settings.out, 'reports/guest'));
  tally.check('Charts were drawn in the guest, by canvas for arm64', drawn.length >= 3, `${drawn.length} pictures`);
  checkReport(report, tally);
  write(`\nReport: ${report}/index.html\n`);
  return tally.end();
}

/** This machine's own two cases, on a processor, into the same folder. */
function runHere(work, results) {
  for (const name of HOST_CASES) writeFileSync(join(work, `${name}.json`), reducedScenario(name));
  for (const { name, args } of hostCalls(work, results, process.env)) {
    bench(args);
    say(name);
  }
}

function reportOf(results, out) {
  const folders = readResults(results)
    .filter(({ plan }) => plan.scenario.published !== undefined)
    .map(({ folder }) => folder);
  bench(['report', ...folders, '--reports', out, '--name', 'report']);
  return join(out, 'report');
}

const bench = (args) =>
  call(process.execPath, [join(ROOT, 'dist/cli.js'), ...args], {
    cwd: ROOT,
    hint: `Run it alone: node dist/cli.js ${args.join(' ')}`,
  });

async function main() {
  const settings = readSettings(process.argv.slice(2), process.env);
  if (settings.help) {
    write(USAGE);
    return 0;
  }
  if (os.machine() !== 'x86_64') {
    const tally = new Tally(write);
    tally.skip(
      'The proof on an emulated arm64 kernel',
      `this machine is ${os.machine()}; it emulates on x86_64, beside whose times the report puts its results`,
    );
    return tally.end();
  }
  requirePrograms(PROGRAMS, process.env);
  if (!existsSync(join(ROOT, 'dist/cli.js'))) throw new Failure(2, 'dist/cli.js not found', 'npm run build');
  requireSpace(settings.work, WORK_MIB, "the guest's disks", FOLDERS);
  requireSpace(settings.cache, CACHE_MIB, 'the downloads', FOLDERS);
  const work = mkdtempSync(join(settings.work, 'seccomp-bench-arm64-'));
  const interruption = new AbortController();
  const stop = () => {
    interruption.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await prove(settings, work, interruption.signal);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`test:arm64: ${error.message}\n  ${error.hint}\n`);
  process.exitCode = error.exitCode;
}
