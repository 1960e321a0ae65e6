import type { Probes } from '../run/unit.js';
import type { Metric } from './judgement.js';

/**
 * A span or a difference of spans in nanoseconds with its 95 % interval; `null` bounds where too few blocks give none.
 */
export interface Amount {
  readonly ns: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** What one arm's program does, per run or request. */
export interface ArmActivity {
  readonly arm: string;
  /** System calls of the program itself, mean over the counting runs; `null` where they were not counted. */
  readonly calls: number | null;
  /** Those divided by the median wall time of runs that were not traced. */
  readonly callsPerSecond: number | null;
  /**
   * Calls in each second of one run under perf, those of the runtime that starts it included; empty where perf could
   * not count.
   */
  readonly series: readonly number[];
  /** Medians over the measured runs, the runtime's included; `null` of a server too. */
  readonly minorFaults: number | null;
  readonly majorFaults: number | null;
  readonly voluntarySwitches: number | null;
  readonly involuntarySwitches: number | null;
}

/**
 * What a filter adds to calls of a kind: cached ones run no filter at all, others run as many instructions as were
 * priced.
 */
export interface PriceLine {
  readonly arm: string;
  readonly kind: 'cached' | 'filtered';
  /** Added to every call, against the baseline. */
  readonly price: Amount;
  /** Mean number of instructions executed by the priced calls of that kind; 0 for cached ones. */
  readonly instructions: number;
  readonly calls: readonly string[];
}

/** One arm's cost against the baseline, predicted and measured. */
export interface FilterCost {
  readonly arm: string;
  readonly baseline: string;
  /** Whether the baseline has no filter: the difference is then what the arm's filter costs. */
  readonly unfiltered: boolean;
  readonly metric: Metric;
  /** What all amounts are of: a run of the program, or a request of a server. */
  readonly thing: 'run' | 'request';
  /** The difference between starts alone. */
  readonly start: Amount | null;
  /** Counted calls times what each costs more; `null` where either is not known. */
  readonly calls: Amount | null;
  /** Calls of the program for which no filter is run. */
  readonly cachedShare: number | null;
  /** Of `calls`, the call for which the filter runs that costs most; `null`: no such call was made or priced. */
  readonly uncached: { readonly call: string; readonly calls: number; readonly amount: Amount } | null;
  /** Both together. */
  readonly predicted: Amount | null;
  readonly measured: Amount | null;
  /** `measured` relative to the baseline. */
  readonly share: ShareEstimate | null;
  /** Whether the intervals of both meet; `null` where one has none. */
  readonly agree: boolean | null;
}

/** One call with a working set of that many MiB. */
export interface TouchedPrice {
  readonly arm: string;
  readonly mib: number;
  readonly order: 'sequential' | 'random';
  /** Of a call, not of a difference. */
  readonly perCall: Amount;
}

/** What one arm's server did under the load. */
export interface ServedArm {
  readonly arm: string;
  /** Means over the complete blocks; `null`: there are none. */
  readonly requestsPerSecond: Mean | null;
  /** Where its CPU time is from; `null`: not known. */
  readonly cpuFrom: 'cgroup' | 'processes' | null;
  /** As far as the load program tells. */
  readonly latencies: readonly { readonly of: LatencyName; readonly at: Amount }[];
}

/** An arm's server against that of its baseline. */
export interface ServedChange {
  readonly arm: string;
  readonly baseline: string;
  /** Negative: fewer than under the baseline. */
  readonly requestsPerSecond: ShareEstimate | null;
  readonly latencies: readonly { readonly of: LatencyName; readonly added: Amount }[];
}

/** A latency that load programs report. */
export type LatencyName = 'mean' | 'p50' | 'p99';

/** A mean with its 95 % interval; `null` bounds where too few blocks give none. */
export interface Mean {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** What the load program showed of a server, and how it changes with the arm. */
export interface ServiceAnalysis {
  readonly arms: readonly ServedArm[];
  readonly changes: readonly ServedChange[];
}

export interface WorkloadAnalysis {
  /** Of a server; absent: the program ended by itself. */
  readonly service?: ServiceAnalysis;
  readonly activities: readonly ArmActivity[];
  readonly prices: readonly PriceLine[];
  readonly costs: readonly FilterCost[];
  readonly touched: readonly TouchedPrice[];
}

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
