// Our own recordings of equal arms: block by block the CPU and wall microseconds of three starts (see
// recordings/README.md).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const FOLDER = join(import.meta.dirname, '../recordings');
const COLUMNS = { cpu: [1, 2, 3], wall: [4, 5, 6] };

export const recordingNames = () =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.csv.gz') && !name.startsWith('duet-'))
    .map((name) => name.replace('.csv.gz', ''))
    .sort();

const cache = new Map();

/** The lines of a recording below its head, as numbers. */
export const recordedRows = (/** @type {string} */ name) =>
  gunzipSync(readFileSync(join(FOLDER, `${name}.csv.gz`)))
    .toString('latin1')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number));

/** Log times of one metric: three series in run order. */
export function recordedLogs(name, metric) {
  const key = `${name} ${metric}`;
  if (!cache.has(key)) {
    const rows = recordedRows(name);
    cache.set(
      key,
      COLUMNS[metric].map((column) => Float64Array.from(rows, (row) => Math.log(row[column]))),
    );
  }
  return cache.get(key);
}

/**
 * A source of whole blocks drawn with replacement, whose arms change places at random, so that they are equal whatever
 * the recording says.
 */
export function resampledSource(logs, random, shift = 0) {
  return (values) => {
    const block = random.below(logs[0].length);
    const first = random.below(3);
    const turn = random.below(2) + 1;
    for (let arm = 0; arm < 3; arm += 1) values[arm] = logs[(first + arm * turn) % 3][block] + (arm === 2 ? shift : 0);
  };
}
