import type { EstimationMethod, Estimate } from '../../model/analysis/analysis.js';
import { FEWEST_FOR_TRIMMED } from '../../model/analysis/judgement.js';
import { batchMeans, isDependent, lag1, tailsDiffer, tailZ } from './diagnostics.js';
import { tCritical, tTwoSided } from '../distributions/distributions.js';
import { differences, mean, means, type Series } from '../distributions/moments.js';
import { hodgesLehmann } from '../distributions/wilcoxon.js';
import { trimmedBoth, trimmedOne, TRIMS, type Location, type Trims } from './trimmed.js';

/** Natural logarithms of one metric, block by block in run order: three series of one length. */
export interface PairedLogs {
  readonly arm: Series;
  readonly baseline: Series;
  /** `null`: no control arm, or the control is itself what is compared. */
  readonly control: Series | null;
}

/** Natural logarithms of ratios, block by block in run order: two series of one length. */
export interface PairedRatios {
  readonly toBaseline: Series;
  /** `null` as for {@link PairedLogs}. */
  readonly toControl: Series | null;
}

const LEVEL = 0.95;
/** Two one-sided tests at 5 % are a 90 % interval (Schuirmann 1987). */
const EQUIVALENCE_LEVEL = 0.9;

/** How strict an estimate is; only the margin matters where the number of blocks was fixed beforehand. */
export interface Strictness {
  /** A share: 0.01 = 1 %. */
  readonly margin: number;
  /** The standard error is multiplied by this, because it ended the run. */
  readonly widening?: number;
  /** p is multiplied by this, because it ended the run. */
  readonly pFactor?: number;
  /** Level of the interval that has to lie inside the margin. */
  readonly equivalenceLevel?: number;
  /** What the trimmed means cut off; set only where methods are compared. */
  readonly trims?: Trims;
}

/** The effect of an arm against its baseline(s); `null` without a block. */
export function estimateEffect(
  logs: PairedLogs | PairedRatios,
  { margin, widening = 1, pFactor = 1, equivalenceLevel = EQUIVALENCE_LEVEL, trims = TRIMS }: Strictness,
): Estimate | null {
  const ratios = ratiosOf(logs);
  const { length } = ratios.toBaseline;
  if (length === 0) return null;
  const strictness = { margin, widening, pFactor, equivalenceLevel, trims };
  return length < FEWEST_FOR_TRIMMED ? fromFewBlocks(ratios, strictness) : fromManyBlocks(ratios, strictness);
}

/** The log ratios of a pairing. */
export const ratiosOf = (logs: PairedLogs | PairedRatios): PairedRatios =>
  'arm' in logs
    ? {
        toBaseline: differences(logs.arm, logs.baseline),
        toControl: logs.control === null ? null : differences(logs.arm, logs.control),
      }
    : logs;

/** Hodges-Lehmann on arm and baseline alone: exact at any number of blocks. */
function fromFewBlocks(
  { toBaseline }: PairedRatios,
  { margin, pFactor, equivalenceLevel }: Required<Strictness>,
): Estimate {
  const ranked = hodgesLehmann(toBaseline);
  const [low, high] = ranked.interval(LEVEL);
  return {
    method: 'hodges-lehmann',
    blocks: toBaseline.length,
    logRatio: ranked.value,
    low,
    high,
    p: Math.min(1, pFactor * ranked.p),
    standardError: null,
    degreesOfFreedom: null,
    equivalent: isInside(ranked.interval(equivalenceLevel), margin),
    meanLogRatio: mean(toBaseline),
    // Both rest on large samples.
    tailZ: null,
    tailDiffers: false,
    lag1: lag1(trimmedOne(toBaseline)?.influence ?? toBaseline),
    dependent: false,
  };
}

function fromManyBlocks({ toBaseline, toControl }: PairedRatios, strictness: Required<Strictness>): Estimate | null {
  const plain = locate(toBaseline, toControl, strictness.trims);
  if (plain === null) return null;
  const correlation = lag1(plain.influence);
  const dependent = isDependent(correlation, toBaseline.length);
  const used = dependent
    ? locate(batchMeans(toBaseline), toControl === null ? null : batchMeans(toControl), strictness.trims)
    : plain;
  if (used === null) return null;
  const contrast = toControl === null ? toBaseline : means(toBaseline, toControl);
  const z = tailZ(contrast, plain);
  return {
    ...withIntervals(used, toControl === null ? 'trimmed-one' : 'trimmed-both', strictness),
    blocks: toBaseline.length,
    meanLogRatio: mean(contrast),
    tailZ: z,
    tailDiffers: tailsDiffer(z),
    lag1: correlation,
    dependent,
  };
}

const locate = (toBaseline: Series, toControl: Series | null, trims: Trims): Location | null =>
  toControl === null ? trimmedOne(toBaseline, trims) : trimmedBoth(toBaseline, toControl, trims);

type Inference = Pick<
  Estimate,
  'method' | 'logRatio' | 'low' | 'high' | 'p' | 'standardError' | 'degreesOfFreedom' | 'equivalent'
>;

function withIntervals(
  { value, standardError, degreesOfFreedom }: Location,
  method: EstimationMethod,
  strictness: Required<Strictness>,
): Inference {
  const error = strictness.widening * standardError;
  const around = (level: number): readonly [number, number] => {
    const half = tCritical(level, degreesOfFreedom) * error;
    return [value - half, value + half];
  };
  const [low, high] = around(LEVEL);
  return {
    method,
    logRatio: value,
    low,
    high,
    p: Math.min(1, strictness.pFactor * twoSided(value, error, degreesOfFreedom)),
    standardError,
    degreesOfFreedom,
    equivalent: isInside(around(strictness.equivalenceLevel), strictness.margin),
  };
}

/** Without any spread (a coarse clock, a simulation) the interval is a point: it is 0 or it is not. */
function twoSided(value: number, error: number, degreesOfFreedom: number): number {
  if (error === 0) return value === 0 ? 1 : 0;
  return tTwoSided(value / error, degreesOfFreedom);
}

function isInside([low, high]: readonly [number, number], margin: number): boolean {
  const limit = Math.log1p(margin);
  return low > -limit && high < limit;
}
