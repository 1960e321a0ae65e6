import { BenchError, invalidValue } from '../../errors.js';
import { perfSummaries } from './perf-summary.js';
import { bpftraceCounts, perfStatCounts } from './probe-counts.js';
import { straceTables } from './strace-table.js';
import type { CallTable } from './table.js';

const WHAT_IS_READ =
  'Tables that are read: strace -c, perf trace -s, perf stat -e "syscalls:sys_enter_*", and maps of bpftrace.';

/**
 * The table of system calls in a text: of `strace -c`, `perf trace -s` (also --summary-mode=total and --bpf-summary),
 * `perf stat -e 'syscalls:sys_enter_*'` or bpftrace. `number` chooses one of several, from 1. Throws `input` with the
 * file and the line: where there is none, where there are several and none is chosen, and where rows do not add up to
 * their total.
 */
export function readCallTable(text: string, file: string, number: number | null = null): CallTable {
  const tables = callTables(text, file);
  const [first] = tables;
  if (first === undefined)
    throw new BenchError('input', `${file} is not a table of system calls${whatItIs(text)}`, { hint: WHAT_IS_READ });
  if (number === null && tables.length === 1) return first;
  const lines = tables.map(({ line }) => line).join(', ');
  if (number === null)
    throw new BenchError('input', `${file} has ${tables.length} tables of system calls, at lines ${lines}`, {
      hint: `Choose one by its number: ${file}#1 ${tables.length === 2 ? 'or' : 'to'} ${file}#${tables.length}.`,
    });
  const chosen = tables[number - 1];
  if (chosen !== undefined) return chosen;
  throw invalidValue(`${file}#${number}`, `a table from 1 to ${tables.length}`, String(number), { code: 'input' });
}

/** All tables of system calls in a text, in the order of their lines. Throws `input` as {@link readCallTable}. */
function callTables(text: string, file: string): readonly CallTable[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  return [
    ...straceTables(lines, file),
    ...perfSummaries(lines, file),
    ...perfStatCounts(lines, file),
    ...bpftraceCounts(lines),
  ].toSorted((a, b) => a.line - b.line);
}

/** What people give in place of a table, by its look. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/^\s*$/, 'it is empty'],
  [/^PERFILE/, 'it is data of perf record'],
  [/^[{[]/, 'it is JSON'],
  [/% time +seconds +usecs\/call +calls +function/, 'it is output of ltrace -c, which counts calls of libraries'],
  [/^SYSCALL +COUNT\b/m, 'it is output of syscount, which shows only the most frequent calls'],
  [/syscalls:sys_enter\b/, 'it has one number for all calls, without names'],
  [
    /^(?:\[pid +\d+\] |\d+ +)?(?:[\d:.]+ )?[a-z_]\w*\(.*\) += (?:-?\d|0x|\?)/m,
    'it is a log of strace, without the table of -c',
  ],
  [/^ +[\d.]+ +\( *[\d.]+ ms\): /m, 'it is a log of perf trace, without the summary of -s'],
  [/^# Overhead\b|^# Samples:/m, 'it is output of perf report'],
];

function whatItIs(text: string): string {
  if (text.includes('\0')) return ': it is not text';
  const words = OTHERS.find(([look]) => look.test(text.slice(0, LOOKED_AT)))?.[1];
  return words === undefined ? '' : `: ${words}`;
}

/** Characters that are looked at to name what a file is. */
const LOOKED_AT = 65_536;
