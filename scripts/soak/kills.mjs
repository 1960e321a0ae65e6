// bench is ended by a signal at a random moment of a real run; `bench clean` must remove all that is left, and what was
// measured must still be readable.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endWithin, Place } from './bench.mjs';
import { leftOf, runIdsIn } from './left.mjs';
import { familyOf } from './processes.mjs';
import { errorFault } from '../shared/ends.mjs';
import { ENGINE_NAMES, openTargets } from './targets.mjs';

export const COLUMNS = ['engine', 'kills', 'signals', 'before, during, after measuring', 'samples kept', 'faults'];

/** SIGKILL is what nothing can be done about. */
const SIGNALS = ['SIGKILL', 'SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'];
/** Containers and a daemon's image are removed before bench ends. */
const END_LIMIT_MS = 90_000;
/** @type {readonly ('before' | 'during' | 'after')[]} */
const PHASES = ['before', 'before', 'before', 'during', 'during', 'during', 'during', 'during', 'after'];
/** From the beginning of the phase. */
const MOMENTS_MS = { before: [0, 6000], during: [0, 2500], after: [0, 1500] };
const PHASE_LIMIT_MS = 120_000;
const LOOK_MS = 20;
/** Where a run ended before its signal, another one is tried. */
const MOST_TRIES = 5;

/** @param {import('./settings.mjs').Soak} soak */
export async function kills(soak) {
  const targets = await openTargets(soak.engines ?? ENGINE_NAMES, { ...soak, what: 'kills' });
  const rows = new Map(targets.map(({ engine }) => [engine, newRow()]));
  try {
    for (let index = 0; index < soak.count && targets.length > 0 && !soak.signal.aborted; index++)
      await killOnce({ index, target: targets[index % targets.length], rows }, soak);
  } finally {
    for (const target of targets) await target.stop();
  }
  return [...rows].map(([engine, row]) => [
    engine,
    row.kills,
    Object.entries(row.signals)
      .map(([name, times]) => `${times} ${name}`)
      .join(', '),
    `${row.phases.before}, ${row.phases.during}, ${row.phases.after}`,
    row.samples,
    row.faults,
  ]);
}

const newRow = () => ({ kills: 0, signals: {}, phases: { before: 0, during: 0, after: 0 }, samples: 0, faults: 0 });

async function killOnce({ index, target, rows }, soak) {
  const command = target.commands[soak.draw(0, target.commands.length - 1)];
  const signal = SIGNALS[soak.draw(0, SIGNALS.length - 1)];
  const moment = drawnMoment(soak.draw);
  const place = new Place(join(soak.work, 'k'));
  const killed = await untilHit({ place, target, command, signal, moment });
  const title = `kill ${index}: ${signal} after ${Math.round(killed.afterMs)} ms of bench ${killed.args.join(' ')}`;
  const faults = [...killed.faults, ...(await faultsAfter({ place, target, signal, killed }))];
  const { samples, fault } = await readable(place, signal);
  faults.push(...fault);
  soak.tally.check(title, faults.length === 0, faults.join('; '));
  soak.tally.note(faults.length === 0 ? '' : `  its last words: ${killed.words}`);
  const row = rows.get(target.engine);
  row.kills += 1;
  row.signals[signal] = (row.signals[signal] ?? 0) + 1;
  row.phases[killed.phase] += 1;
  row.samples += samples;
  row.faults += faults.length;
}

/** Starts bench and sends the signal at its moment; again where the run was over before. */
async function untilHit({ place, target, command, signal, moment }) {
  const args = withEngine(command, target.args);
  for (let tries = 1; ; tries++) {
    place.clear();
    const bench = place.start(args, target.env);
    const started = performance.now();
    const over = new AbortController();
    const ended = bench.exited.then(() => {
      over.abort();
      return true;
    });
    const isOver = await Promise.race([ended, momentComes(moment, place, over.signal)]);
    if (isOver && tries < MOST_TRIES) continue;
    const afterMs = performance.now() - started;
    const runIds = runIdsIn(place);
    const family = familyOf(bench.pid);
    const phase = phaseOf(place);
    if (!isOver) process.kill(bench.pid, signal);
    const end = await endWithin(bench, END_LIMIT_MS);
    const stderr = bench.stderr();
    const words = stderr.trim().split('\n').slice(-3).join(' | ');
    const faults = endFaults({ signal, hasRun: runIds.length > 0 }, end, stderr);
    return { args, afterMs, runIds, family, phase, words, faults };
  }
}

/** Waits for the phase of a run and, from then on, for a random time. Gives false: it is not over. */
async function momentComes({ phase, ms }, place, over) {
  const begun = Date.now();
  const isAwaited = () => phase !== 'before' && phaseOf(place) !== phase && Date.now() - begun < PHASE_LIMIT_MS;
  while (!over.aborted && isAwaited()) await sleep(LOOK_MS);
  await sleep(ms, null, { signal: over }).catch(() => undefined);
  return false;
}

/** Most moments lie among the measured containers; the phases are of unknown length, so the times are generous. */
function drawnMoment(draw) {
  const phase = PHASES[draw(0, PHASES.length - 1)];
  return { phase, ms: draw(...MOMENTS_MS[phase]) };
}

/** Before the command's own arguments, which come after `--`. */
function withEngine(command, args) {
  const at = command.indexOf('--');
  return at < 0 ? [...command, ...args] : [...command.slice(0, at), ...args, ...command.slice(at)];
}

/** @returns {'before' | 'during' | 'after'} */
function phaseOf({ results }) {
  const folders = existsSync(results) ? readdirSync(results).map((name) => join(results, name)) : [];
  const hasSamples = (folder) => existsSync(join(folder, 'samples.jsonl')) && linesOf(folder).length > 1;
  if (!folders.some(hasSamples)) return 'before';
  return folders.every((folder) => existsSync(join(folder, 'SHA256SUMS'))) ? 'after' : 'during';
}

const linesOf = (folder) => readFileSync(join(folder, 'samples.jsonl'), 'utf8').split('\n');

/** A signal that can be caught must end bench in order: exit code 130 and one line. */
function endFaults({ signal, hasRun }, { status, signal: by, hung }, stderr) {
  if (hung) return [`did not end within ${END_LIMIT_MS / 1000} s`];
  if (signal === 'SIGKILL') return [];
  // Before anything was made, bench may not listen to signals yet.
  if (by === signal && !hasRun) return [];
  if (by !== null) return [`ended by ${by}`];
  // It may have been over when the signal came.
  if (status === 0) return [];
  if (status !== 130) return [`exit code ${status}`];
  if (/^stopped; the results so far are kept: .*\n$/m.test(stderr)) return stackFaults(stderr);
  const fault = errorFault(stderr);
  return fault === null ? [] : [fault];
}

const stackFaults = (stderr) => (/^ {4}at /m.test(stderr) ? ['a stack trace'] : []);

async function faultsAfter({ place, target, signal, killed: { runIds, family } }) {
  const clean = await place.run(['clean'], { env: target.env, limitMs: END_LIMIT_MS });
  const ids = [...new Set([...runIds, ...runIdsIn(place)])];
  const left = [...(await leftOf({ place, runIds: ids, family })), ...(await newlyLeft(target))];
  const removed = /^removed /m.test(clean.stdout);
  return [
    ...(clean.status === 0 ? [] : [`bench clean ended with ${clean.status}: ${clean.stderr.slice(-200)}`]),
    ...(signal !== 'SIGKILL' && removed ? [`left for bench clean: ${clean.stdout.trim()}`] : []),
    ...left.map((one) => `left: ${one}`),
  ];
}

/** What a daemon has of this run, and not of one before, whose fault it was. */
async function newlyLeft(target) {
  const left = await target.left();
  const newly = left.filter((one) => !target.known.includes(one));
  target.known.push(...newly);
  return newly;
}

/** What of the samples can be read: every line that was ended is a whole one, and bench says what the folder is. */
async function readable(place, signal) {
  let samples = 0;
  const fault = [];
  const names = existsSync(place.results) ? readdirSync(place.results) : [];
  for (const name of names) {
    const folder = join(place.results, name);
    if (!existsSync(join(folder, 'samples.jsonl'))) continue;
    const lines = linesOf(folder);
    const last = lines.pop();
    if (last !== '' && signal !== 'SIGKILL') fault.push('the last sample was cut by a signal that can be caught');
    samples += lines.length;
    const broken = lines.filter((line) => !isJson(line));
    if (broken.length > 0) fault.push(`${broken.length} broken lines in samples.jsonl`);
    fault.push(...(await reportFaults(place, folder)));
  }
  return { samples, fault };
}

/** `bench report` works, or says in one line what became of the run. */
async function reportFaults(place, folder) {
  const { status, hung, stdout, stderr } = await place.run(['report', folder]);
  if (hung) return ['bench report did not end'];
  if (/^ {4}at /m.test(stderr)) return [`bench report: a stack trace: ${stderr.slice(0, 300)}`];
  const isWhole = existsSync(join(folder, 'SHA256SUMS'));
  const says = /killed|cut|running|still|no (?:measured|complete|samples)/i.test(`${stdout}${stderr}`);
  if (status === 0) return isWhole || says ? [] : ['bench report does not say that the run was cut'];
  if (status !== 2) return [`bench report ended with ${status}: ${stderr.slice(-300)}${failuresIn(folder)}`];
  return says ? [] : [`bench report: ${stderr.slice(-300)}`];
}

/** What else than the signal ended containers. */
function failuresIn(folder) {
  const failed = linesOf(folder).filter((line) => line.includes('"state":"failed"'));
  return failed.map((line) => `\n  ${line.slice(0, 600)}`).join('');
}

function isJson(line) {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
