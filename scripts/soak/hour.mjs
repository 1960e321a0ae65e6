// A long run that is killed over and over, with bench clean and bench resume in between. It must end with the full
// count and a report that can be read.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../shared/failure.mjs';
import { endWithin, Place } from './bench.mjs';
import { leftOf, runIdsIn } from './left.mjs';
import { familyOf } from './processes.mjs';
import { openTargets } from './targets.mjs';

export const COLUMNS = ['minute', 'kills', 'found and removed by bench clean', 'samples', 'resumed', 'faults'];

const ARMS = 3;
const PILOT_BLOCKS = 10;
/** Of the time between two kills, what is left for measuring: a run also starts, proves its arms and is cleaned. */
const MEASURED_SHARE = 0.6;
const ROW_MINUTES = 10;
/** After the last kill the run may go on to its end. */
const LAST_LIMIT_MS = 4 * 3_600_000;
const CLEAN_LIMIT_MS = 120_000;
const MOST_REFUSALS = 3;

/** @param {import('./settings.mjs').Soak} soak */
export async function hour(soak) {
  const [target] = await openTargets(soak.engines?.slice(0, 1) ?? ['runc'], { ...soak, what: 'the long run' });
  if (target === undefined) return [];
  try {
    const place = new Place(join(soak.work, 'h'));
    const blocks = await blocksFor({ place, target }, soak);
    place.clear();
    soak.say(`${blocks} blocks of ${ARMS} containers on ${target.engine}, killed every ${soak.everySeconds} s`);
    const run = new LongRun(place, target, blocks, soak);
    await run.toItsEnd();
    await run.judge();
    return run.rows;
  } finally {
    await target.stop();
  }
}

/** As many blocks as fit into the minutes, by the pace of a short run. */
async function blocksFor({ place, target }, { minutes, seed }) {
  const args = ['sequential', '--blocks', String(PILOT_BLOCKS), '--warmup', '1', '--no-report', '--seed', String(seed)];
  const { status, stderr } = await place.run([...args, ...target.args], { env: target.env, limitMs: 600_000 });
  if (status !== 0) throw new Failure(1, `a run of ${PILOT_BLOCKS} blocks failed: ${stderr.slice(-300)}`, 'See above.');
  const samples = wholeSamples(place).filter(({ kind, warmup }) => kind === 'container' && !warmup);
  const secondsPerBlock = (samples.at(-1).startNs - samples[0].startNs) / 1e9 / (PILOT_BLOCKS - 1);
  return Math.max(20, Math.round((minutes * 60 * MEASURED_SHARE) / secondsPerBlock));
}

class LongRun {
  rows = [];
  #place;
  #target;
  #blocks;
  #soak;
  #started = performance.now();
  #kills = 0;
  #removed = 0;
  #faults = 0;
  #samples = 0;
  /** Of the last resumptions, how many were refused one after another. */
  #refusals = 0;

  constructor(place, target, blocks, soak) {
    this.#place = place;
    this.#target = target;
    this.#blocks = blocks;
    this.#soak = soak;
  }

  get #minute() {
    return (performance.now() - this.#started) / 60_000;
  }

  async toItsEnd() {
    while (!this.#soak.signal.aborted && this.#refusals < MOST_REFUSALS) {
      const bench = this.#place.start(this.#command(), this.#target.env);
      const isLast = this.#minute >= this.#soak.minutes;
      const limit = isLast ? LAST_LIMIT_MS : this.#soak.everySeconds * 1000;
      const waiting = new AbortController();
      const time = sleep(limit, null, { signal: waiting.signal }).catch(() => null);
      const ended = await Promise.race([bench.exited, time]);
      waiting.abort();
      if (ended === null) await this.#kill(bench);
      else if (ended.status === 0) break;
      else this.#refused(bench, ended);
    }
    this.#tell();
  }

  #command() {
    const folder = this.#folder();
    if (folder !== null) return ['resume', folder, '--no-report'];
    const seed = String(this.#soak.seed);
    const rest = ['--warmup', '1', '--no-report', '--seed', seed, ...this.#target.args];
    return ['sequential', '--blocks', String(this.#blocks), ...rest];
  }

  /** The results folder, once samples can be in it; a run that was killed before left nothing to resume. */
  #folder() {
    const { results } = this.#place;
    const folders = existsSync(results) ? readdirSync(results).map((name) => join(results, name)) : [];
    return folders.find((folder) => existsSync(join(folder, 'evidence.json'))) ?? null;
  }

  async #kill(bench) {
    const runIds = runIdsIn(this.#place);
    const family = familyOf(bench.pid);
    process.kill(bench.pid, 'SIGKILL');
    await endWithin(bench, CLEAN_LIMIT_MS);
    this.#kills += 1;
    this.#refusals = 0;
    const clean = await this.#place.run(['clean'], { env: this.#target.env, limitMs: CLEAN_LIMIT_MS });
    if (/^removed /m.test(clean.stdout)) this.#removed += 1;
    const left = [...(await leftOf({ place: this.#place, runIds, family })), ...(await this.#target.left())];
    const { lines, broken } = samplesIn(this.#place);
    const faults = [
      ...(clean.status === 0 ? [] : [`bench clean ended with ${clean.status}: ${clean.stderr.slice(-200)}`]),
      ...left.map((one) => `left: ${one}`),
      ...(broken > 0 ? [`${broken} broken lines`] : []),
      ...(lines < this.#samples ? [`${lines} samples after ${this.#samples}`] : []),
    ];
    this.#samples = lines;
    this.#faults += faults.length;
    const words = `${lines} samples${faults.length === 0 ? '' : `; ${faults.join('; ')}`}`;
    this.#soak.tally.check(`kill ${this.#kills}, minute ${Math.round(this.#minute)}`, faults.length === 0, words);
    if (this.#minute >= (this.rows.length + 1) * ROW_MINUTES) this.#tell();
  }

  #refused(bench, { status, signal }) {
    this.#refusals += 1;
    this.#faults += 1;
    this.#soak.tally.check('the run goes on', false, `${status ?? signal}: ${bench.stderr().slice(-400)}`);
  }

  #tell() {
    const { resumed } = samplesIn(this.#place);
    this.rows.push([
      Math.round(this.#minute),
      this.#kills,
      `${this.#removed} times`,
      samplesIn(this.#place).lines,
      resumed,
      this.#faults,
    ]);
  }

  async judge() {
    const { tally } = this.#soak;
    const counted = new Set(
      wholeSamples(this.#place).flatMap(({ kind, warmup, state, block, arm }) =>
        kind === 'container' && !warmup && state === 'ok' ? [`${block} ${arm}`] : [],
      ),
    );
    const wanted = this.#blocks * ARMS;
    tally.check('every container of the schedule is ok', counted.size === wanted, `${counted.size} of ${wanted}`);
    const folder = this.#folder();
    if (folder === null) return;
    const report = await this.#place.run(['report', folder, '--quiet'], { limitMs: 600_000 });
    tally.check('its report can be made', report.status === 0, report.stderr.slice(-300));
    const words = [report.stdout, report.stderr, ...summariesIn(join(this.#place.folder, 'reports'))].join('\n');
    tally.check('the report says that the run was resumed', this.#kills === 0 || /resumed/i.test(words));
    tally.note(report.stdout.split('\n').slice(0, 25).join('\n'));
    const left = await leftOf({ place: this.#place, runIds: runIdsIn(this.#place) });
    tally.check('nothing is left', left.length === 0, left.join('; '));
  }
}

const summariesIn = (reports) =>
  existsSync(reports)
    ? readdirSync(reports)
        .filter((one) => one !== 'index.html')
        .map((name) => readFileSync(join(reports, name, 'summary.md'), 'utf8'))
    : [];

function samplesIn(place) {
  const [text, breaks] = ['samples.jsonl', 'breaks.jsonl'].map((name) => textIn(place, name));
  const lines = text.split('\n').slice(0, -1);
  return {
    lines: lines.length,
    broken: lines.filter((line) => parsed(line) === null).length,
    resumed: breaks.split('\n').filter((line) => parsed(line)?.kind === 'resumed').length,
  };
}

const wholeSamples = (place) =>
  textIn(place, 'samples.jsonl')
    .split('\n')
    .flatMap((line) => parsed(line) ?? []);

/** A file of the results; of several folders, the one that could be resumed. */
function textIn({ results }, name) {
  const folders = existsSync(results) ? readdirSync(results).map((one) => join(results, one)) : [];
  const folder = folders.find((one) => existsSync(join(one, 'evidence.json')));
  const file = join(folder ?? '', name);
  return folder !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
