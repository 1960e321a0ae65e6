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

/** One list of calls in a summary of perf trace. */
export interface PerfSection {
  /** A thread, a control group, or everything together. */
  readonly kind: 'thread' | 'cgroup' | 'total';
  readonly name: string;
  /** Of a thread, else 0. */
  readonly pid: number;
  /** As perf counts them: one or two per call. */
  readonly events: number;
  /**
   * Events of a call: 1 where the kernel adds up (--bpf-summary), 2 where perf does, `null` where the heading does not
   * tell.
   */
  readonly perCall: 1 | 2 | null;
  /** Of its heading, from 1. */
  readonly line: number;
  /** Whether it is the first of its summary. */
  readonly begins: boolean;
  readonly calls: readonly CallCount[];
  /** The first line that is no row of the list, from 1; `null`: there is none. */
  readonly bad: number | null;
}

/** perf 6.16: tools/perf/builtin-trace.c and tools/perf/util/bpf-trace-summary.c. */
const SECTION =
  /^\s{0,4}(?:(total)|(cgroup) (\S.{0,500}?)|(\S.{0,40}) \((\d{1,10})\)), {1,2}(\d{1,15}) events(, [\d.,]+%)?/;
const SUMMARY = /^\s*Summary of events:$/;
/** With --errno-summary below a row. */
const ERRNO = /^\s+\S+: \d+$/;

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
  return perfSections(text.split('\n'))
    .filter(({ kind }) => kind === 'thread')
    .map(({ name, pid, calls }) => ({ name, pid, calls }));
}

interface OpenSection extends PerfSection {
  readonly calls: CallCount[];
  bad: number | null;
}

/** All lists of calls in the output of `perf trace -s`, in every mode of its summary. */
export function perfSections(lines: readonly string[]): readonly PerfSection[] {
  const sections: OpenSection[] = [];
  let columns: readonly string[] = [];
  let [begins, inRows] = [true, false];
  for (const [index, line] of lines.entries()) {
    if (SUMMARY.test(line)) begins = true;
    const opened = sectionAt(line, index + 1, begins);
    const section = opened ?? sections.at(-1);
    if (opened !== null) {
      sections.push(opened);
      [begins, inRows] = [false, false];
    } else if (line.trim() === '') inRows = false;
    else if (/^\s*syscall\s/.test(line)) columns = cellsOf(line);
    else if (/^[- ]*---+$/.test(line.slice(0, 200))) inRows = true;
    else if (inRows && section !== undefined) takeRow(section, line, { columns, number: index + 1 });
  }
  return sections;
}

function sectionAt(line: string, number: number, begins: boolean): OpenSection | null {
  const heading = SECTION.exec(line);
  if (heading === null) return null;
  const [, all, group, groupName, name, pid, events, share] = heading;
  const kind = all !== undefined ? 'total' : group !== undefined ? 'cgroup' : 'thread';
  return {
    kind,
    perCall: kind === 'total' ? null : share === undefined ? 1 : 2,
    name: name ?? groupName ?? '',
    pid: Number(pid ?? 0),
    events: Number(events),
    line: number,
    // Two totals are two summaries, even where the lines between them were left out.
    begins: begins || kind === 'total',
    calls: [],
    bad: null,
  };
}

function takeRow(
  section: OpenSection,
  line: string,
  { columns, number }: { readonly columns: readonly string[]; readonly number: number },
): void {
  if (ERRNO.test(line)) return;
  const row = rowOf(cellsOf(line), columns);
  if (row === undefined) section.bad ??= number;
  else section.calls.push(row);
}

const cellsOf = (line: string): readonly string[] => line.trim().split(/\s+/, MOST_COLUMNS);
const MOST_COLUMNS = 16;

function rowOf(words: readonly string[], columns: readonly string[]): CallCount | undefined {
  const cell = (head: string): string | undefined =>
    columns.includes(head) ? (words[columns.indexOf(head)] ?? '') : undefined;
  const [name = ''] = words;
  const [calls, errors, milliseconds] = [cell('calls') ?? '', cell('errors'), cell('total')];
  if (!/^(?:[a-z_]\w*|syscall:\d+)$/.test(name) || !/^\d{1,15}$/.test(calls)) return undefined;
  if (errors !== undefined && !/^\d{1,15}$/.test(errors)) return undefined;
  if (milliseconds !== undefined && !/^\d+[.,]\d+$/.test(milliseconds)) return undefined;
  return {
    name,
    calls: Number(calls),
    errors: errors === undefined ? null : Number(errors),
    seconds: milliseconds === undefined ? null : Math.round(Number(milliseconds.replace(',', '.')) * 1e6) / 1e9,
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
