// How narrow an interval a minute gives: equal arms one after the other, pinned and in duet blocks, in turn; and
// what `--for 60s` makes of its minute.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readResultFolder } from '#built/results/index.js';
import { analyse } from '#built/statistics/index.js';
import { blocksToFind, spreadOf } from '#built/statistics/planning/planning.js';
import { estimateEffect } from '#built/statistics/paired/estimate.js';
import { benchAb, measureModes, MODES, pooled } from '../calibrate/mode-runs.mjs';

const ROUNDS = 4;
const BLOCKS = 100;
const ARMS = { engine: 'runc', arms: 'equal' };
const MARGIN = 0.01;
const MINUTE = 60;
/** Of a 95 % interval. */
const Z = 1.959964;
/** The published change of a sequential run. */
const EFFECT = 0.0058;
const WIDTH_LIMIT = 0.3;
const METRICS = /** @type {const} */ (['cpu', 'wall']);
/** In duet blocks wall time is that under the load of the other arm. */
const nameOf = (metric, mode) => (metric === 'cpu' ? 'CPU' : mode === 'duet' ? 'wall under load' : 'wall');

/** The rows of all modes, from one series of interleaved runs, and those of `--for`. */
export function modesPerf() {
  const folder = mkdtempSync(join(tmpdir(), 'seccomp-bench-perf-'));
  try {
    measureModes(folder, { ...ARMS, rounds: ROUNDS, blocks: BLOCKS, modes: Object.keys(MODES) });
    const modes = Object.keys(MODES).flatMap((mode) =>
      METRICS.flatMap((metric) => rowsOf(mode, nameOf(metric, mode), metric, pooled(join(folder, mode), metric))),
    );
    return [...modes, ...rowsOfMinute(folder)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowsOf(mode, name, metric, { toBaseline, toControl, seconds }) {
  const of = (series) => Float64Array.from(series);
  const estimate = estimateEffect({ toBaseline: of(toBaseline), toControl: of(toControl) }, { margin: MARGIN });
  const spread = estimate === null ? null : spreadOf(estimate);
  if (estimate === null || spread === null) throw new Error(`${mode}: no interval of ${name}`);
  const secondsPerBlock = seconds / estimate.blocks;
  const half = 100 * Z * spread.s * Math.sqrt(secondsPerBlock / MINUTE);
  const { least } = blocksToFind(EFFECT, spread.s, metric);
  const needed = least * secondsPerBlock;
  const basis = `${estimate.blocks} blocks in ${seconds.toFixed(0)} s`;
  const isTarget = mode === 'duet';
  return [
    {
      figure: `95 % half width of equal arms after ${MINUTE} s of runc starts, ${name}, ${mode}`,
      measured: `${half.toFixed(2)} % (from ${basis})`,
      target: isTarget ? `at most ${WIDTH_LIMIT} %` : 'none',
      met: !isTarget || half <= WIDTH_LIMIT,
    },
    {
      figure: `blocks that see ${100 * EFFECT} % with 80 % power, ${name}, ${mode}`,
      measured: `${least}, ${needed.toFixed(0)} s`,
      target: isTarget ? `at most ${MINUTE} s` : 'none',
      met: !isTarget || needed <= MINUTE,
    },
  ];
}

/** `bench ab --for 60s` of the same arms: whether it keeps its time, and what it sees. */
function rowsOfMinute(folder) {
  const results = join(folder, 'for');
  const started = performance.now();
  benchAb(folder, ARMS)(['--for', `${MINUTE}s`, '--results', results]);
  const seconds = (performance.now() - started) / 1000;
  const run = readResultFolder(join(results, readdirSync(results)[0]));
  const { comparisons, blocksComplete } = analyse(run, { margin: MARGIN });
  const widths = comparisons
    .filter(({ metric }) => ['cpu', 'wall', 'duetWall'].includes(metric))
    .flatMap(({ metric, estimate }) =>
      estimate === null
        ? []
        : `${nameOf(metric === 'cpu' ? metric : 'wall', metric === 'duetWall' ? 'duet' : '')} \
${((100 * (estimate.high - estimate.low)) / 2).toFixed(2)} %`,
    );
  const mode = run.plan.timePlan?.mode ?? 'not planned';
  return [
    {
      figure: `\`bench ab --for ${MINUTE}s --engine runc\`, the whole command`,
      measured: `${seconds.toFixed(1)} s`,
      target: `at most ${MINUTE} s`,
      met: seconds <= MINUTE,
    },
    {
      figure: '95 % half widths of equal arms in that run',
      measured: `${widths.join(', ')} (${mode}, ${blocksComplete} blocks)`,
      target: 'none',
      met: true,
    },
  ];
}
