import type {
  Amount,
  LatencyName,
  Mean,
  ServedArm,
  ServedChange,
  ServiceAnalysis,
  ShareEstimate,
} from '../../model/analysis/workload-analysis.js';
import type { LoadFigures } from '../../model/results/figures/load-figures.js';
import { samplesOf } from '../../model/results/sample-table.js';
import type { RunResult } from '../../model/results/result.js';
import { excess, located, type Blocks } from '../paired/paired-amounts.js';
import type { Turns } from '../paired/turns.js';

/** An arm with what it is compared with. */
export interface Trio {
  readonly arm: string;
  readonly baseline: string;
  readonly control: string | null;
}

const LATENCIES: readonly (readonly [LatencyName, (load: LoadFigures) => number | null])[] = [
  ['mean', ({ latency }) => latency.meanNs],
  ['p50', ({ latency }) => latency.p50Ns],
  ['p99', ({ latency }) => latency.p99Ns],
];

/** Requests per second and latencies of every arm's server, and how those of the compared arms differ, by block. */
export function analyseService(
  run: Pick<RunResult, 'samples' | 'table'>,
  turns: Turns,
  compared: readonly Trio[],
): ServiceAnalysis {
  const loads = loadsOf(run, turns);
  const rates = (arm: string): Blocks => loads(arm).map((load) => load?.requestsPerSecond ?? null);
  const latency = (arm: string, of: (load: LoadFigures) => number | null): Blocks =>
    loads(arm).map((load) => (load === null ? null : of(load)));
  return {
    arms: turns.arms.map((arm): ServedArm => {
      const rate = located(rates(arm));
      return {
        arm,
        requestsPerSecond: rate === null ? null : meanOf(rate),
        cpuFrom: loads(arm).find((load) => load !== null)?.cpuFrom ?? null,
        latencies: LATENCIES.flatMap(([of, value]) => {
          const at = located(latency(arm, value));
          return at === null ? [] : [{ of, at }];
        }),
      };
    }),
    changes: compared.map(({ arm, baseline, control }): ServedChange => {
      const latencies = LATENCIES.flatMap(([of, value]) => {
        const copy = control === null ? null : latency(control, value);
        const added = excess(latency(arm, value), latency(baseline, value), copy);
        return added === null ? [] : [{ of, added }];
      });
      return { arm, baseline, requestsPerSecond: changeOf(rates(arm), rates(baseline)), latencies };
    }),
  };
}

const meanOf = ({ ns, low, high }: Amount): Mean => ({ value: ns, low, high });

/** How much more in the same block, relative to the baseline. */
function changeOf(arm: Blocks, baseline: Blocks): ShareEstimate | null {
  const ratios = arm.map((value, block) => {
    const base = baseline[block] ?? null;
    return value === null || base === null || base === 0 ? null : value / base - 1;
  });
  const change = located(ratios);
  return change === null ? null : { share: change.ns, low: change.low, high: change.high };
}

/** The last attempt of each complete block, by arm. */
function loadsOf(
  run: Pick<RunResult, 'samples' | 'table'>,
  { complete, arms }: Turns,
): (arm: string) => readonly (LoadFigures | null)[] {
  const byArm = new Map(arms.map((arm) => [arm, new Map<number, LoadFigures>()]));
  samplesOf(run).forEach((sample) => {
    if (sample.kind !== 'container' || sample.state !== 'ok' || sample.warmup || sample.load === undefined) return;
    byArm.get(sample.arm)?.set(sample.block, sample.load);
  });
  return (arm) => Array.from(complete, (block) => byArm.get(arm)?.get(block) ?? null);
}
