import type { BetweenEstimate } from '../../model/analysis/between.js';
import { FEWEST_FOR_TRIMMED } from '../../model/analysis/judgement.js';
import { tCritical, tTwoSided } from '../distributions/distributions.js';
import { mean, series, variance, type Series } from '../distributions/moments.js';
import { estimateEffect } from '../paired/estimate.js';
import { paired, type MetricLogs } from '../paired/metrics.js';

/** A value with its standard error. */
export interface Measured {
  readonly value: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
}

/**
 * Stretches a run is cut into: the spread of their means holds the drift of the machine that single blocks would hide.
 */
const STRETCHES = 10;

/** The effect of an arm, by the arms' places in the plan; `null` below 30 blocks. */
export function effectOf(
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
export function levelOf(logs: Series): Measured | null {
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
export function difference(before: Measured, after: Measured, margin: number): BetweenEstimate {
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
