import type { ChartSpec } from '../charts/spec.js';

/** What a page carries for its script, as JSON. */
export interface PageData {
  /** By the id of their picture. */
  readonly charts: Readonly<Record<string, ChartSpec>>;
  /** Names of all arms, the baseline first. */
  readonly arms: readonly string[];
  /** Of every run, in the order of the page. */
  readonly samples: readonly RunSamples[];
}

/** Measured containers of a run, as columns: entry `i` of every column of an arm is one container. */
export interface RunSamples {
  /** Name of the run. */
  readonly run: string;
  readonly arms: readonly ArmSamples[];
}

export interface ArmSamples {
  readonly arm: string;
  /** 0-based. */
  readonly block: readonly number[];
  /** Microseconds of wall time. */
  readonly wall: readonly number[];
  /** Microseconds of CPU time, user and system; absent where a daemon did the work, and none was recorded. */
  readonly cpu?: readonly number[];
}
