// Duet blocks: log ratios within pairs, simulated or drawn from a recording, and the program's estimate of them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { estimateEffect } from '#built/statistics/paired/estimate.js';
import { MARGIN, present } from './estimates.mjs';
import { blockSource } from './noises.mjs';
import { recordedRows } from './recordings.mjs';

const FOLDER = join(import.meta.dirname, '../recordings');
const PREFIX = 'duet-';

/** Recordings of equal arms in duet blocks, without what all their names begin with. */
export const duetRecordingNames = () =>
  readdirSync(FOLDER)
    .filter((name) => name.startsWith(PREFIX) && name.endsWith('.csv.gz'))
    .map((name) => name.replace(PREFIX, '').replace('.csv.gz', ''))
    .sort();

/** Columns of arm to baseline, arm to control and control to baseline; log ratios in millionths. */
const COLUMNS = { cpu: [1, 2, 3], wall: [4, 5, 6] };
const cache = new Map();

/** Log ratios of one metric, block by block: arm to baseline, arm to control, control to baseline. */
function recordedRatios(name, metric) {
  const key = `${name} ${metric}`;
  if (!cache.has(key)) {
    const rows = recordedRows(`${PREFIX}${name}`);
    cache.set(
      key,
      COLUMNS[metric].map((column) => Float64Array.from(rows, (row) => row[column] / 1e6)),
    );
  }
  return cache.get(key);
}

/**
 * Blocks drawn with replacement. Both ratios of the arm change their sign together at random, so that the arms are
 * equal whatever the recording says, and what the two have in common stays; then the arm is shifted.
 */
export function drawnBlocks(name, metric, random, shift = 0) {
  const [toBaseline, toControl] = recordedRatios(name, metric);
  return (blocks) => {
    const own = new Float64Array(blocks);
    const other = new Float64Array(blocks);
    for (let block = 0; block < blocks; block += 1) {
      const place = random.below(toBaseline.length);
      const sign = random.uniform() < 0.5 ? -1 : 1;
      own[block] = sign * toBaseline[place] + shift;
      other[block] = sign * toControl[place] + shift;
    }
    return { toBaseline: own, toControl: other };
  };
}

/** One core is slower than the other by that much, as seen between two virtual processors. */
const CORES_DIFFER = 0.014;

/**
 * Simulated blocks: each pair has a level of its own; one core is slower, and the arm is on it in one of its two pairs,
 * drawn.
 */
export function simulatedBlocks(noise, random, shift = 0) {
  const source = blockSource(noise, random, { shift });
  const values = new Float64Array(3);
  const ratio = () => {
    source(values);
    return values[2] - values[0];
  };
  return (blocks) => {
    const own = new Float64Array(blocks);
    const other = new Float64Array(blocks);
    for (let block = 0; block < blocks; block += 1) {
      const core = random.uniform() < 0.5 ? -CORES_DIFFER : CORES_DIFFER;
      own[block] = ratio() + core;
      other[block] = ratio() - core;
    }
    return { toBaseline: own, toControl: other };
  };
}

/** @param {import('#built/statistics/paired/estimate.js').PairedRatios} ratios */
export const duetEstimate = (ratios) => present(estimateEffect(ratios, { margin: MARGIN }));
