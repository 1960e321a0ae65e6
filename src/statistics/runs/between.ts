import type { Metric, Verdict } from '../../model/analysis/analysis.js';
import type { BetweenEstimate, BetweenRow, BetweenRuns } from '../../model/analysis/between.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import type { RunResult } from '../../model/results/result.js';
import { samplesOf } from '../../model/results/sample-table.js';
import { referenceOf } from '../../model/run/scenario.js';
import { timedMetricsOf } from '../paired/metrics.js';
import { collectTurns } from '../paired/turns.js';
import { difference, effectOf, levelOf } from './welch.js';
import type { Measured } from './welch.js';

type Run = Pick<RunResult, 'plan' | 'samples' | 'table'> & { readonly host?: Pick<RunResult['host'], 'emulation'> };

/** Compares what two runs measured, arm by arm of the same name; `margin` is a share (0.01 = 1 %). */
export function compareRuns(base: Run, candidate: Run, margin: number): BetweenRuns {
  const [old, young] = [measured(base), measured(candidate)];
  const emulated = [base, candidate].some(({ host }) => emulationOfHost(host) !== null);
  const both = old.arms.filter((arm) => young.arms.includes(arm));
  const rows = (['effect', 'level'] as const).flatMap((kind) =>
    both.flatMap((arm) =>
      old.metrics.flatMap((metric): BetweenRow[] => {
        const [before, after] =
          kind === 'effect'
            ? [old.effect(arm, metric), young.effect(arm, metric)]
            : [old.level(arm, metric), young.level(arm, metric)];
        // A baseline and its control have no effect of their own.
        if (kind === 'effect' && (before === 'none' || after === 'none')) return [];
        const estimate =
          before === 'none' || after === 'none' || before === null || after === null
            ? null
            : difference(before, after, margin);
        return [{ kind, arm, metric, estimate, verdict: verdictOf(kind, estimate, emulated) }];
      }),
    ),
  );
  const unmatched = [
    ...old.arms.filter((arm) => !both.includes(arm)).map((arm) => ({ arm, only: 'base' as const })),
    ...young.arms.filter((arm) => !both.includes(arm)).map((arm) => ({ arm, only: 'candidate' as const })),
  ];
  return { rows, unmatched };
}

/** Only an effect is judged: a level may be drift, and an emulator's times compare nothing. */
function verdictOf(kind: BetweenRow['kind'], estimate: BetweenEstimate | null, emulated: boolean): Verdict {
  if (estimate === null) return 'described';
  if (emulated) return 'functional';
  if (kind === 'level') return 'described';
  if (estimate.high < 0) return 'faster';
  if (estimate.low > 0) return 'slower';
  return estimate.equivalent ? 'equivalent' : 'inconclusive';
}

interface MeasuredRun {
  readonly arms: readonly string[];
  readonly metrics: readonly Metric[];
  readonly effect: (arm: string, metric: Metric) => Measured | null | 'none';
  readonly level: (arm: string, metric: Metric) => Measured | null;
}

function measured(run: Run): MeasuredRun {
  const { scenario } = run.plan;
  const turns = collectTurns(scenario, samplesOf(run));
  const logs = new Map(timedMetricsOf(turns).map((one) => [one.metric, one]));
  return {
    arms: turns.arms,
    metrics: [...logs.keys()],
    effect: (arm, metric) => {
      const reference = referenceOf(scenario.arms, arm);
      if (reference === null) return 'none';
      const { baseline, control } = reference;
      const placeOf = (name: string): number => turns.arms.indexOf(name);
      return effectOf(
        logs.get(metric),
        placeOf(arm),
        placeOf(baseline),
        control === undefined ? null : placeOf(control),
      );
    },
    level: (arm, metric) => levelOf(logs.get(metric)?.byArm[turns.arms.indexOf(arm)] ?? new Float64Array(0)),
  };
}
