import type { Estimate } from './analysis.js';
import type { Located, PercallResult, SimulatedCall } from '../results/percall.js';

/** What a call costs under an arm. */
export interface CallPrice extends SimulatedCall {
  /** ns per call: of each container the median over its rounds, the loop itself subtracted. */
  readonly ns: Located;
  /**
   * The call without a filter that it is held against: itself, or `unknown` where it is denied and the baseline's is
   * not, since it then does none of its own work.
   */
  readonly reference: string;
  /** ns more than the reference, from pairs within a block; of the baseline itself 0. */
  readonly added: Located;
  /** Against the reference; `null` of the baseline. */
  readonly ratio: Estimate | null;
}

/**
 * Straight line through what calls that run a filter cost more: added ns = entry + slope x instructions, fitted in
 * every block by itself.
 */
export interface InstructionFit {
  /** Points: arms times calls that ran a filter. */
  readonly points: number;
  readonly entryNs: Located;
  readonly nsPerInstruction: Located;
}

/** A sentence about the numbers, and whether they bear it out. */
export interface PercallFinding {
  readonly state: 'holds' | 'fails' | 'open';
  readonly sentence: string;
}

export interface PercallAnalysis {
  readonly run: PercallResult;
  /** A share: smaller differences from the call without a filter count as none. */
  readonly margin: number;
  /** Blocks in which every arm's container was ok. */
  readonly blocks: number;
  readonly failed: number;
  /** Causes with their numbers. */
  readonly failures: readonly { readonly arm: string; readonly cause: string; readonly count: number }[];
  /**
   * The control's estimate per call, and whether it agrees with the baseline: p of at least 0.01 agrees, below 0.001
   * the run proves nothing.
   */
  readonly controls: readonly {
    readonly call: string;
    readonly estimate: Estimate;
    readonly state: 'agrees' | 'doubtful' | 'differs';
  }[];
  readonly prices: readonly CallPrice[];
  /** `null` where there is no line; then {@link noFit} says why. */
  readonly fit: InstructionFit | null;
  readonly noFit: string | null;
  /** Arms whose filter was not the one that was simulated: they are in no line, chart or finding. */
  readonly doubted: readonly string[];
  readonly findings: readonly PercallFinding[];
  readonly warnings: readonly string[];
}
