import type { Probes } from '../run/unit.js';
import type { Amount } from './workload-analysis.js';

/** A share (0.61 = 61 %) with its 95 % interval; `null` where so few blocks have none. */
export interface ShareEstimate {
  readonly share: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** What one exec under an arm takes: means, because costs of many execs add up. */
export interface ExecCost {
  readonly arm: string;
  /** Nanoseconds of CPU time; `null` where a daemon does the work, whose CPU time is not known. */
  readonly cpu: Amount | null;
  readonly wall: Amount;
  /**
   * The filter's share of the CPU time: what an exec takes more than one of the arm without a filter, in the same
   * blocks. `null` where there is no such arm, or no CPU time.
   */
  readonly filter: ShareEstimate | null;
}

/** What probes take of one CPU under an arm; 1 is a whole one. */
export interface ProbeCost extends ShareEstimate {
  readonly arm: string;
}

/** What execs cost, in complete blocks. */
export interface ExecAnalysis {
  readonly costs: readonly ExecCost[];
  /** The arm without a filter that shares are relative to; `null`: there is none. */
  readonly unfiltered: string | null;
  /** `null` where no probes were asked about. `costs` is empty where no CPU time is known. */
  readonly probes: (Probes & { readonly costs: readonly ProbeCost[] }) | null;
}
