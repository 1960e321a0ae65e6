import type { AnalysedRun } from '../../model/analysis/analysis.js';
import { countedThing } from '../../model/run/scenario.js';
import { counted } from '../text/format.js';
import { LEFT_OUT, leftOutComparisonsOf } from './ratios.js';
import { allSeriesOf } from './series.js';
import type { Series } from './series.js';

/** What only the CSV can hold, one sentence each: nothing is left out silently. */
export function leftOutOf(runs: readonly AnalysedRun[]): readonly string[] {
  return allSeriesOf(runs).flatMap((series) => [
    ...missingRuns(series),
    ...ratiosLeftOut(series, 'invalid'),
    ...ratiosLeftOut(series, 'functional'),
  ]);
}

function missingRuns({
  name,
  runs,
  labels,
  analysed: {
    run: {
      samples,
      plan: { scenario },
    },
  },
}: Series): readonly string[] {
  const begun = new Set(
    samples.filter((sample) => sample.arm === labels.arm && !sample.warmup).map((sample) => sample.block),
  ).size;
  const missing = begun - runs.length;
  if (runs.length === 0)
    return [
      scenario.kind === 'sequential'
        ? `${name}: left out, because no ${countedThing(scenario)} succeeded`
        : `${name}: left out, because no batch is complete`,
    ];
  if (missing === 0) return [];
  return [
    scenario.kind === 'sequential'
      ? `${name}: ${counted(missing, `failed ${countedThing(scenario)}`)} left out, because failures have no time`
      : `${name}: ${counted(missing, 'incomplete batch', 'incomplete batches')} left out, because a batch without all \
its containers has no time`,
  ];
}

function ratiosLeftOut(series: Series, verdict: keyof typeof LEFT_OUT): readonly string[] {
  const comparisons = leftOutComparisonsOf(series, verdict);
  const [first] = comparisons;
  return first === undefined
    ? []
    : [
        `${series.name}: its ratio to ${first.baseline} is left out \
(${comparisons.map(({ metric }) => metric).join(', ')}), because the comparison is ${LEFT_OUT[verdict]}`,
      ];
}
