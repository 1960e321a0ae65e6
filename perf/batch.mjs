// Makespan of 200 `runc run`, 8 in flight: bench against xargs -P 8, in interleaved pairs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interleavedPairs } from './pairs.mjs';
import { withHostFilter } from './sessions.mjs';

const PAIRS = 10;
const COUNT = 200;
const CONCURRENCY = 8;

/** The rows of this figure. */
export const batchPerf = () =>
  withHostFilter(async (host) => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-perf-'));
    const { ratio, medians } = await interleavedPairs(PAIRS, {
      ours: (pair) => byBench(host, pair),
      theirs: (pair) => byXargs(host, pair, join(folder, 'ids')),
    }).finally(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    return [
      {
        figure: `makespan of ${COUNT} \`runc run\`, ${CONCURRENCY} in flight, over \`xargs -P ${CONCURRENCY}\``,
        measured: `${ratio.toFixed(3)} (median of ${PAIRS} interleaved pairs; ${medians})`,
        target: 'at most 1.03',
        met: ratio <= 1.03,
      },
    ];
  });

async function byBench({ batch }, pair) {
  const { makespan, containers } = await batch(`p${pair}`, COUNT, CONCURRENCY);
  const failed = containers.find((container) => container.stdout !== 'ok\n');
  if (failed !== undefined) throw new Error(`a container failed: ${failed.stderr}`);
  return makespan / 1e9;
}

async function byXargs({ session, time }, pair, file) {
  writeFileSync(file, Array.from({ length: COUNT }, (_, i) => `${session.runId}-x${pair}-${i}\n`).join(''));
  const { file: runtime, args } = session.engine.command('after', 'exit', '{}');
  return time('/usr/bin/xargs', ['-a', file, '-P', String(CONCURRENCY), '-I', '{}', runtime, ...args]);
}
