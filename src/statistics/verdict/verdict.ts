import type { ControlCheck, Estimate, InvalidReason, TreatmentFault, Verdict } from '../../model/analysis/analysis.js';
import { FEWEST_FOR_VERDICT } from '../../model/run/scenario.js';

/** Below this the A/A check is invalid; one honest run in a thousand. */
const INVALID_P = 0.001;
const WARNING_P = 0.01;
/** The exact p of fewer blocks cannot fall below the warning limit: 2 / 2^7 is 0.016. */
const FEWEST_FOR_CHECK = 8;
const SIGNIFICANT = 0.05;

/** What the A/A check of a metric found. */
export function controlState(estimate: Estimate | null): ControlCheck['state'] {
  if (estimate === null || estimate.blocks < FEWEST_FOR_CHECK) return 'unknown';
  if (estimate.p < INVALID_P) return 'invalid';
  return estimate.p < WARNING_P ? 'warning' : 'ok';
}

/** Everything a verdict rests on. */
export interface Grounds {
  readonly estimate: Estimate | null;
  readonly control: ControlCheck['state'];
  readonly treatmentFault: TreatmentFault | null;
  /** A program that makes the containers was replaced meanwhile. */
  readonly runtimeChanged: boolean;
  readonly failDifferently: boolean;
  /** Blocks the plan asks for, and those that were completed. */
  readonly planned: number;
  readonly complete: number;
  /** The times are an emulator's. */
  readonly emulated: boolean;
}

export interface Decision {
  readonly verdict: Verdict;
  readonly invalid: InvalidReason | null;
}

/**
 * The verdict of one comparison, by the first rule that applies. Invalid: the runtime was replaced, the treatment was
 * not applied, the arms fail differently, the A/A check failed, or planned blocks are missing so that fewer than 20 are
 * left (under emulation only the first three, which do not rest on times). Described: nothing was recorded. Functional:
 * emulated. Described: too few blocks were asked for. Else what the numbers say ({@link decide}).
 */
export function judge(grounds: Grounds): Decision {
  const invalid = reasonOf(grounds);
  if (invalid !== null) return { verdict: 'invalid', invalid };
  const { estimate } = grounds;
  if (estimate === null) return { verdict: 'described', invalid: null };
  if (grounds.emulated) return { verdict: 'functional', invalid: null };
  if (estimate.blocks < FEWEST_FOR_VERDICT) return { verdict: 'described', invalid: null };
  return { verdict: decide(estimate, estimate.p), invalid: null };
}

function reasonOf({
  runtimeChanged,
  treatmentFault,
  failDifferently,
  control,
  planned,
  complete,
  emulated,
}: Grounds): InvalidReason | null {
  if (runtimeChanged) return 'runtimeChanged';
  if (treatmentFault !== null) return 'treatment';
  if (failDifferently) return 'failures';
  if (emulated) return null;
  if (control === 'invalid') return 'control';
  return planned >= FEWEST_FOR_VERDICT && complete < FEWEST_FOR_VERDICT ? 'tooFewBlocks' : null;
}

/**
 * What an estimate says at a p that may be adjusted. At most 0.05 (the 95 % interval excludes 0): faster or slower,
 * also where the effect is smaller than the margin, because a real difference is not called none. Two one-sided tests
 * passed: equivalent. Else inconclusive.
 */
export function decide(estimate: Estimate, p: number): Verdict {
  if (p <= SIGNIFICANT && estimate.logRatio !== 0) return estimate.logRatio < 0 ? 'faster' : 'slower';
  return estimate.equivalent ? 'equivalent' : 'inconclusive';
}
