import type { ControlCheck, Estimate, TreatmentFault, VerdictReason } from '../../model/analysis/analysis.js';
import type { Emulation } from '../../model/run/emulation.js';
import { FEWEST_FOR_VERDICT } from '../../model/run/scenario.js';
import type { Survival } from './failure-test.js';
import type { Decision } from './verdict.js';

/** What a verdict rests on, besides the estimate. */
export interface Circumstances {
  readonly check: ControlCheck | undefined;
  /** Complete blocks of the run, whether or not this metric could use them. */
  readonly blocksComplete: number;
  readonly blocksPlanned: number;
  readonly treatmentFault: TreatmentFault | null;
  /** Of the arm, and of baseline and control together. */
  readonly survival: readonly [arm: Survival, others: Survival];
  /** The metric cannot show a difference on this system. */
  readonly hidden: boolean;
  readonly emulation: Emulation | null;
  readonly changed: { readonly path: string | null } | null;
}

/** Why this verdict was reached, as a code with its numbers. */
export function reasonFor(
  { verdict, invalid }: Decision,
  estimate: Estimate | null,
  circumstances: Circumstances,
): VerdictReason {
  if (verdict === 'invalid') return invalidReason(invalid, circumstances);
  if (estimate === null) {
    if (circumstances.blocksComplete === 0) return { code: 'noBlock' };
    return { code: circumstances.hidden ? 'hidden' : 'notRecorded' };
  }
  switch (verdict) {
    case 'described':
      return { code: 'fewBlocks', blocks: estimate.blocks, needed: FEWEST_FOR_VERDICT };
    case 'functional':
      return { code: 'emulated', emulation: circumstances.emulation?.kind ?? 'tcg' };
    case 'faster':
    case 'slower':
      return { code: 'difference', small: estimate.equivalent };
    case 'equivalent':
      return { code: 'withinMargin' };
    case 'inconclusive':
      return { code: 'unresolved' };
  }
}

function invalidReason(invalid: Decision['invalid'], circumstances: Circumstances): VerdictReason {
  const { check, blocksComplete: blocks, blocksPlanned: planned, treatmentFault: fault, survival } = circumstances;
  const [own, others] = survival;
  if (invalid === 'runtimeChanged') return { code: 'runtimeChanged', path: circumstances.changed?.path ?? null };
  if (invalid === 'treatment' && fault !== null) return { code: 'treatment', fault };
  if (invalid === 'failures')
    return {
      code: 'failures',
      failed: own.failed,
      run: own.run,
      othersFailed: others.failed,
      othersRun: others.run,
    };
  if (invalid === 'tooFewBlocks') return { code: 'tooFewBlocks', blocks, planned, needed: FEWEST_FOR_VERDICT };
  const seen = check?.estimate ?? null;
  return { code: 'control', logRatio: seen?.logRatio ?? null, p: seen?.p ?? null };
}
