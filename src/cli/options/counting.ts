import type { Command } from 'commander';
import type { CountingRequest } from '../../model/experiment/request.js';
import { COUNTER_CHOICES } from '../../model/results/syscalls.js';
import type { CounterChoice } from '../../model/results/syscalls.js';
import { choice, option } from './option.js';
import { wholeOrNone } from './values.js';

export interface RawCounting {
  readonly countSyscalls?: boolean;
  readonly countRepeats?: string;
  readonly countWith?: CounterChoice;
}

const MOST_REPEATS = 1000;

/** `--count-syscalls`. */
export const declareCountSyscalls = (command: Command): Command =>
  command.addOption(option('--count-syscalls', 'also count the system calls of each arm, in separate runs', 'calls'));

/** `--count-repeats`, `--count-with`. */
export function declareCounting(command: Command): Command {
  return command
    .addOption(option('--count-repeats <n>', 'counting runs per arm (default: 3, or 1 for a slow program)', 'calls'))
    .addOption(
      choice('--count-with <counter>', 'tool that counts; auto (default) uses the first that works', 'calls', {
        values: COUNTER_CHOICES,
        kind: 'a counter',
      }),
    );
}

/** How system calls are counted. Throws `usage`. */
export const parseCountingRuns = ({ countRepeats, countWith = 'auto' }: RawCounting): CountingRequest => ({
  counter: countWith,
  repeats: wholeOrNone('--count-repeats', countRepeats, [1, MOST_REPEATS]) ?? null,
});

/** `null` where system calls are not counted; the other options are checked anyway. Throws `usage`. */
export function parseCounting(raw: RawCounting): CountingRequest | null {
  const request = parseCountingRuns(raw);
  return raw.countSyscalls === true ? request : null;
}
