// How soon `bench --help` answers, and the help of one command, which loads the bundle: over an empty Node program.
import { spawnSync } from 'node:child_process';
import { CLI, interleavedPairs } from './pairs.mjs';

const PAIRS = 61;
const LIMIT = 1.25;

/** Wall seconds of `node ARGUMENTS`. */
function secondsOf(/** @type {readonly string[]} */ args) {
  const started = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with exit code ${status}`);
  return Number(process.hrtime.bigint() - started) / 1e9;
}

/** The rows of this figure. */
export async function startUpPerf() {
  const rows = [];
  for (const { args, limit } of [
    { args: ['--help'], limit: LIMIT },
    { args: ['sequential', '--help'], limit: Infinity },
  ]) {
    const { ratio, low, high, medians } = await interleavedPairs(PAIRS, {
      ours: () => secondsOf([CLI, ...args]),
      theirs: () => secondsOf(['-e', '0']),
    });
    rows.push({
      figure: `\`bench ${args.join(' ')}\` over \`node -e 0\``,
      measured: `${ratio.toFixed(2)} (95 % interval ${low.toFixed(2)} to ${high.toFixed(2)}; ${medians})`,
      target: limit === Infinity ? 'none' : `at most ${limit}`,
      met: ratio <= limit,
    });
  }
  return rows;
}
