import type { CallCount } from '../../model/results/syscalls.js';

/** What printed a table of system calls. */
export type TableForm = 'strace' | 'perf-trace' | 'perf-stat' | 'bpftrace';

/**
 * What the seconds of a table are. strace: CPU time in the kernel, or wall time with -w, which its table does not say;
 * perf trace: wall time from entry to return, waiting included.
 */
export type TableTime = 'strace' | 'wall';

/** Counts of system calls as another tool printed them. */
export interface CallTable {
  readonly form: TableForm;
  /** Of the line where it begins, from 1. */
  readonly line: number;
  /** By name, in alphabetic order. Calls of another word size are marked, as `read (32 bit)`. */
  readonly calls: readonly CallCount[];
  /** `null` where the table has no times. */
  readonly time: TableTime | null;
  /** What is missing in it or may mislead, one line each, without the file's name. */
  readonly warnings: readonly string[];
}

/** Counts of the same name added up, in alphabetic order. */
export const byName = (calls: readonly CallCount[]): readonly CallCount[] =>
  calls.toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));

/** A whole number of calls that is exact as a double. */
export const isCount = (text: string): boolean => /^\d{1,15}$/.test(text);
