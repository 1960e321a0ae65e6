import { BenchError } from '../../errors.js';
import type { Profiler } from '../../model/results/workload-findings.js';

/** What is to be found out of a program beside its times; declared in program-workload.ts. */
export interface FindingFlags {
  readonly profileWith?: Profiler;
  /** `0,1,8:random`. */
  readonly touch?: string;
  /** false: times alone. */
  readonly explain?: boolean;
}

/** So many MiB touched between two calls, one after the other or in an order that defeats prefetching. */
export interface TouchPoint {
  readonly mib: number;
  readonly order: 'sequential' | 'random';
}

const MOST_MIB = 1024;

/** The points of `--touch`. Throws `usage`. */
export function touchPoints(text: string | undefined): readonly TouchPoint[] {
  return text === undefined
    ? []
    : text.split(',').map((entry) => {
        const [, size, order = 'sequential'] = /^\s*(\d{1,4}(?:\.\d+)?)(?::(random|sequential))?\s*$/.exec(entry) ?? [];
        const mib = Number(size ?? Number.NaN);
        if (mib <= MOST_MIB && (order === 'random' || order === 'sequential')) return { mib, order };
        throw new BenchError(
          'usage',
          `--touch: expected MIB or MIB:random, MIB:sequential, separated by commas, got "${entry}" in "${text}"`,
          { hint: `For example --touch 0,1,8:random; at most ${MOST_MIB} MiB.` },
        );
      });
}
