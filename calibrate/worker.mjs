// One worker of the calibration: takes the name of a cell and answers how often it hit.
import { parentPort, workerData } from 'node:worker_threads';
import { CELLS } from './cells.mjs';
import { present } from './estimates.mjs';
import { KINDS } from './kinds.mjs';
import { randomFrom } from './random.mjs';

const port = present(parentPort);
port.on('message', (id) => {
  const cell = present(CELLS.find((one) => one.id === id));
  const once = KINDS[cell.kind](cell, randomFrom(`${workerData.seed} ${id}`));
  let hits = 0;
  let blocks = 0;
  for (let i = 0; i < workerData.simulations; i += 1) {
    const outcome = once();
    hits += Number(outcome.hit);
    blocks += outcome.blocks ?? 0;
  }
  port.postMessage({
    id,
    hits,
    simulations: workerData.simulations,
    meanBlocks: blocks / workerData.simulations,
  });
});
