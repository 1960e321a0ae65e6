import type { ContainerProgram } from './program.js';
import type { FORMAT_VERSION } from './result.js';

/** What can keep a profile of a program. */
export const PROFILERS = ['cprofile', 'perf'] as const;
export type Profiler = (typeof PROFILERS)[number];

/** One arm's times of the payload in the program's place, block by block, in nanoseconds; `null` where that container failed. */
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

/** A profile that was kept, or why there is none. */
export type KeptProfile =
  | {
    readonly arm: string;
    readonly profiler: Profiler;
    readonly state: 'kept';
    /** Within the results folder. */
    readonly file: string;
    /** What the profiler says the program took, where it says so. */
    readonly seconds: number | null;
  }
  | { readonly arm: string; readonly profiler: Profiler; readonly state: 'none'; readonly reason: string };

/** Something that was to be found out and could not be, and what would change that. */
export interface NotTaken {
  readonly what: 'starts' | 'rate' | 'prices' | 'touch' | 'profiles';
  readonly reason: string;
}

/** workload.json: what was found out of a program beside its times, in runs of its own. */
export interface WorkloadFindings {
  readonly formatVersion: typeof FORMAT_VERSION;
  /** As it ran on this machine. */
  readonly program: ContainerProgram;
  readonly starts: readonly StartTimes[];
  readonly rates: readonly CallRate[];
  readonly profiles: readonly KeptProfile[];
  readonly notTaken: readonly NotTaken[];
}
