import type { Metric, Verdict } from '../../model/analysis/analysis.js';
import { FEWEST_FOR_TRIMMED } from '../../model/analysis/judgement.js';
import type { BetweenEstimate, BetweenRow, BetweenRuns } from '../../model/analysis/between.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import type { RunResult } from '../../model/results/result.js';
import { referenceOf } from '../../model/run/scenario.js';
import { tCritical, tTwoSided } from '../distributions/distributions.js';
import { estimateEffect } from '../paired/estimate.js';
import { paired, timedMetricsOf, type MetricLogs } from '../paired/metrics.js';
import { mean, series, variance, type Series } from '../distributions/moments.js';
import { collectTurns } from '../paired/turns.js';

type Run = Pick<RunResult, 'plan' | 'samples'> & { readonly host?: Pick<RunResult['host'], 'emulation'> };

/** A value with its standard error. */
interface Measured {
  readonly value: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
}

/**
 * Stretches a run is cut into: the spread of their means holds the drift of the machine that single blocks would hide.
 */
const STRETCHES = 10;

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

function measured({ plan: { scenario }, samples }: Run): MeasuredRun {
  const turns = collectTurns(scenario, samples);
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

function effectOf(
  logs: MetricLogs | undefined,
  arm: number,
  baseline: number,
  control: number | null,
): Measured | null {
  const estimate = logs === undefined ? null : estimateEffect(paired(logs, arm, baseline, control), { margin: 1 });
  const [standardError, degreesOfFreedom] = [estimate?.standardError ?? null, estimate?.degreesOfFreedom ?? null];
  return estimate === null || standardError === null || degreesOfFreedom === null
    ? null
    : { value: estimate.logRatio, standardError, degreesOfFreedom };
}

/** The mean log time with the standard error of the means of consecutive stretches. */
function levelOf(logs: Series): Measured | null {
  if (logs.length < FEWEST_FOR_TRIMMED) return null;
  const means = series(STRETCHES, (i) =>
    mean(logs.slice(Math.floor((i * logs.length) / STRETCHES), Math.floor(((i + 1) * logs.length) / STRETCHES))),
  );
  return { value: mean(means), standardError: Math.sqrt(variance(means) / STRETCHES), degreesOfFreedom: STRETCHES - 1 };
}

/**
 * Welch's t for two independent values (Welch 1947): degrees of freedom (a + b)^2 / (a^2 / df_a + b^2 / df_b), a and b
 * the squared errors.
 */
function difference(before: Measured, after: Measured, margin: number): BetweenEstimate {
  const [a, b] = [before.standardError ** 2, after.standardError ** 2];
  const standardError = Math.sqrt(a + b);
  const logRatio = after.value - before.value;
  if (standardError === 0)
    return {
      logRatio,
      low: logRatio,
      high: logRatio,
      p: logRatio === 0 ? 1 : 0,
      equivalent: Math.abs(logRatio) < Math.log1p(margin),
    };
  const degrees = (a + b) ** 2 / (a ** 2 / before.degreesOfFreedom + b ** 2 / after.degreesOfFreedom);
  const half = tCritical(0.95, degrees) * standardError;
  const narrow = tCritical(0.9, degrees) * standardError;
  const limit = Math.log1p(margin);
  return {
    logRatio,
    low: logRatio - half,
    high: logRatio + half,
    p: tTwoSided(logRatio / standardError, degrees),
    equivalent: logRatio - narrow > -limit && logRatio + narrow < limit,
  };
}
