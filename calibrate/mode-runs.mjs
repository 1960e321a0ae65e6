// The same arms in each mode, in turn: runs of `bench ab`, and what they found as one series per mode.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readResultFolder } from '#built/results/index.js';
import { logsOf, paired } from '#built/statistics/paired/metrics.js';
import { collectTurns } from '#built/statistics/paired/turns.js';
import { profilesFor } from './mode-arms.mjs';

const CLI = new URL('../dist/cli.js', import.meta.url).pathname;

/** What `bench ab` is told in each mode. */
export const MODES = { solo: ['--no-pin'], pinned: ['--pin'], duet: ['--no-pin', '--duet', 'always'] };

/** @typedef {{ engine: string, arms: string }} Arms The kinds of arms are those of mode-arms.mjs. */

/**
 * Measures all modes in turn and in random order, so many rounds; results stay in `folder`, in one folder per mode.
 *
 * @param {string} folder
 * @param {Arms & { rounds: number, blocks: number, modes: readonly string[], warm?: boolean }} options
 */
export function measureModes(folder, { engine, arms, rounds, blocks, modes, warm = false }) {
  const bench = benchAb(folder, { engine, arms });
  // Arms of a crun that keeps compiled filters would have cold twins otherwise; others refuse the option.
  const cache = warm ? ['--cache', 'warm'] : [];
  for (let round = 0; round < rounds; round += 1)
    for (const mode of modes
      .map((name) => ({ name, at: Math.random() }))
      .sort((one, other) => one.at - other.at)
      .map(({ name }) => name)) {
      bench(['--blocks', String(blocks), '--results', join(folder, mode), ...cache, ...MODES[mode]]);
      process.stderr.write(`round ${round + 1}: ${mode}\n`);
    }
}

/** Runs `bench ab` of such arms a and b with more options; throws if it fails. */
export function benchAb(folder, /** @type {Arms} */ { engine, arms }) {
  mkdirSync(folder, { recursive: true });
  // Equal arms with the host's architectures only: starts are shorter, so there are more of them.
  const policy = arms === 'equal' ? 'host' : 'all';
  const ends = profilesFor(arms).flatMap((profile, index) => {
    const end = 'ab'[index];
    const file = join(folder, `${end}.json`);
    writeFileSync(file, JSON.stringify(profile));
    return [`--label-${end}`, end, `--${end}`, `profile=${file}:${policy}`];
  });
  return (/** @type {readonly string[]} */ options) => {
    const args = [CLI, 'ab', '--engine', engine, ...ends, '--no-report', '--quiet', ...options];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
    // What it says of its own end comes last.
    if (status !== 0)
      throw new Error(`bench ab ended with ${status}: ${stderr.trimEnd().split('\n').slice(-2).join(' ')}`);
  };
}

/** All runs of a mode as one series: log ratios of the arm to baseline and control, and of control to baseline. */
export function pooled(folder, metric) {
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
