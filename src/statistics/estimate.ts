import type { EstimationMethod, Estimate } from '../model/analysis.js';
import { batchMeans, isDependent, lag1, tailsDiffer, tailZ } from './diagnostics.js';
import { tCritical, tTwoSided } from './distributions.js';
import { at, differences, mean, series, type Series } from './moments.js';
import { hodgesLehmann } from './wilcoxon.js';
import { trim, yuenBoth, yuenOne, type Location } from './yuen.js';

/** Natural logarithms of one metric, block by block in run order: three series of one length. */
export interface PairedLogs {
  readonly arm: Series;
  readonly baseline: Series;
  /** `null`: no control arm, or the control is itself what is compared. */
  readonly control: Series | null;
}

/** From so many complete blocks on the trimmed mean and its t interval are used. */
export const FEWEST_FOR_YUEN = 30;

const LEVEL = 0.95;
/** Two one-sided tests at 5 % are a 90 % interval (Schuirmann 1987). */
const EQUIVALENCE_LEVEL = 0.9;

/** The effect of an arm against its baseline(s); `margin` is a share (0.01 = 1 %); `null` without a block. */
export function estimateEffect(logs: PairedLogs, margin: number): Estimate | null {
  if (logs.arm.length === 0) return null;
  return logs.arm.length < FEWEST_FOR_YUEN ? fromFewBlocks(logs, margin) : fromManyBlocks(logs, margin);
}

/** Hodges-Lehmann on arm and baseline alone: exact at any number of blocks. */
function fromFewBlocks(logs: PairedLogs, margin: number): Estimate {
  const toBaseline = differences(logs.arm, logs.baseline);
  const ranked = hodgesLehmann(toBaseline);
  const [low, high] = ranked.interval(LEVEL);
  return {
    method: 'hodges-lehmann',
    blocks: toBaseline.length,
    logRatio: ranked.value,
    low,
    high,
    p: ranked.p,
    standardError: null,
    degreesOfFreedom: null,
    equivalent: isInside(ranked.interval(EQUIVALENCE_LEVEL), margin),
    meanLogRatio: mean(toBaseline),
    // Both rest on large samples.
    tailZ: null,
    tailDiffers: false,
    lag1: lag1(trim(toBaseline).winsorised),
    dependent: false,
  };
}

function fromManyBlocks(logs: PairedLogs, margin: number): Estimate | null {
  const toBaseline = differences(logs.arm, logs.baseline);
  const toControl = logs.control === null ? null : differences(logs.arm, logs.control);
  const plain = locate(toBaseline, toControl);
  if (plain === null) return null;
  const correlation = lag1(plain.winsorised);
  const dependent = isDependent(correlation, toBaseline.length);
  const used = dependent ? locate(batchMeans(toBaseline), toControl === null ? null : batchMeans(toControl)) : plain;
  if (used === null) return null;
  const contrast = toControl === null ? toBaseline : series(toBaseline.length, (i) => (at(toBaseline, i) + at(toControl, i)) / 2);
  const z = tailZ(contrast, plain.winsorised, plain.value, plain.degreesOfFreedom + 1);
  return {
    ...withIntervals(used, toControl === null ? 'yuen-one' : 'yuen-both', margin),
    blocks: toBaseline.length,
    meanLogRatio: mean(contrast),
    tailZ: z,
    tailDiffers: tailsDiffer(z),
    lag1: correlation,
    dependent,
  };
}

const locate = (toBaseline: Series, toControl: Series | null): Location | null =>
  toControl === null ? yuenOne(toBaseline) : yuenBoth(toBaseline, toControl);

type Inference = Pick<Estimate,
  'method' | 'logRatio' | 'low' | 'high' | 'p' | 'standardError' | 'degreesOfFreedom' | 'equivalent'>;

function withIntervals(location: Location, method: EstimationMethod, margin: number): Inference {
  const { value, standardError, degreesOfFreedom } = location;
  const around = (level: number): readonly [number, number] => {
    const half = tCritical(level, degreesOfFreedom) * standardError;
    return [value - half, value + half];
  };
  const [low, high] = around(LEVEL);
  return {
    method,
    logRatio: value,
    low,
    high,
    p: twoSided(location),
    standardError,
    degreesOfFreedom,
    equivalent: isInside(around(EQUIVALENCE_LEVEL), margin),
  };
}

/** Without any spread (a coarse clock, a simulation) the interval is a point: it is 0 or it is not. */
function twoSided({ value, standardError, degreesOfFreedom }: Location): number {
  if (standardError === 0) return value === 0 ? 1 : 0;
  return tTwoSided(value / standardError, degreesOfFreedom);
}

function isInside([low, high]: readonly [number, number], margin: number): boolean {
  const limit = Math.log1p(margin);
  return low > -limit && high < limit;
}
