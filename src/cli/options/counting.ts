import type { CounterChoice } from '../../model/results/syscalls.js';
import { wholeOption } from './values.js';

/** Whether and how system calls are counted; declared in program-syscalls.ts. */
export interface CountingOptions {
  readonly countSyscalls?: boolean;
  readonly countRepeats?: string;
  readonly countWith?: CounterChoice;
}

/** Counting runs that are wanted, checked. */
export interface CountingPlan {
  readonly counter: CounterChoice;
  readonly repeats: number;
}

const DEFAULT_REPEATS = '3';

/** `null` where nothing shall be counted. Throws `usage`. */
export function countingPlan({
  countSyscalls = false,
  countRepeats = DEFAULT_REPEATS,
  countWith = 'auto',
}: CountingOptions): CountingPlan | null {
  const repeats = wholeOption(
    '--count-repeats',
    countRepeats,
    1,
    'One run shows no count that varies; --count-repeats 3 is the default.',
  );
  return countSyscalls ? { counter: countWith, repeats } : null;
}
