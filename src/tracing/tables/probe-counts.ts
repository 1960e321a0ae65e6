import { BenchError } from '../../errors.js';
import type { CallCount } from '../../model/results/syscalls.js';
import { classWarning } from './call-classes.js';
import { byName } from './table.js';
import type { CallTable, TableForm } from './table.js';

/** Tracepoints whose names are not those of their calls (include/linux/syscalls.h, SYSCALL_DEFINE of fs/stat.c ...). */
const CALL_NAMES: Readonly<Record<string, string>> = {
  newstat: 'stat',
  newlstat: 'lstat',
  newfstat: 'fstat',
  newuname: 'uname',
  sendfile64: 'sendfile',
  umount: 'umount2',
};

/** A line of `perf stat`: with -x as `12,,syscalls:sys_enter_read,...`, else `1,234      syscalls:sys_enter_read`. */
const PERF_STAT =
  /^\s*(<not (?:counted|supported)>|\d[\d.,'\u00a0\u202f]*?)(?:[,;][^,;]*[,;]|\s+)syscalls:sys_enter_(\w{1,64})\b/;
const PERF_STAT_RUN = 'Performance counter stats for';
/** A line of a map of bpftrace: `@[tracepoint:syscalls:sys_enter_read]: 12`, also with the name of the program. */
const BPFTRACE = /^@(\w{0,64})\[(?:[^\]]{0,200}[,:\s])?sys_enter_(\w{1,64})\]: (\d{1,15})$/;

/** The counts of `perf stat -e 'syscalls:sys_enter_*'` in a text, one table per run. Throws `input`. */
export function perfStatCounts(lines: readonly string[], file: string): readonly CallTable[] {
  const tables: OpenCounts[] = [];
  let run = 0;
  for (const [index, line] of lines.entries()) {
    if (line.includes(PERF_STAT_RUN)) run++;
    const [, count, name] = line.length > LONGEST_LINE ? [] : (PERF_STAT.exec(line) ?? []);
    if (count === undefined || name === undefined) continue;
    const digits = count.replaceAll(/\D/g, '');
    if (count.startsWith('<') || digits.length > MOST_DIGITS)
      throw new BenchError('input', `${file}:${index + 1}: perf stat did not count sys_enter_${name}: ${count}`, {
        hint: 'Count again, as root and with tracefs mounted.',
      });
    add(tables, `${run}`, { line: index + 1, name, calls: Number(digits) });
  }
  return tables.map((table) => closed('perf-stat', table));
}

/** The maps of bpftrace in a text that count entries of system calls, one table per map. */
export function bpftraceCounts(lines: readonly string[]): readonly CallTable[] {
  const tables: OpenCounts[] = [];
  for (const [index, line] of lines.entries()) {
    const [, map, name, calls] = line.length > LONGEST_LINE ? [] : (BPFTRACE.exec(line) ?? []);
    if (map !== undefined && name !== undefined) add(tables, map, { line: index + 1, name, calls: Number(calls) });
  }
  return tables.map((table) => closed('bpftrace', table));
}

const LONGEST_LINE = 4096;
const MOST_DIGITS = 15;

interface OpenCounts {
  readonly key: string;
  readonly line: number;
  readonly calls: Map<string, number>;
}

function add(
  tables: OpenCounts[],
  key: string,
  { line, name, calls }: { readonly line: number; readonly name: string; readonly calls: number },
): void {
  let table = tables.find((one) => one.key === key);
  if (table === undefined) tables.push((table = { key, line, calls: new Map() }));
  const own = Object.hasOwn(CALL_NAMES, name) ? (CALL_NAMES[name] ?? name) : name;
  table.calls.set(own, (table.calls.get(own) ?? 0) + calls);
}

function closed(form: TableForm, { line, calls }: OpenCounts): CallTable {
  const counted = [...calls]
    .filter(([, count]) => count > 0)
    .map(([name, count]): CallCount => ({ name, calls: count, errors: null, seconds: null }));
  const warning = classWarning(counted);
  return { form, line, calls: byName(counted), time: null, warnings: warning === null ? [] : [warning] };
}
