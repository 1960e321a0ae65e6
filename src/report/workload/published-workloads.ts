import type { Scenario } from '../../model/run/scenario.js';

/**
 * One published pair: seconds of one run without a filter and under Docker's default profile, as measured inside by the
 * program or its profiler.
 */
export interface PublishedPair {
  readonly what: string;
  readonly unconfinedSeconds: number;
  readonly defaultSeconds: number;
  /** The profiler whose figure is compared; absent: that of the timed runs. */
  readonly profiler?: 'cprofile';
}

export interface PublishedWorkload {
  /** A scenario's `published`. */
  readonly id: string;
  readonly title: string;
  readonly pairs: readonly PublishedPair[];
}

/**
 * Where the pairs come from: one run each, on a kernel of its time (4.15), where a filter also switched speculation
 * mitigations on.
 */
export const WORKLOAD_SOURCE = 'Stack Overflow, question 60840320, 2020';

/** The published pairs (source: {@link WORKLOAD_SOURCE}). */
export const PUBLISHED_WORKLOADS: readonly PublishedWorkload[] = [
  {
    id: 'python-max-sqrt',
    title: '20 million calls of max and math.sqrt',
    pairs: [
      { what: 'the run', unconfinedSeconds: 5.41, defaultSeconds: 8.16 },
      { what: 'the run under cProfile', unconfinedSeconds: 7.34, defaultSeconds: 11.85, profiler: 'cprofile' },
    ],
  },
  {
    id: 'python-control-loop',
    title: 'the control loop x += 1',
    pairs: [{ what: 'the run', unconfinedSeconds: 0.72, defaultSeconds: 1.08 }],
  },
];

/** The published case a run of a program repeats, by its scenario's `published`. */
export const publishedWorkloadFor = ({ published, program }: Scenario): PublishedWorkload | undefined =>
  program === undefined ? undefined : PUBLISHED_WORKLOADS.find(({ id }) => id === published);

/** How many times as long as without a filter. */
export const publishedRatio = ({ unconfinedSeconds, defaultSeconds }: PublishedPair): number =>
  defaultSeconds / unconfinedSeconds;
