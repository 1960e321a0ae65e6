import type { AnalysedRun, Comparison, Metric, Verdict } from '../../model/analysis/analysis.js';
import { machineOf } from '../../model/results/result.js';
import { headlinesOf } from '../run/headlines.js';
import { effectOf } from '../text/format.js';

/** The effect that a job is told as numbers. */
export interface CiEffect {
  readonly scenario: string;
  /** `uname -m` where the containers ran. */
  readonly machine: string;
  readonly arm: string;
  readonly baseline: string;
  /** CPU time, or wall time where no CPU time was recorded. */
  readonly metric: Metric;
  readonly verdict: Verdict;
  /** In percent; negative is faster. `null` where nothing was compared. */
  readonly change: number | null;
  /** Bounds of the 95 % interval, in percent; `null` where there is none. */
  readonly low: number | null;
  readonly high: number | null;
}

/** The effect on every compared arm of every run, in their order. */
export const ciEffects = (runs: readonly AnalysedRun[]): readonly CiEffect[] => runs.flatMap(effectsOf);

function effectsOf(analysed: AnalysedRun): readonly CiEffect[] {
  const { run, analysis } = analysed;
  return headlinesOf(analysed).flatMap(({ arm, decides }) => {
    const comparison = analysis.comparisons.find((one) => one.arm === arm && one.metric === decides);
    if (comparison === undefined) return [];
    const { name } = run.plan.scenario;
    return [{ scenario: name, machine: machineOf(run), ...figuresOf(comparison) }];
  });
}

function figuresOf({ arm, baseline, metric, verdict, family, estimate }: Comparison) {
  const effect = estimate === null ? { percent: null, low: null, high: null } : effectOf(estimate);
  const { percent: change, low, high } = effect;
  return { arm, baseline, metric, verdict: family?.verdict ?? verdict, change, low, high };
}

/** What a job has to know first comes first. */
const ORDER: readonly Verdict[] = [
  'slower',
  'invalid',
  'inconclusive',
  'described',
  'functional',
  'equivalent',
  'faster',
];

/** The effect that matters most to a job: the worst verdict, of several the largest change; `null` without any. */
export function decisiveEffect(effects: readonly CiEffect[]): CiEffect | null {
  const rank = ({ verdict }: CiEffect): number => ORDER.indexOf(verdict);
  const [first] = [...effects].sort((a, b) => rank(a) - rank(b) || (b.change ?? 0) - (a.change ?? 0));
  return first ?? null;
}
