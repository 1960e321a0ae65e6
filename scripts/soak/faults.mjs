// Runtimes and Docker APIs that fail, hang, tell garbage or change meanwhile: every run must end by itself in one line
// and keep what it measured.
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { Place } from './bench.mjs';
import { leftOf, runIdsIn } from './left.mjs';
import { FAKE, RUNTIME_FAULTS } from './runtime-faults.mjs';
import { API_FAULTS, startTampering } from './tamper.mjs';

export const COLUMNS = ['what is faulty', 'faults', 'slowest, s', 'most MiB', 'samples kept', 'exit codes', 'failed'];

const FAKE_DAEMON = join(import.meta.dirname, '../../test/e2e/fake-daemon.ts');
/** Most of the time is spent in waiting for what never comes. */
const AT_A_TIME = 3;
/** Deadlines of one request after another. */
const LIMIT_MS = 180_000;
const MOST_MIB = 400;
const RUN = ['sequential', '--count', '3', '--warmup', '0', '--timeout', '2', '--no-report'];

/** @param {import('./settings.mjs').Soak} soak */
export async function faults(soak) {
  const all = [...RUNTIME_FAULTS, ...API_FAULTS].filter(({ name }) => name.includes(soak.only));
  const chosen = soak.count < all.length ? drawn(all, soak.count, soak.draw) : all;
  const queue = chosen.entries();
  const rows = new Map();
  const daemon = await bundledDaemon(soak.work);
  const works = Array.from({ length: AT_A_TIME }, async (_, worker) => {
    for (const [index, fault] of queue) {
      if (soak.signal.aborted) break;
      const place = new Place(join(soak.work, `f${worker}`));
      const seen = await ('lines' in fault ? onRuntime(fault, place) : onApi(fault, place, daemon));
      tell({ index, fault, seen }, soak.tally, rows);
    }
  });
  await Promise.all(works);
  return [...rows].map(([kind, row]) => [
    kind,
    row.count,
    row.seconds,
    Math.round(row.mib),
    row.samples,
    [...row.codes].sort().join(', '),
    row.failed,
  ]);
}

function drawn(all, count, draw) {
  const left = [...all];
  return Array.from({ length: count }, () => left.splice(draw(0, left.length - 1), 1)[0]);
}

/** The stand-in of the tests, which is written in TypeScript. */
async function bundledDaemon(work) {
  const outfile = join(work, 'fake-daemon.mjs');
  await build({ entryPoints: [FAKE_DAEMON], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20' });
  const { FakeDaemon } = await import(outfile);
  return FakeDaemon;
}

async function onRuntime({ lines, args }, place) {
  const runtime = join(place.folder, 'runtime.sh');
  writeFileSync(runtime, `#!/bin/sh\n${lines.replaceAll('TMP/', `${place.tmp}/`)}\nexec ${FAKE} "$@"\n`);
  chmodSync(runtime, 0o755);
  return seenOf(place, [...RUN, ...args, '--engine', 'oci', '--runtime', runtime]);
}

async function onApi(fault, place, FakeDaemon) {
  const daemon = await new FakeDaemon().listen();
  const socket = join(place.folder, 'S');
  const tampering = await startTampering(socket, daemon.socket, fault);
  const seen = await seenOf(place, [...RUN, '--engine', 'docker', '--host', `unix://${socket}`]);
  tampering.stop();
  await daemon[Symbol.asyncDispose]();
  return seen;
}

/** Runs bench, cleans, and gives what is wrong with its end, its results and what is left. */
async function seenOf(place, args) {
  const end = await place.run(args, { limitMs: LIMIT_MS });
  const runIds = runIdsIn(place);
  const kept = await resultsOf(place);
  // A daemon that does not answer keeps its workspace, as it should.
  const clean = await place.run(['clean'], { limitMs: LIMIT_MS });
  const left = (await leftOf({ place, runIds })).filter((one) => !mayStay(one, clean));
  return {
    ...end,
    samples: kept.samples,
    faults: [
      ...endFaults(end),
      ...kept.faults,
      ...(clean.hung ? ['bench clean did not end'] : traceOf(clean.stderr, 'bench clean')),
      ...left.map((one) => `left: ${one}`),
    ],
  };
}

/** bench clean names the workspace that it could not remove. */
const mayStay = (one, { stdout, stderr }) =>
  one.startsWith('folder ') && `${stdout}${stderr}`.includes(one.slice('folder '.length));

function endFaults({ status, signal, hung, usage, stdout, stderr }) {
  if (hung) return [`did not end within ${LIMIT_MS / 1000} s`];
  if (signal !== null) return [`ended by ${signal}`];
  const errors = stderr.split('\n').filter((line) => line.startsWith('bench: '));
  return [
    ...([0, 1, 2].includes(status) ? [] : [`exit code ${status}: ${stderr.slice(-300)}`]),
    ...traceOf(`${stdout}\n${stderr}`, 'bench'),
    // The second says what could not be removed.
    ...(errors.length > 2 ? [`${errors.length} lines of an error: ${errors.join(' | ').slice(0, 600)}`] : []),
    ...(status === 2 && errors.length === 0 ? [`no line of an error: ${stderr.slice(-300)}`] : []),
    ...(hasControls(`${stdout}${stderr}`) ? ['control characters in its words'] : []),
    ...(stderr.length > 60_000 ? [`${stderr.length} characters of errors`] : []),
    ...(usage !== null && usage.mib > MOST_MIB ? [`${Math.round(usage.mib)} MiB`] : []),
  ];
}

const traceOf = (text, who) =>
  /^ {4}at |TypeError|RangeError|ERR_[A-Z]/m.test(text)
    ? [`${who}: a stack trace or an inner error: ${text.slice(-500)}`]
    : [];

/** Sequences for a terminal, other controls than line ends and tabs, and marks that turn the direction of text. */
const hasControls = (text) => /[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e]/.test(text);

async function resultsOf(place) {
  const faults = [];
  let samples = 0;
  for (const name of existsSync(place.results) ? readdirSync(place.results) : []) {
    const folder = join(place.results, name);
    const file = join(folder, 'samples.jsonl');
    // A fault may have removed it.
    if (!existsSync(file) || existsSync(`${file}.old`)) continue;
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    samples += lines.length;
    if (!existsSync(join(folder, 'SHA256SUMS'))) faults.push('the results have no SHA256SUMS');
    const report = await place.run(['report', folder, '--json', '--quiet']);
    if (report.status !== 0) faults.push(`bench report ended with ${report.status}: ${report.stderr.slice(-300)}`);
  }
  return { faults, samples };
}

function tell({ index, fault, seen }, tally, rows) {
  const seconds = Math.round(seen.ms / 1000);
  const title = `fault ${index}: ${fault.name} (${seconds} s, exit code ${seen.status})`;
  tally.check(title, seen.faults.length === 0, seen.faults.join('; '));
  tally.note(
    seen.faults.length === 0 ? '' : `  its last words: ${seen.stderr.trim().split('\n').slice(-3).join(' | ')}`,
  );
  const row = rows.get(fault.kind) ?? { count: 0, seconds: 0, mib: 0, samples: 0, codes: new Set(), failed: 0 };
  rows.set(fault.kind, {
    count: row.count + 1,
    seconds: Math.max(row.seconds, seconds),
    mib: Math.max(row.mib, seen.usage?.mib ?? 0),
    samples: row.samples + seen.samples,
    codes: row.codes.add(seen.status ?? seen.signal),
    failed: row.failed + Number(seen.faults.length > 0),
  });
}
