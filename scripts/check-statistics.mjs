// node scripts/check-statistics.mjs [DIR]: compares the estimates (of dist/: build first) with an independent
// implementation, on recorded noise.
// DIR holds reference.mjs and the recordings (block,arm,position,wall_ms,cpu_ms,...; arm 0 before, 1 control, 2 after).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { estimateEffect } from '#built/statistics/paired/estimate.js';

const DIR = resolve(process.argv[2] ?? join(import.meta.dirname, '../../shared/reference/statistics'));
/** The reference's t quantile is good to 1e-9, and ours about as good. */
const TOLERANCE = 1e-8;
const MARGIN = 0.01;
/** From few blocks (Hodges-Lehmann) to whole recordings. */
const LENGTHS = [6, 12, 29, 30, 100, 500, 1500, 6000];

if (!existsSync(join(DIR, 'reference.mjs'))) {
  print('skipped: no reference.mjs in the folder given (or ../shared/reference/statistics)');
} else {
  process.exitCode = await compareAll();
}

async function compareAll() {
  const reference = await import(pathToFileURL(join(DIR, 'reference.mjs')).href);
  // The reference knows a single cut of 20 %.
  const estimateSingleCut = (logs, strictness) => estimateEffect(logs, { ...strictness, trims: [20] });
  let worst = 0;
  let compared = 0;
  let dependent = 0;
  /** @type {string[]} */
  const wrong = [];
  for (const { name, logs } of recordings()) {
    for (const length of LENGTHS.filter((n) => n <= logs[0].length)) {
      for (const from of length < 1000 ? [0, Math.floor((logs[0].length - length) / 2)] : [0]) {
        for (const [contrast, ours, theirs] of contrasts(
          estimateSingleCut,
          reference,
          logs.map((series) => series.slice(from, from + length)),
        )) {
          const where = `${name}, ${contrast}, blocks ${from} to ${from + length - 1}`;
          if (ours.dependent) {
            dependent++; // estimated from means of 5 blocks, which the reference does not do
            continue;
          }
          for (const [field, expected] of Object.entries(theirs)) {
            const error = difference(ours[field], expected);
            compared++;
            worst = Math.max(worst, error);
            if (!(error <= TOLERANCE)) wrong.push(`${where}: ${field}: expected ${expected}, got ${ours[field]}`);
          }
        }
      }
    }
  }
  for (const line of wrong) print(line);
  print(
    `${compared} values compared, ${wrong.length} beyond ${TOLERANCE}, largest difference ${worst.toExponential(1)}; ` +
      `${dependent} estimates of dependent blocks left out`,
  );
  return wrong.length === 0 && compared > 0 ? 0 : 1;
}

/** Absolute: log ratios and p values are below 1, and truth values count as 0 or 1. */
function difference(ours, expected) {
  return ours === expected ? 0 : Math.abs(Number(ours) - Number(expected));
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

/** @param {readonly Float64Array[]} series */
function* contrasts(estimateEffect, reference, series) {
  const [before, control, after] = series;
  const paired = (arm, baseline) => arm.map((value, i) => value - baseline[i]);
  if (before.length < 30) {
    yield [
      'after/before',
      estimateEffect({ arm: after, baseline: before, control }, { margin: MARGIN }),
      small(reference, paired(after, before)),
    ];
    yield [
      'control/before',
      estimateEffect({ arm: control, baseline: before, control: null }, { margin: MARGIN }),
      small(reference, paired(control, before)),
    ];
  } else {
    yield [
      'after/both',
      estimateEffect({ arm: after, baseline: before, control }, { margin: MARGIN }),
      large(reference, reference.both(after, before, control)),
    ];
    yield [
      'control/before',
      estimateEffect({ arm: control, baseline: before, control: null }, { margin: MARGIN }),
      large(reference, reference.one(paired(control, before))),
    ];
  }
}

function small(reference, differences) {
  const { t, lo, hi } = reference.hodgesLehmann(differences);
  return { logRatio: t, low: lo, high: hi };
}

function large(reference, location) {
  const { t, se, df } = location;
  const half = reference.tQuantile(0.95, df) * se;
  const { p, equivalent } = reference.report(location, { margin: MARGIN });
  return { logRatio: t, standardError: se, degreesOfFreedom: df, low: t - half, high: t + half, p, equivalent };
}

/** Each recording twice, by metric: natural logarithms per arm, in block order. */
function* recordings() {
  for (const file of readdirSync(DIR)
    .filter((name) => name.endsWith('.csv'))
    .sort()) {
    const rows = readFileSync(join(DIR, file), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').map(Number));
    for (const [metric, column] of [
      ['wall', 3],
      ['cpu', 4],
    ]) {
      const logs = [0, 1, 2].map((arm) =>
        Float64Array.from(
          rows.filter((row) => row[1] === arm).sort((a, b) => a[0] - b[0]),
          (row) => Math.log(row[column]),
        ),
      );
      yield { name: `${file} ${metric}`, logs };
    }
  }
}
