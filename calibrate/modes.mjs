// node calibrate/modes.mjs measure FOLDER [--engine runc] [--rounds 4] [--blocks 60] [--arms equal|small|large]
//   [--modes solo,pinned,duet] [--warm]: the same arms in each mode, in turn and in random order; results stay in
//   FOLDER.
// node calibrate/modes.mjs record FOLDER NAME: its duet blocks as recordings/duet-NAME.csv.gz.
// node calibrate/modes.mjs table FOLDER...: what each mode found there, as a Markdown table.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { readResultFolder } from '#built/results/index.js';
import { estimateEffect } from '#built/statistics/paired/estimate.js';
import { logsOf, paired } from '#built/statistics/paired/metrics.js';
import { collectTurns } from '#built/statistics/paired/turns.js';
import { MARGIN } from './estimates.mjs';
import { profilesFor } from './mode-arms.mjs';

const CLI = new URL('../dist/cli.js', import.meta.url).pathname;

/** What `bench ab` is told in each mode. */
const MODES = { solo: ['--no-pin'], pinned: ['--pin'], duet: ['--no-pin', '--duet', 'always'] };

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
if (task === 'measure' && folders.length === 1) measure(folders[0]);
else if (task === 'table' && folders.length > 0) process.stdout.write(`${tableOf(folders).join('\n')}\n`);
else if (task === 'record' && folders.length === 2) record(folders[0], folders[1]);
else {
  process.stderr.write('usage: node calibrate/modes.mjs measure FOLDER | record FOLDER NAME | table FOLDER...\n');
  process.exitCode = 2;
}

function measure(folder) {
  mkdirSync(folder, { recursive: true });
  const [a, b] = profilesFor(values.arms).map((profile, index) => {
    const file = join(folder, `${'ab'[index]}.json`);
    writeFileSync(file, JSON.stringify(profile));
    return file;
  });
  // Equal arms with the host's architectures only: starts are shorter, so there are more of them.
  const policy = values.arms === 'equal' ? 'host' : 'all';
  // Arms of a crun that keeps compiled filters would have cold twins otherwise; others refuse the option.
  const cache = values.warm ? ['--cache', 'warm'] : [];
  const modes = values.modes.split(',');
  for (let round = 0; round < Number(values.rounds); round += 1)
    for (const mode of modes
      .map((name) => ({ name, at: Math.random() }))
      .sort((one, other) => one.at - other.at)
      .map(({ name }) => name)) {
      const results = join(folder, mode);
      const { status, stderr } = spawnSync(
        process.execPath,
        [
          ...[
            CLI,
            'ab',
            '--engine',
            values.engine,
            '--label-a',
            'a',
            '--label-b',
            'b',
            '--a',
            `profile=${a}:${policy}`,
            '--b',
            `profile=${b}:${policy}`,
          ],
          ...['--blocks', values.blocks, '--results', results, '--no-report', '--quiet', ...cache, ...MODES[mode]],
        ],
        { encoding: 'utf8', maxBuffer: 1 << 26 },
      );
      if (status !== 0) throw new Error(`bench ab ended with ${status}: ${stderr}`);
      process.stderr.write(`round ${round + 1}: ${mode}\n`);
    }
}

/** All runs of a mode as one series: log ratios of the arm to baseline and control, and of control to baseline. */
function pooled(folder, metric) {
  /** @type {{ toBaseline: number[], toControl: number[], control: number[], seconds: number }} */
  const parts = { toBaseline: [], toControl: [], control: [], seconds: 0 };
  for (const name of readdirSync(folder)) {
    const { plan, samples } = readResultFolder(join(folder, name));
    const turns = collectTurns(plan.scenario, samples);
    const [baseline, arm, control] = ['a', 'b', 'control'].map((end) => turns.arms.indexOf(end));
    const logs = logsOf(turns, metric === 'wall' && turns.duet !== null ? 'duetWall' : metric);
    const both = ratiosOf(paired(logs, arm, baseline, control));
    parts.toBaseline.push(...both.toBaseline);
    parts.toControl.push(...both.toControl);
    parts.control.push(...ratiosOf(paired(logs, control, baseline, null)).toBaseline);
    parts.seconds += secondsOf(samples);
  }
  return parts;
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

function ratiosOf(logs) {
  if (!('arm' in logs)) return logs;
  const less = (a, b) => a.map((value, i) => value - b[i]);
  return {
    toBaseline: less(logs.arm, logs.baseline),
    toControl: logs.control === null ? null : less(logs.arm, logs.control),
  };
}

/** From the first measured start to the last end; of duet runs without the solo blocks' share. */
function secondsOf(samples) {
  const byBlock = new Map();
  for (const { warmup, block, startNs, wallNs, partner } of samples) {
    if (warmup) continue;
    const own = byBlock.get(block) ?? { from: Infinity, to: 0, duet: false };
    own.from = Math.min(own.from, startNs);
    own.to = Math.max(own.to, startNs + (wallNs ?? 0));
    own.duet ||= partner !== undefined;
    byBlock.set(block, own);
  }
  const blocks = [...byBlock.values()];
  const isDuet = blocks.some(({ duet }) => duet);
  return blocks.filter(({ duet }) => duet === isDuet).reduce((sum, { from, to }) => sum + to - from, 0) / 1e9;
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
