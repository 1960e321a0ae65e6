// One `runc run` with the host filter: bench's timed path against hyperfine -N, in interleaved pairs.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interleavedPairs, median } from './pairs.mjs';
import { withHostFilter } from './sessions.mjs';

const PAIRS = 12;
const RUNS = 40;

/** The rows of this figure. */
export const singleRunPerf = () =>
  withHostFilter(async (host) => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-perf-'));
    const { ratio, medians } = await interleavedPairs(PAIRS, {
      ours: (pair) => byBench(host, pair),
      theirs: (pair) => byHyperfine(host, pair, join(folder, 'times.json')),
    }).finally(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    return [
      {
        figure: "`bench`'s median wall time of one `runc run` with the host filter over `hyperfine -N`'s",
        measured: `${ratio.toFixed(3)} (median of ${PAIRS} interleaved pairs of ${RUNS} runs; ${medians})`,
        target: 'at most 1.02',
        met: ratio <= 1.02,
      },
    ];
  });

async function byBench({ batch }, pair) {
  const seconds = [];
  for (let run = 0; run < RUNS; run += 1) {
    const {
      containers: [container],
    } = await batch(`p${pair}-${run}`, 1, 1);
    if (container.stdout !== 'ok\n') throw new Error(`a container failed: ${container.stderr}`);
    seconds.push(container.wall / 1e9);
  }
  return median(seconds);
}

async function byHyperfine({ session, time }, pair, file) {
  const { file: runtime, args } = session.engine.command('after', 'exit', `${session.runId}-h${pair}`);
  await time('/usr/bin/hyperfine', [
    '-N',
    '--style',
    'none',
    '--warmup',
    '1',
    '--runs',
    String(RUNS),
    '--export-json',
    file,
    [runtime, ...args].join(' '),
  ]);
  return JSON.parse(readFileSync(file, 'utf8')).results[0].median;
}
