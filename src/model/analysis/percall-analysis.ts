import type { Bound } from './bound.js';
import type { Estimate, UnfinishedRun } from './analysis.js';
import type { RunWarning } from './warnings.js';
import type { ActionPlan, AnswerName } from '../results/percall/action-price.js';
import type { Located, PercallResult, SimulatedCall, UnpricedCalls } from '../results/percall/percall.js';

/** What a call costs under an arm. */
export interface CallPrice extends SimulatedCall {
  /** ns per call: of each container the median over its rounds, the loop itself subtracted. */
  readonly ns: Located;
  /**
   * The call without a filter that it is compared with: itself, or `unknown` where it is denied here and not in the
   * baseline, since it then does no work.
   */
  readonly reference: string;
  /** ns more than the reference, from pairs within a block; of the baseline itself 0. */
  readonly added: Located;
  /** Against the reference; `null` of the baseline. */
  readonly ratio: Estimate | null;
}

/** What a call costs under two arms, in ns per call. */
export interface PriceDifference {
  readonly call: string;
  readonly before: Located;
  readonly after: Located;
  /** The second less the first. */
  readonly added: Located;
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

/** Why no line through the priced calls could be fitted. */
export type NoFit =
  /** No call ran a filter whose instructions are known. */
  | { readonly code: 'noFilterRan' }
  /** Instruction counts from `least` to `most`; the line needs a span of `needed`. */
  | { readonly code: 'tooClose'; readonly least: number; readonly most: number; readonly needed: number }
  | { readonly code: 'noBlock' };

/** One priced call in a finding. */
export interface PricedPoint {
  readonly call: string;
  readonly arm: string;
  readonly instructions: number;
  /** A bound or the value of the added ns, as the finding says. */
  readonly ns: Bound;
}

/** A claim about the prices with its numbers, and whether the intervals support it. */
export type PercallFinding = { readonly state: 'holds' | 'fails' | 'open' } & (
  | {
      /** A cached call costs at most `limit` (a share) more than without a filter. */
      readonly code: 'cachedIsCheap';
      readonly call: string;
      readonly arm: string;
      readonly limit: number;
      /** 95 % interval of the ratio to no filter, as log ratios. */
      readonly low: Bound;
      readonly high: Bound;
      readonly addedNs: number;
      readonly ns: number;
    }
  | {
      /** Cached calls cost the same under every filter: intervals within `spread` of `limit` (shares). */
      readonly code: 'cachedAlike';
      readonly call: string;
      readonly spread: number;
      readonly limit: number;
    }
  | {
      /** A filter adds less to every cached call than to any call that runs it; upper and lower bound. */
      readonly code: 'cachedIsCheaper';
      readonly cached: PricedPoint;
      readonly run: PricedPoint;
    }
  | {
      /** Calls that run a filter cost more than without one. */
      readonly code: 'runCostsMore';
      readonly cheapest: PricedPoint;
      readonly dearest: PricedPoint;
    }
  | {
      /** The added time grows with the instructions executed. */
      readonly code: 'growsWithLength';
      readonly calls: readonly { readonly shortest: PricedPoint; readonly longest: PricedPoint }[];
    }
);

/** What a reader must know before believing the prices. */
export type PercallWarning =
  /** As of a run that times starts. */
  | Extract<RunWarning, { readonly code: 'failedBlocks' | 'runtimeChanged' | 'paused' | 'hostBusy' }>
  | UnfinishedRun
  /** Baseline and its copy differ: `invalid` below p = 0.001, `warning` below 0.01. */
  | { readonly code: 'controlDiffers'; readonly state: 'invalid' | 'warning'; readonly calls: readonly string[] }
  | { readonly code: 'fewBlocks'; readonly blocks: number; readonly needed: number }
  | { readonly code: 'blocksNotRun'; readonly blocks: number; readonly planned: number }
  | { readonly code: 'containersFailed'; readonly containers: number }
  /** Speculation mitigations differ between the arms. */
  | { readonly code: 'speculation' }
  /** The simulated filter denies the call with `errno`; the call returned `result`. */
  | {
      readonly code: 'contradiction';
      readonly arm: string;
      readonly call: string;
      readonly errno: number;
      readonly result: number;
    }
  /** The simulated filter is not the one read from the container. */
  | { readonly code: 'otherFilter'; readonly arm: string }
  /** Calls that were not timed, as this arm's filter would have ended or stopped their caller. */
  | ({ readonly code: 'callsLeftOut' } & UnpricedCalls)
  /** Arms that are in no line, chart or finding. */
  | { readonly code: 'leftOut'; readonly arms: readonly string[] };

/** A cause of failures, and how many containers of an arm it ended. */
export interface PercallFailure {
  readonly arm: string;
  readonly cause: string;
  readonly count: number;
}

/** What an answer costs: the filter's own, a listener's, a log line or a tracer's. */
export interface ActionPrice {
  /** The name of its turn: `allow`, `notify-sync`, ... */
  readonly name: AnswerName;
  /** ns of real time per call: of each container the median over its rounds, the loop itself subtracted. */
  readonly ns: Located;
  /** ns more than under the same filter that allows the call, from pairs within a block; 0 of that itself. */
  readonly added: Located;
  /** Calls in all of its containers, warm-up included. */
  readonly calls: number;
  /** Notifications that the listener answered, or stops that the tracer continued, in the same containers. */
  readonly answered: number;
  /** Seccomp and Seccomp_filters of /proc/self/status, each value that was read; negative: it could not be read. */
  readonly proc: readonly { readonly mode: number; readonly filters: number }[];
}

/** The prices of actions of a filter. */
export interface ActionAnalysis {
  readonly plan: ActionPlan;
  /** Blocks in which every answer's container was ok. */
  readonly blocks: number;
  readonly failures: readonly PercallFailure[];
  /** The copy of the turn that allows the call against that turn; `null`: no complete block. */
  readonly control: { readonly estimate: Estimate; readonly state: 'agrees' | 'doubtful' | 'differs' } | null;
  /** The one that allows the call first. */
  readonly prices: readonly ActionPrice[];
}

export interface PercallAnalysis {
  readonly run: PercallResult;
  /** A share: smaller differences from the call without a filter count as none. */
  readonly margin: number;
  /** Blocks in which every arm's container was ok. */
  readonly blocks: number;
  readonly failed: number;
  readonly failures: readonly PercallFailure[];
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
  /** `null` where there is no line; then {@link noFit} has the reason. */
  readonly fit: InstructionFit | null;
  readonly noFit: NoFit | null;
  /** Arms whose filter was not the one that was simulated: they are in no line, chart or finding. */
  readonly doubted: readonly string[];
  readonly findings: readonly PercallFinding[];
  /** Absent: no action was priced. */
  readonly actions?: ActionAnalysis;
  /** Besides those of the results folder itself. */
  readonly warnings: readonly PercallWarning[];
}
