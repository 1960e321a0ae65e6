import type { Bound } from './bound.js';
import type { Metric } from './judgement.js';
import type { StoppingRule } from '../run/stopping.js';

/** Something that is counted, not sampled: compared exactly, without interval or test. */
export interface ExactComparison {
  readonly arm: string;
  readonly baseline: string;
  readonly quantity:
    'architectures' | 'specBytes' | 'filterInstructions' | 'writtenBytes' | 'writtenLines' | 'writtenSections';
  /** `null` where it is not known of this arm. */
  readonly value: number | null;
  readonly baselineValue: number | null;
  readonly verdict: 'fewer' | 'same' | 'more' | 'unknown';
}

interface DiagnosticBase {
  readonly metric: Metric;
  /** Beyond chance and large enough to matter: it is then also among the warnings. */
  readonly clear: boolean;
}

/** What a run's series show besides the effect. */
export type Diagnostic =
  /** The place in the block that departs most from the others. */
  | (DiagnosticBase & {
      readonly kind: 'slot';
      readonly position: number;
      readonly logRatio: number;
      readonly p: number;
    })
  /** Last quarter of the run against the first, in the baseline's medians. */
  | (DiagnosticBase & { readonly kind: 'drift'; readonly logRatio: number })
  /** A start right after this arm against a start right after another one, both of the baseline's kind. */
  | (DiagnosticBase & {
      readonly kind: 'carryOver';
      readonly arm: string;
      readonly logRatio: number;
      readonly low: Bound;
      readonly high: Bound;
      readonly blocks: number;
      /** How much smaller the effect comes out for it, as a share. */
      readonly shrinksBy: number;
    })
  | (DiagnosticBase & { readonly kind: 'dependence'; readonly arm: string; readonly lag1: number })
  | (DiagnosticBase & {
      readonly kind: 'tails';
      readonly arm: string;
      readonly z: number;
      readonly meanLogRatio: number;
      /** The trimmed mean. */
      readonly logRatio: number;
    });

/** How the run ended, where a rule was to end it. */
export interface StoppingOutcome {
  readonly rule: StoppingRule;
  readonly state: 'reached' | 'notReached';
  /** Blocks that were run, and the most the run could have taken. */
  readonly blocks: number;
  readonly most: number;
}
