// node calibrate/history.mjs [--count N] [--seed TEXT] [--only TEXT]: how often bench history finds changes that are
// none, and how soon it finds those there are. Prints the tables of docs/history.md. The same seed gives the same
// tables on every machine. Exit code 1 where a false alarm is more frequent than promised.
import { parseArgs } from 'node:util';
import { CHANGE_POINTS, changePoints } from '#built/history/change-points.js';
import { stepBetween } from '#built/statistics/runs/step.js';
import { estimateOf, MARGIN } from './estimates.mjs';
import { randomFrom } from './random.mjs';
import { recordedLogs, recordingNames } from './recordings.mjs';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});
const count = Number(values.count);
if (!Number.isInteger(count) || count < 1) {
  process.stderr.write(`--count: expected a whole number of at least 1, got "${values.count}"\n`);
  process.exit(2);
}

/** Scatter of the runs' log ratios. */
const SCATTER = 0.005;
/** Series without a change; `promised`: values are exchangeable, as the test requires. */
const NOISES = {
  normal: { promised: true, series: (random) => () => random.normal() },
  'skewed (an exponential tail)': { promised: true, series: (random) => () => random.exponential() },
  'one run of ten far off': {
    promised: true,
    series: (random) => () => random.normal() + (random.uniform() < 0.1 ? 6 : 0),
  },
  'loud and quiet runs': { promised: true, series: (random) => () => Math.exp(random.normal()) * random.normal() },
  'neighbours alike (correlation 0.3)': { promised: false, series: (random) => neighbours(random, 0.3) },
  'neighbours alike (correlation 0.6)': { promised: false, series: (random) => neighbours(random, 0.6) },
};

function neighbours(random, correlation) {
  let value = random.normal();
  return () => (value = correlation * value + Math.sqrt(1 - correlation ** 2) * random.normal());
}

const LENGTHS = [10, 20, 50];
const percent = (share) => `${(100 * share).toFixed(1)}`;
const take = (next, length) => Array.from({ length }, () => SCATTER * next());
const isFound = (series) => changePoints(series).length > 0;

/** So many of `count` come less than once in 2,000 times where the rate is `share` (normal approximation). */
const mostOf = (share, of) => share * of + 3.3 * Math.sqrt(share * (1 - share) * of) + 1;

let missed = 0;
const print = (lines) => process.stdout.write(`${lines.join('\n')}\n\n`);

function perLook() {
  const rows = Object.entries(NOISES).map(([name, { promised, series }]) => {
    const shares = LENGTHS.map((length) => {
      let alarms = 0;
      for (let i = 0; i < count; i += 1) {
        const random = randomFrom(`${values.seed} look ${name} ${length} ${i}`);
        if (isFound(take(series(random), length))) alarms += 1;
      }
      if (promised && alarms > mostOf(CHANGE_POINTS.significance, count)) missed += 1;
      return percent(alarms / count);
    });
    return `| ${name} | ${shares.join(' | ')} | ${promised ? percent(CHANGE_POINTS.significance) : 'none'} |`;
  });
  print([
    `| runs, no change: alarms in % of ${count} series | ${LENGTHS.map((length) => `${length} runs`).join(' | ')} | \
promised |`,
    `|---|${LENGTHS.map(() => '---|').join('')}---|`,
    ...rows,
  ]);
}

/** Consecutive stretches of real runs with equal arms, each as one run of a history. */
function recorded() {
  const [blocks, length] = [30, 20];
  const rows = recordingNames().flatMap((recording) =>
    ['cpu', 'wall'].map((metric) => {
      const logs = recordedLogs(recording, metric);
      const ratios = [];
      for (let from = 0; from + blocks <= logs[0].length; from += blocks)
        ratios.push(
          estimateOf(
            logs.map((arm) => arm.slice(from, from + blocks)),
            { margin: MARGIN },
          ).logRatio,
        );
      let [alarms, looks] = [0, 0];
      for (let from = 0; from + length <= ratios.length; from += length / 2) {
        looks += 1;
        if (isFound(ratios.slice(from, from + length))) alarms += 1;
      }
      return `| ${recording}, ${metric} | ${ratios.length} | ${looks} | ${alarms} |`;
    }),
  );
  print([
    `| recording of equal arms | runs of ${blocks} blocks | windows of ${length} runs | alarms |`,
    '|---|---|---|---|',
    ...rows,
  ]);
}

/** Checked after every run from the tenth on: does it ever raise an alarm, does its gate ever fail? */
function watched() {
  const [first, last, recent] = [10, 100, 10];
  const histories = Math.max(1, Math.round(count / 5));
  const limits = [0, 0.01];
  const rows = ['normal', 'loud and quiet runs', 'neighbours alike (correlation 0.3)'].map((name) => {
    let ever = 0;
    const fails = limits.map(() => 0);
    for (let i = 0; i < histories; i += 1) {
      const all = take(NOISES[name].series(randomFrom(`${values.seed} watched ${name} ${i}`)), last);
      let alarm = false;
      const failed = limits.map(() => false);
      for (let length = first; length <= last; length += 1) {
        const found = changePoints(all.slice(0, length));
        if (found.length === 0) continue;
        alarm = true;
        limits.forEach((limit, index) => {
          failed[index] ||= isFailing(all.slice(0, length), found, { limit, recent });
        });
      }
      if (alarm) ever += 1;
      failed.forEach((one, index) => (fails[index] += one ? 1 : 0));
    }
    return `| ${name} | ${percent(ever / histories)} | ${fails.map((one) => percent(one / histories)).join(' | ')} |`;
  });
  print([
    `| no change, looked at after each of ${last} runs: % of ${histories} histories | ever a change | the gate ever \
fails at 0 % | at 1 % (twice the scatter) |`,
    '|---|---|---|---|',
    ...rows,
  ]);
}

/** As src/history/check.ts decides. */
function isFailing(series, found, { limit, recent }) {
  const starts = [0, ...found.map(({ at }) => at)];
  const levels = starts.map((start, index) => series.slice(start, starts[index + 1]));
  const isSlower = (from, to) => (stepBetween(levels, from, to)?.low ?? -1) > Math.log1p(limit);
  return found.some(
    ({ at }, index) => at >= series.length - recent && isSlower(index, index + 1) && isSlower(index, levels.length - 1),
  );
}

/** A change after 30 runs: found within so many runs, at most one run beside its place? And its interval? */
function power() {
  const [before, afters, steps] = [30, [3, 5, 10, 20], [1, 2, 3, 5]];
  const rows = steps.map((step) => {
    const cells = afters.map((after) => {
      let [hits, held, exact] = [0, 0, 0];
      for (let i = 0; i < count; i += 1) {
        const random = randomFrom(`${values.seed} power ${step} ${after} ${i}`);
        const series = take(() => random.normal(), before + after);
        for (let index = before; index < series.length; index += 1) series[index] += step * SCATTER;
        const found = changePoints(series);
        const near = found.findIndex(({ at }) => Math.abs(at - before) <= 1);
        if (near < 0) continue;
        hits += 1;
        if (found[near].at === before) exact += 1;
        const starts = [0, ...found.map(({ at }) => at)];
        const levels = starts.map((start, index) => series.slice(start, starts[index + 1]));
        const between = stepBetween(levels, near, near + 1);
        if (between !== null && between.low <= step * SCATTER && step * SCATTER <= between.high) held += 1;
      }
      const of = (some) => (hits === 0 ? '-' : (100 * (some / hits)).toFixed(0));
      return `${(100 * (hits / count)).toFixed(0)} (${of(exact)}; ${of(held)})`;
    });
    return `| ${step} | ${cells.join(' | ')} |`;
  });
  print([
    `| change after ${before} runs, in scatters of the runs: found in % (of those: at its place; interval holds it) | \
${afters.map((after) => `after ${after} runs`).join(' | ')} |`,
    `|---|${afters.map(() => '---|').join('')}`,
    ...rows,
  ]);
}

const TABLES = { perLook, recorded, watched, power };
for (const [name, table] of Object.entries(TABLES)) if (name.includes(values.only)) table();
process.stdout.write(`${count} series, seed ${values.seed}: ${missed} missed\n`);
process.exitCode = missed === 0 ? 0 : 1;
