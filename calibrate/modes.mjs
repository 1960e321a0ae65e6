// node calibrate/modes.mjs measure FOLDER [--engine runc] [--rounds 4] [--blocks 60] [--arms equal|small|large]
//   [--modes solo,pinned,duet] [--warm]: the same arms in each mode, in turn and in random order; results stay in
//   FOLDER.
// node calibrate/modes.mjs record FOLDER NAME: its duet blocks as recordings/duet-NAME.csv.gz.
// node calibrate/modes.mjs table FOLDER...: what each mode found there, as a Markdown table.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { estimateEffect } from '#built/statistics/paired/estimate.js';
import { MARGIN } from './estimates.mjs';
import { measureModes, MODES, pooled } from './mode-runs.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    engine: { type: 'string', default: 'runc' },
    rounds: { type: 'string', default: '4' },
    blocks: { type: 'string', default: '60' },
    arms: { type: 'string', default: 'equal' },
    modes: { type: 'string', default: 'solo,pinned,duet' },
    warm: { type: 'boolean', default: false },
  },
});
const [task, ...folders] = positionals;
if (task === 'measure' && folders.length === 1)
  measureModes(folders[0], {
    ...values,
    rounds: Number(values.rounds),
    blocks: Number(values.blocks),
    modes: values.modes.split(','),
  });
else if (task === 'table' && folders.length > 0) process.stdout.write(`${tableOf(folders).join('\n')}\n`);
else if (task === 'record' && folders.length === 2) record(folders[0], folders[1]);
else {
  process.stderr.write('usage: node calibrate/modes.mjs measure FOLDER | record FOLDER NAME | table FOLDER...\n');
  process.exitCode = 2;
}

/** Log ratios in millionths: arm to baseline, arm to control, control to baseline. */
function record(folder, name) {
  const [cpu, wall] = ['cpu', 'wall'].map((metric) => pooled(join(folder, 'duet'), metric));
  const columns = [cpu, wall].flatMap(({ toBaseline, toControl, control }) => [toBaseline, toControl, control]);
  const names = ['cpu', 'wall'].flatMap((metric) =>
    ['b/a', 'b/control', 'control/a'].map((pair) => `${metric} ${pair}`),
  );
  const lines = columns[0].map((_, block) =>
    [block, ...columns.map((column) => Math.round(1e6 * column[block]))].join(','),
  );
  const text = `${[['block', ...names].join(','), ...lines].join('\n')}\n`;
  const file = join(import.meta.dirname, '../recordings', `duet-${name}.csv.gz`);
  writeFileSync(file, gzipSync(text, { level: 9 }));
  process.stdout.write(`${lines.length} blocks\n`);
}

function tableOf(all) {
  const rows = all.flatMap((folder) =>
    Object.keys(MODES)
      .filter((mode) => existsSync(join(folder, mode)))
      .map((mode) => rowOf(folder, mode)),
  );
  return [
    '| recording | mode | blocks | measured | CPU time | per minute | wall time | per minute | A/A CPU, wall |',
    '|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ];
}

function rowOf(folder, mode) {
  const cells = ['cpu', 'wall'].map((metric) => {
    const { toBaseline, toControl, control, seconds } = pooled(join(folder, mode), metric);
    const of = (series) => Float64Array.from(series);
    const effect = estimateEffect({ toBaseline: of(toBaseline), toControl: of(toControl) }, { margin: MARGIN });
    const same = estimateEffect({ toBaseline: of(control), toControl: null }, { margin: MARGIN });
    return { effect, same, seconds };
  });
  const [cpu, wall] = cells;
  const half = ({ low, high }) => (100 * (high - low)) / 2;
  const shown = ({ effect }) =>
    effect === null ? 'not recorded' : `${(100 * effect.logRatio).toFixed(2)} ± ${half(effect).toFixed(2)}`;
  const perMinute = ({ effect, seconds }) =>
    effect === null ? '' : `±${(half(effect) * Math.sqrt(seconds / 60)).toFixed(2)}`;
  const p = ({ same }) => (same === null ? '-' : `p ${same.p.toFixed(3)}`);
  const name = folder.split('/').filter(Boolean).at(-1);
  return `| ${[
    name,
    mode,
    wall.effect?.blocks ?? 0,
    `${wall.seconds.toFixed(0)} s`,
    shown(cpu),
    perMinute(cpu),
    shown(wall),
    perMinute(wall),
    `${p(cpu)}, ${p(wall)}`,
  ].join(' | ')} |`;
}
