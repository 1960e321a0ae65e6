import type { AnalysedRun } from '../../../src/model/analysis/analysis.js';
import type { RunPlan, RunResult } from '../../../src/model/results/result.js';
import type { OkSample, Sample } from '../../../src/model/results/sample.js';
import type { Scenario } from '../../../src/model/run/scenario.js';
import { analyse } from '../../../src/statistics/index.js';
import {
  batchSample,
  failedSample,
  HOST,
  okSample,
  parallel,
  planOf,
  sequential,
  THREE_ARMS,
} from '../results/runs.js';

/**
 * Runs to export, analysed as a report analyses them. Every time is different, so that a lost, doubled or swapped
 * sample shows.
 */
export function runOf(
  scenario: Scenario,
  samples: readonly Sample[],
  change: Partial<RunResult> = {},
  plan: Partial<RunPlan> = {},
): AnalysedRun {
  const run: RunResult = {
    name: 'run-one',
    host: HOST,
    plan: { ...planOf(scenario), ...plan },
    evidence: [],
    samples,
    warnings: [],
    ...change,
  };
  return { run, analysis: analyse(run, { margin: 0.01 }) };
}

/** A time that no other container has; the control lies above and below before in turn, as a good one does. */
const distinct = (block: number, arm: number, index: number): number =>
  40_000_001 + 1_000_003 * block + (block % 2 === 0 ? 10_007 : -10_007) * arm + 101 * index;

const okTimes = (arm: string, block: number, index = 0): OkSample => {
  const place = THREE_ARMS.findIndex(({ name }) => name === arm);
  const wallNs = distinct(block, place, index) * (arm === 'after' ? 1 : 2);
  return okSample(arm, block, {
    index,
    wallNs,
    userNs: wallNs - 5_000_000 - index,
    systemNs: 1_000_000 + block,
    maxRssKiB: 70_000 + block + index,
  });
};

const blockOf = (block: number): OkSample[] => THREE_ARMS.map(({ name }) => okTimes(name, block));

/** What a runtime may write: everything that a careless CSV breaks on. */
export const HARD_STDERR = 'time="now" level=error msg="a, b"\r\nsecond line\n"quoted"';

/** 24 blocks, a warm-up block, and all three kinds of failure in two blocks more. */
export const SEQUENTIAL_SAMPLES: readonly Sample[] = [
  ...blockOf(0).map((sample) => ({ ...sample, warmup: true, wallNs: 999_999_999 })),
  failedSample('after', 0, { warmup: true }),
  ...Array.from({ length: 24 }, (_, block) => blockOf(block)).flat(),
  okTimes('before', 24),
  failedSample('after', 24, { stderr: HARD_STDERR, cause: 'exit code 1, said "no, never"' }),
  okTimes('control', 24),
  failedSample('before', 25, { state: 'timedOut', cause: 'no end within 60 s', stderr: '' }),
  okTimes('after', 25),
  failedSample('control', 25, { state: 'interrupted', cause: 'stopped by the user', stderr: '' }),
];

export const SEQUENTIAL_RUN = runOf(sequential(26), SEQUENTIAL_SAMPLES);

const BATCH = 3;

const batchOf = (arm: string, block: number): Sample[] => {
  const containers = Array.from({ length: BATCH }, (_, index) => okTimes(arm, block, index));
  return [...containers, batchSample(arm, block, BATCH, BATCH, 3 * (containers[0]?.wallNs ?? 0) + 7)];
};

/**
 * 21 batches of 3 per arm; one more of which one container failed; one more that a crash cut off before its last
 * container was stored.
 */
export const PARALLEL_SAMPLES: readonly Sample[] = [
  ...Array.from({ length: 21 }, (_, block) => THREE_ARMS.flatMap(({ name }) => batchOf(name, block))).flat(),
  okTimes('before', 21, 0),
  okTimes('before', 21, 1),
  failedSample('before', 21, { index: 2 }),
  batchSample('before', 21, 2, BATCH),
  ...batchOf('after', 21),
  batchSample('after', 22, BATCH, BATCH, 123_456_789),
  okTimes('after', 22, 0),
  okTimes('after', 22, 1),
];

export const PARALLEL_RUN = runOf(parallel(BATCH, 23), PARALLEL_SAMPLES, { name: 'run-two' });

/** The measured ok containers of an arm, in run order. */
export const okOf = (samples: readonly Sample[], arm: string): readonly OkSample[] =>
  samples
    .filter((sample) => sample.kind === 'container' && sample.state === 'ok')
    .filter((sample) => sample.arm === arm && !sample.warmup);

/** What an export must say of each complete batch of an arm: makespan, and the sums of its containers. */
export function batchesOf(
  samples: readonly Sample[],
  arm: string,
): readonly { wallNs: number; userNs: number; systemNs: number; maxRssKiB: number }[] {
  return samples
    .filter((sample) => sample.kind === 'batch')
    .filter((batch) => batch.arm === arm && !batch.warmup)
    .flatMap(({ block, makespanNs, planned }) => {
      const containers = okOf(samples, arm).filter((container) => container.block === block);
      if (makespanNs === undefined || containers.length !== planned) return [];
      const total = (key: 'userNs' | 'systemNs'): number =>
        containers.map((container) => container[key]).reduce((sum, value) => sum + value, 0);
      return [
        {
          wallNs: makespanNs,
          userNs: total('userNs'),
          systemNs: total('systemNs'),
          maxRssKiB: Math.max(...containers.map((container) => container.maxRssKiB)),
        },
      ];
    });
}
