// npm run calibrate [-- --simulations N --seed TEXT --workers N --only TEXT]: simulates what the statistics promise and
// counts how often it holds.
// Deterministic: the same seed gives the same table on every machine, however many workers there are. Exit code 1 where
// a promise is missed.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { CELLS } from './cells.mjs';
import { judge } from './judge.mjs';
import { tableOf } from './table.mjs';

const { values } = parseArgs({
  options: {
    simulations: { type: 'string', default: '4000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    only: { type: 'string', default: '' },
  },
});
const simulations = whole('simulations', values.simulations);
const workers = whole('workers', values.workers);
const cells = CELLS.filter(({ id }) => id.includes(values.only));
if (cells.length === 0) fail(`--only: no cell's name contains "${values.only}"; cells are named like "${CELLS[0].id}"`);

const started = performance.now();
const results = new Map();
const waiting = cells.map(({ id }) => id);
await Promise.all(Array.from({ length: Math.min(workers, cells.length) }, work));

process.stdout.write(`${tableOf(cells, results)}\n`);
const missed = cells.filter((cell) => !judge(cell, results.get(cell.id)).met);
process.stdout.write(
  `\n${cells.length} cells of ${simulations} simulations, seed ${values.seed}: ${missed.length} missed\n`,
);
process.stderr.write(`took ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
process.exitCode = missed.length === 0 ? 0 : 1;

function whole(name, text) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) fail(`--${name}: expected a whole number of at least 1, got "${text}"`);
  return value;
}

function fail(message) {
  process.stderr.write(`calibrate: ${message}\n`);
  process.exit(2);
}

/** One worker, fed with cells until none is left. */
function work() {
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), {
    workerData: { seed: values.seed, simulations },
  });
  return new Promise((resolve, reject) => {
    const feed = () => {
      const id = waiting.shift();
      if (id !== undefined) worker.postMessage(id);
      else worker.terminate().then(resolve, reject);
    };
    worker.on('error', reject);
    worker.on('message', (result) => {
      results.set(result.id, result);
      process.stderr.write(`${results.size}/${cells.length} ${result.id}\n`);
      feed();
    });
    feed();
  });
}
