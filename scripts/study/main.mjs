// The study of today's runtimes, on one machine: npm run study -- [--short] [--root DIR] [--work DIR] [--out DIR]
// Makes a Debian sid (or takes the one at --root), unpacks runtimes and libraries of other suites next to it, and runs
// bench in it. Results go to results/study-2026-*, reports to reports/study-2026*, and docs/studies/runtimes-2026.md
// gets their table; --short shows that it works, with 3 blocks a run and all of it in --out.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os, { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { enter } from '../distro/enter.mjs';
import { makeRoot } from '../distro/root.mjs';
import { ROOT } from '../distro/settings.mjs';
import { Failure } from '../shared/failure.mjs';
import { call } from '../shared/tools.mjs';
import { unpackPackages } from './packages.mjs';
import { STUDY, studyRuns } from './runs.mjs';
import { pageWithTable } from './table.mjs';

const PAGE = 'docs/studies/runtimes-2026.md';
const write = (text) => {
  process.stdout.write(text);
};

function readSettings(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      short: { type: 'boolean' },
      root: { type: 'string' },
      work: { type: 'string' },
      out: { type: 'string' },
    },
  });
  const short = values.short === true;
  if (short !== (values.out !== undefined))
    throw new Failure(2, '--short and --out belong together', 'For example npm run study -- --short --out /tmp/study.');
  return {
    short,
    root: values.root === undefined ? null : resolve(values.root),
    work: resolve(values.work ?? tmpdir()),
    to: values.out === undefined ? ROOT : resolve(values.out),
  };
}

/** Each run in the Debian, one after the other. */
async function runAll(runs, { root, out, opt, work }, signal) {
  for (const run of runs) {
    const started = Date.now();
    const file = `/out/${run.name}.json`;
    if (run.scenario !== undefined) writeFileSync(join(out, `${run.name}.json`), JSON.stringify(run.scenario, null, 2));
    const args = run.args.map((word) => (word === '{scenario}' ? file : word));
    write(`\nbench ${args.join(' ')}\n`);
    const command = [
      'node',
      'dist/cli.js',
      ...args,
      '--results',
      `/out/results/${run.name}`,
      '-o',
      '/out/reports',
      '-q',
    ];
    const status = await enter({ root, out, opt, scratch: join(work, 'scratch') }, command, signal);
    if (signal.aborted) throw new Failure(130, 'stopped by the user', 'What was made is removed.');
    if (status !== 0) throw new Failure(1, `${run.name}: exit code ${status}`, 'Its words are above.');
    write(`${((Date.now() - started) / 1000).toFixed(0)} s\n`);
  }
}

/** The folders under names that stay, in place of those of the last time. */
function keep(runs, out, to) {
  const results = runs.map(({ name }) => {
    const kept = join(to, 'results', `${STUDY}-${name}`);
    const [made = ''] = readdirSync(join(out, 'results', name));
    rmSync(kept, { recursive: true, force: true });
    mkdirSync(join(to, 'results'), { recursive: true });
    cpSync(join(out, 'results', name, made), kept, { recursive: true });
    return kept;
  });
  // Starts fit in one report; calls that were priced have one each.
  const ofStarts = results.filter((_, index) => !runs[index].calls);
  const reports = [
    { name: STUDY, of: ofStarts },
    ...runs.flatMap(({ name, calls }, index) => (calls ? [{ name: `${STUDY}-${name}`, of: [results[index]] }] : [])),
  ];
  for (const { name, of } of reports) {
    rmSync(join(to, 'reports', name), { recursive: true, force: true });
    call(process.execPath, ['dist/cli.js', 'report', ...of, '-o', join(to, 'reports'), '--name', name, '-q'], {
      cwd: ROOT,
    });
  }
  const folders = reports.map(({ name }) => join(to, 'reports', name));
  folders.forEach(dropPictures);
  return folders;
}

/** Pictures of every run would be most of a report's size, and its page draws them itself. */
function dropPictures(folder) {
  const kept = ['overview.png', 'percall.png'];
  for (const name of readdirSync(folder).filter((one) => /\.(?:png|svg)$/.test(one) && !kept.includes(one)))
    rmSync(join(folder, name));
}

function writeTables(to, reports) {
  const page = join(to, PAGE);
  const summaries = reports.map((folder) => JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')));
  mkdirSync(dirname(page), { recursive: true });
  writeFileSync(page, pageWithTable(readFileSync(join(ROOT, PAGE), 'utf8'), summaries));
}

async function main() {
  const settings = readSettings(process.argv.slice(2));
  if (os.userInfo().uid !== 0) throw new Failure(2, 'needs root', 'sudo npm run study');
  if (!existsSync(join(ROOT, 'dist/cli.js'))) throw new Failure(2, 'dist/cli.js not found', 'npm run build');
  const work = mkdtempSync(join(settings.work, 'bench-study-'));
  const interruption = new AbortController();
  const stop = () => {
    interruption.abort();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const root = settings.root ?? join(work, 'root');
    const [out, opt] = [join(work, 'out'), join(work, 'opt')];
    mkdirSync(out);
    mkdirSync(opt);
    makeRoot('sid', root, { short: true }, () => undefined);
    const runs = studyRuns(settings, opt, unpackPackages(work, opt));
    await runAll(runs, { root, out, opt, work }, interruption.signal);
    writeTables(settings.to, keep(runs, out, settings.to));
    return 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`study: ${error.message}\n  ${error.hint}\n`);
  process.exitCode = error.exitCode;
}
