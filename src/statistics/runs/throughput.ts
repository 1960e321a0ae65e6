import type { AnalysedRun, ArmSummary } from '../../model/analysis/analysis.js';
import type { Scenario } from '../../model/run/scenario.js';
import type { ArmThroughput, Sweep, SweepPoint } from '../../model/analysis/throughput.js';
import { spanMs } from '../planning/span.js';

/**
 * Throughput = containers of a batch / mean makespan of the complete batches. Nothing for an arm without one, and in a
 * sequential scenario.
 */
export function throughputOf(
  scenario: Scenario,
  arms: readonly ArmSummary[],
  batches: number,
): readonly ArmThroughput[] {
  if (scenario.kind === 'sequential') return [];
  const rate = (seconds: number | null): number | null =>
    seconds === null || seconds === 0 ? null : scenario.count / seconds;
  return arms.flatMap(({ arm, totalSeconds, totalSecondsLow, totalSecondsHigh, latency }) =>
    totalSeconds === null
      ? []
      : [
          {
            arm,
            batches,
            makespanSeconds: totalSeconds,
            perSecond: scenario.count / totalSeconds,
            // A longer makespan is a lower rate.
            perSecondLow: rate(totalSecondsHigh),
            perSecondHigh: rate(totalSecondsLow),
            latency,
          },
        ],
  );
}

/** The sweeps among these runs, in the order of their first run; one level alone is not a sweep. */
export function sweepsOf(runs: readonly AnalysedRun[]): readonly Sweep[] {
  const ids = new Set(runs.flatMap(({ run: { plan } }) => (plan.sweep === undefined ? [] : [plan.sweep.id])));
  return [...ids]
    .map((id) => runs.filter(({ run }) => run.plan.sweep?.id === id))
    .filter((levels) => levels.length > 1)
    .map(sweepOf);
}

function sweepOf(runs: readonly AnalysedRun[]): Sweep {
  const byLevel = runs
    .map((analysed) => ({ analysed, concurrency: concurrencyOf(analysed) }))
    .sort((a, b) => a.concurrency - b.concurrency);
  const single = byLevel.find(({ concurrency }) => concurrency === 1)?.analysed.analysis.throughput ?? [];
  const [first] = byLevel;
  if (first === undefined) throw new RangeError('a sweep has levels');
  const { run } = first.analysed;
  return {
    id: run.plan.sweep?.id ?? '',
    count: run.plan.scenario.count,
    cpuCount: run.host.cpuCount,
    levels: byLevel.map(({ concurrency }) => concurrency),
    totalSeconds: spanMs(runs.flatMap(({ run: { samples } }) => samples)) / 1000,
    points: byLevel.flatMap(({ analysed, concurrency }) =>
      analysed.analysis.throughput.map((own): SweepPoint => {
        const alone = single.find(({ arm }) => arm === own.arm)?.perSecond;
        return { ...own, concurrency, efficiency: alone === undefined ? null : own.perSecond / (concurrency * alone) };
      }),
    ),
  };
}

const concurrencyOf = ({
  run: {
    plan: { scenario },
  },
}: AnalysedRun): number => (scenario.kind === 'parallel' ? scenario.concurrency : 1);
