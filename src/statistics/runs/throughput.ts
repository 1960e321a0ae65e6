import type { AnalysedRun, ArmSummary } from '../../model/analysis/analysis.js';
import type { Scenario } from '../../model/run/scenario.js';
import type { ArmThroughput, Sweep, SweepPoint } from '../../model/analysis/throughput.js';
import { samplesOf, type SampleSet } from '../../model/results/sample-table.js';
import { Span } from '../planning/span.js';
import { latencyIntervals } from './latency-interval.js';

/**
 * Throughput = containers of a batch / mean makespan of the complete batches. Nothing for an arm without one, and in a
 * sequential scenario.
 */
export function throughputOf(
  scenario: Scenario,
  arms: readonly ArmSummary[],
  batches: number,
  samples: SampleSet,
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
            latencyIntervals: latencyIntervals(samples, arm, latency),
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
    totalSeconds: spanOf(runs) / 1000,
    points: byLevel.flatMap(({ analysed, concurrency }) =>
      analysed.analysis.throughput.map((own): SweepPoint => {
        const alone = single.find(({ arm }) => arm === own.arm);
        return { ...own, concurrency, ...efficiencyOf(own, alone, concurrency) };
      }),
    ),
  };
}

/** From the first start of all runs to the last end, in milliseconds. */
function spanOf(runs: readonly AnalysedRun[]): number {
  const span = new Span();
  for (const { run } of runs)
    samplesOf(run).forEach((sample) => {
      span.add(sample);
    });
  return span.ms;
}

/** Both throughputs were measured apart: half widths of their logarithms add in quadrature. */
function efficiencyOf(
  own: ArmThroughput,
  alone: ArmThroughput | undefined,
  concurrency: number,
): Pick<SweepPoint, 'efficiency' | 'efficiencyLow' | 'efficiencyHigh'> {
  if (alone === undefined) return { efficiency: null, efficiencyLow: null, efficiencyHigh: null };
  const efficiency = own.perSecond / (concurrency * alone.perSecond);
  const [half, aloneHalf] = [own, alone].map(logHalfWidth) as [number | null, number | null];
  if (concurrency === 1 || half === null || aloneHalf === null)
    return { efficiency, efficiencyLow: null, efficiencyHigh: null };
  const factor = Math.exp(Math.hypot(half, aloneHalf));
  return { efficiency, efficiencyLow: efficiency / factor, efficiencyHigh: efficiency * factor };
}

const logHalfWidth = ({ perSecondLow, perSecondHigh }: ArmThroughput): number | null =>
  perSecondLow === null || perSecondHigh === null ? null : Math.log(perSecondHigh / perSecondLow) / 2;

const concurrencyOf = ({
  run: {
    plan: { scenario },
  },
}: AnalysedRun): number => (scenario.kind === 'parallel' ? scenario.concurrency : 1);
