// node calibrate/make-recording.mjs RESULTS NAME: a results folder of three arms as recordings/NAME.csv.gz (complete
// measured blocks only).
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readResultFolder } from '#built/results/index.js';

const [results, name] = process.argv.slice(2);
if (name === undefined) {
  process.stderr.write('usage: node calibrate/make-recording.mjs RESULTS NAME\n');
  process.exit(2);
}
const { plan, samples } = readResultFolder(results);
const arms = plan.scenario.arms.map((arm) => arm.name);
const blocks = new Map();
for (const sample of samples) {
  if (sample.warmup || sample.kind !== 'container' || sample.state !== 'ok') continue;
  const block = blocks.get(sample.block) ?? new Array(arms.length);
  block[arms.indexOf(sample.arm)] = sample;
  blocks.set(sample.block, block);
}
const micro = (ns) => Math.round(ns / 1000);
const of = (block, value) => block.map(value).join(',');
const lines = [...blocks]
  .sort(([a], [b]) => a - b)
  .filter(([, block]) => Object.keys(block).length === arms.length)
  .map(([index, block]) =>
    [
      index,
      of(block, ({ userNs, systemNs }) => micro(userNs + systemNs)),
      of(block, ({ wallNs }) => micro(wallNs)),
      of(block, ({ voluntarySwitches, involuntarySwitches }) => voluntarySwitches + involuntarySwitches),
      of(block, ({ position }) => position),
    ].join(','),
  );
const head = [
  'block',
  ...['cpu_us', 'wall_us', 'context_switches', 'position'].flatMap((column) => arms.map((arm) => `${column}_${arm}`)),
].join(',');
const text = `${[head, ...lines].join('\n')}\n`;
writeFileSync(join(import.meta.dirname, '../recordings', `${name}.csv.gz`), gzipSync(text, { level: 9 }));
process.stdout.write(`${lines.length} blocks\n`);
