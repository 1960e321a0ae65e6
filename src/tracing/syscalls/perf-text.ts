import { BenchError } from '../../errors.js';
import { ANY_CALL } from '../../model/results/syscalls.js';
import type { CallCount } from '../../model/results/syscalls.js';

/** One thread in the output of `perf trace -s`. */
export interface PerfThread {
  /** Its name when it ended, at most 15 bytes. */
  readonly name: string;
  readonly pid: number;
  readonly calls: readonly CallCount[];
}

const SECTION = /^ ?(\S.*) \((\d+)\), \d+ events\b/;

/**
 * Reads the summary of `perf trace -s`: one section per thread. Columns are found by their heads, because older
 * versions have no column for errors. Throws `environment` where perf lost events, because the counts are then too low.
 */
export function readPerfTrace(text: string): readonly PerfThread[] {
  const lost = /LOST \d+ events/.exec(text)?.[0];
  if (lost !== undefined)
    throw new BenchError('environment', `perf trace did not see every call: ${lost}`, {
      hint: 'Use --count-with strace.',
    });
  const threads: { name: string; pid: number; calls: CallCount[] }[] = [];
  let columns: readonly string[] = [];
  for (const line of text.split('\n')) {
    const [, name, pid] = SECTION.exec(line) ?? [];
    if (name !== undefined) threads.push({ name, pid: Number(pid), calls: [] });
    const words = line.trim().split(/\s+/);
    if (words[0] === 'syscall') columns = words;
    const row = rowOf(words, columns);
    if (row !== undefined) threads.at(-1)?.calls.push(row);
  }
  return threads;
}

function rowOf(words: readonly string[], columns: readonly string[]): CallCount | undefined {
  const cell = (head: string): string | undefined =>
    columns.includes(head) ? words[columns.indexOf(head)] : undefined;
  const [name = ''] = words;
  const calls = cell('calls');
  if (!/^[a-z_]\w*$/.test(name) || calls === undefined || !/^\d+$/.test(calls)) return undefined;
  const [errors, milliseconds] = [cell('errors'), cell('total')];
  return {
    name,
    calls: Number(calls),
    errors: errors === undefined ? null : Number(errors),
    seconds: milliseconds === undefined ? null : Math.round(Number(milliseconds) * 1e6) / 1e9,
  };
}

/** The count in the output of `perf stat -x, -e raw_syscalls:sys_enter`. Throws `environment` where it is missing. */
export function readPerfStat(text: string): CallCount {
  const line = text.split('\n').find((one) => one.includes('raw_syscalls:sys_enter')) ?? '';
  const [value = ''] = line.split(',');
  if (/^\d+$/.test(value)) return { name: ANY_CALL, calls: Number(value), errors: null, seconds: null };
  throw new BenchError(
    'environment',
    `perf stat did not count raw_syscalls:sys_enter${value === '' ? '' : `: ${value}`}`,
  );
}
