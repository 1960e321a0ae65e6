// node calibrate/cuts.mjs [--simulations 4000]: one trimmed mean of 20 % and the mean of seven (5 to 35 %), which
// bench uses: coverage of the 95 % interval and its mean half width, on the noises whose shape differs between arms and
// on the recordings.
import { parseArgs } from 'node:util';
import { TRIMS } from '#built/statistics/paired/trimmed.js';
import { estimateOf, MARGIN } from './estimates.mjs';
import { blockSource, NOISES, take } from './noises.mjs';
import { randomFrom } from './random.mjs';
import { recordedLogs, recordingNames, resampledSource } from './recordings.mjs';

const { values } = parseArgs({ options: { simulations: { type: 'string', default: '4000' } } });
const simulations = Number(values.simulations);
const BLOCKS = [30, 50, 200, 500];
const SHIFT = 0.01;
const LARGE = 1_000_000;
/** @type {[string, typeof TRIMS][]} */
const METHODS = [
  ['one cut of 20 %', [20]],
  ['seven cuts', TRIMS],
];

const shaped = (noise) => ({
  name: noise,
  source: (random) => blockSource(noise, random, { shift: SHIFT, ownShape: true }),
  isShaped: NOISES[noise].treated !== undefined,
});
const recorded = (recording, metric) => {
  const logs = recordedLogs(recording, metric);
  return { name: `${recording}, ${metric}`, source: (random) => resampledSource(logs, random, SHIFT), isShaped: false };
};

function row({ name, source, isShaped }, [method, trims]) {
  const estimate = (series) => estimateOf(series, { margin: MARGIN, trims });
  const truth = isShaped ? estimate(take(source(randomFrom(`population ${name}`)), LARGE)).logRatio : SHIFT;
  const cells = BLOCKS.map((blocks) => {
    const from = source(randomFrom(`cuts ${name} ${blocks}`));
    let hits = 0;
    let halfWidths = 0;
    for (let i = 0; i < simulations; i += 1) {
      const { low, high } = estimate(take(from, blocks));
      hits += low <= truth && truth <= high ? 1 : 0;
      halfWidths += (high - low) / 2;
    }
    return `${((100 * hits) / simulations).toFixed(1)} (±${((100 * halfWidths) / simulations).toFixed(2)})`;
  });
  return `| ${name} | ${method} | ${cells.join(' | ')} |`;
}

const noises = [
  ...Object.keys(NOISES).map(shaped),
  ...recordingNames().flatMap((recording) => ['cpu', 'wall'].map((metric) => recorded(recording, metric))),
];
process.stdout.write(`| noise | method | ${BLOCKS.join(' | ')} |\n|---|---|${BLOCKS.map(() => '---|').join('')}\n`);
for (const noise of noises) for (const method of METHODS) process.stdout.write(`${row(noise, method)}\n`);
