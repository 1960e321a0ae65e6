import type { ContainerProgram } from '../container/program.js';
import type { FormatVersion } from './format.js';

/** Programs that record a CPU profile. */
export const PROFILERS = ['cprofile', 'perf'] as const;
/** A program that records a CPU profile. */
export type Profiler = (typeof PROFILERS)[number];

/**
 * One arm's times of the payload in the program's place, block by block, in nanoseconds; `null` where that container
 * failed.
 */
export interface StartTimes {
  readonly arm: string;
  readonly wallNs: readonly (number | null)[];
  readonly cpuNs: readonly (number | null)[];
}

/** System calls of the program's container and of what starts it, second by second. */
export interface CallRate {
  readonly arm: string;
  /** Length of the steps, the last one shorter. */
  readonly stepMs: number;
  /** Calls begun in each step. */
  readonly calls: readonly number[];
  /** Of the whole run, in nanoseconds. */
  readonly wallNs: number;
}

/**
 * Time of a system call in an arm's containers, block by block, in nanoseconds per call, without the loop around it;
 * `null` where the container failed.
 */
export interface CallTimes {
  readonly arm: string;
  readonly call: string;
  /** @minimum -9007199254740991 */
  readonly ns: readonly (number | null)[];
}

/** What the filters of an arm do with a call, by its number and over all arguments. */
export interface CallClass {
  readonly arm: string;
  readonly call: string;
  /** The kernel knows from the number that every filter allows it, and runs none. */
  readonly cached: boolean;
  /** Classic BPF instructions executed where one is run, over all arguments; 0 without a filter. */
  readonly fewest: number;
  readonly most: number;
}

/** What system calls cost under each arm, measured in this run. */
export interface CallPrices {
  readonly times: readonly CallTimes[];
  /** Of the priced calls and of those the program made. */
  readonly classes: readonly CallClass[];
}

/**
 * A call priced with so much memory read before each: it is the touching that is taken off, so what is left is the
 * call's and what it does to the caches.
 */
export interface TouchTimes extends CallTimes {
  readonly mib: number;
  readonly order: 'sequential' | 'random';
}

/** A CPU profile, or the reason why there is none. */
export type KeptProfile =
  | {
      readonly arm: string;
      readonly profiler: Profiler;
      readonly state: 'kept';
      /** Within the results folder. */
      readonly file: string;
      /** The program's time by the profiler; `null` where it does not report one. */
      readonly seconds: number | null;
    }
  | { readonly arm: string; readonly profiler: Profiler; readonly state: 'none'; readonly reason: string };

/** Something that could not be found out, with the reason. */
export interface NotTaken {
  readonly what: 'starts' | 'rate' | 'prices' | 'touch' | 'profiles';
  readonly reason: string;
}

/** workload.json: what was found out about a program besides its times, in separate runs. */
export interface WorkloadFindings {
  readonly formatVersion: FormatVersion;
  /** As it ran on this machine. */
  readonly program: ContainerProgram;
  readonly starts: readonly StartTimes[];
  readonly rates: readonly CallRate[];
  /** `null` where no call was priced. */
  readonly prices: CallPrices | null;
  readonly touch: readonly TouchTimes[];
  readonly profiles: readonly KeptProfile[];
  readonly notTaken: readonly NotTaken[];
}
