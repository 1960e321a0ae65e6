import { invalidValue } from '../../errors.js';
import type { CallCount } from '../../model/results/syscalls.js';
import { classWarning } from './call-classes.js';
import { byName, isCount } from './table.js';
import type { CallTable } from './table.js';

/** Heads of columns, as strace prints them; all but the first are one word. */
const HEADS = /% time|[^\s%]+|%/g;
/** strace 6.1; the last four: since 2026 (src/count.c). */
const KNOWN: ReadonlySet<string> = new Set([
  '% time',
  'seconds',
  'usecs/call',
  'calls',
  'errors',
  'syscall',
  'shortest',
  'longest',
  'wall-total',
  'wall-min',
  'wall-max',
  'wall-avg',
]);
const WHOLE: ReadonlySet<string> = new Set(['calls', 'errors', 'usecs/call', 'wall-avg']);
/** Printed above a table where a program made calls of several word sizes. */
const PERSONALITY = /System call usage summary for (.+) mode:$/;
const DASHES = /^(.*?)(-+(?: +-+)*)$/;
/** Longer lines are no heads of a table. */
const LONGEST_LINE = 4096;
const HINT = 'Use a file that `strace -c -o FILE COMMAND` wrote, unchanged.';

/**
 * The tables of `strace -c` in a text, with any selection and order of columns (-U), decimal points or commas, any text
 * around them, and the same words before every line (a log's). Tables of several word sizes are one. Throws `input`
 * with the file and the line.
 */
export function straceTables(lines: readonly string[], file: string): readonly CallTable[] {
  return new TableReader(lines, file).read();
}

/** The table that is being read. */
interface OpenTable {
  /** Of its columns. */
  readonly heads: readonly string[];
  /** Index of the line of dashes. */
  readonly dashes: number;
  readonly prefix: string;
  readonly line: number;
  readonly rows: CallCount[];
}

/** Tables of one run of strace, one per word size. */
interface Group {
  readonly line: number;
  readonly modes: string[];
  readonly heads: readonly string[];
  readonly calls: CallCount[];
}

class TableReader {
  readonly #lines: readonly string[];
  readonly #file: string;
  /** Word size of the next table's program, where strace names it. */
  #mode = '';
  #open: OpenTable | null = null;
  readonly #groups: Group[] = [];
  /** Whether nothing was printed since the last table. */
  #adjacent = false;

  constructor(lines: readonly string[], file: string) {
    this.#lines = lines;
    this.#file = file;
  }

  read(): readonly CallTable[] {
    for (const [index, line] of this.#lines.entries()) {
      if (this.#open === null) this.#open = this.#tableAt(index, line);
      else if (index > this.#open.dashes) this.#takeRow(index + 1, line, this.#open);
    }
    if (this.#open !== null)
      this.#fail(this.#lines.length, 'the line "total", which ends the table', this.#lines.at(-1) ?? '');
    return this.#groups.map(({ line, heads, calls }) => {
      const warning = classWarning(calls);
      return {
        form: 'strace',
        line,
        calls: byName(calls),
        time: heads.includes('seconds') || heads.includes('wall-total') ? 'strace' : null,
        warnings: warning === null ? [] : [warning],
      };
    });
  }

  #tableAt(index: number, line: string): OpenTable | null {
    const heads = headOf(line);
    if (heads === null) {
      this.#passOver(line);
      return null;
    }
    const next = this.#lines[index + 1] ?? '';
    const prefix = prefixOf(next, heads.names.length);
    // Words that look like heads may be part of any text.
    if (prefix === null && !heads.isWholeLine) return null;
    if (!heads.names.includes('calls')) this.#fail(index + 1, 'a column "calls"', line.trim());
    if (prefix === null) this.#fail(index + 2, 'a line of dashes', next);
    return { heads: heads.names, dashes: index + 1, prefix, line: index + 1, rows: [] };
  }

  #passOver(line: string): void {
    if (line.length > LONGEST_LINE || line.trim() === '') return;
    const mode = PERSONALITY.exec(line)?.[1];
    this.#mode = mode ?? '';
    if (mode === undefined) this.#adjacent = false;
  }

  #takeRow(number: number, line: string, { heads, prefix, rows, line: first }: OpenTable): void {
    const text = withoutPrefix(line, prefix);
    if (/^[- ]+$/.test(text)) return;
    const readings = readingsOf(text, heads);
    const [row] = readings;
    if (row === undefined) this.#fail(number, `a row of ${heads.length} columns (${heads.join(', ')})`, line.trim());
    if (row.name !== 'total') {
      rows.push(row);
      return;
    }
    const sum = (of: (one: CallCount) => number): number => rows.reduce((all, one) => all + of(one), 0);
    const [calls, errors] = [sum((one) => one.calls), sum((one) => one.errors ?? 0)];
    const whole = readings.filter((one) => one.calls === calls);
    if (whole.length === 0) this.#fail(number, `a total of ${calls} calls, the sum of the rows above`, line.trim());
    if (!whole.some((one) => one.errors === null || one.errors === errors))
      this.#fail(number, `a total of ${errors} errors, the sum of the rows above`, line.trim());
    this.#close(first, heads, rows);
  }

  /** A table under the word size that another table of the same run lacks belongs to that run. */
  #close(line: number, heads: readonly string[], rows: readonly CallCount[]): void {
    const last = this.#groups.at(-1);
    const mode = this.#mode;
    if (last === undefined || mode === '' || !this.#adjacent || last.modes.includes(mode))
      this.#groups.push({ line, modes: [mode], heads, calls: [...rows] });
    else {
      last.modes.push(mode);
      last.calls.push(...rows.map((row) => ({ ...row, name: `${row.name} (${mode})` })));
    }
    this.#mode = '';
    this.#adjacent = true;
    this.#open = null;
  }

  #fail(line: number, wanted: string, got: string): never {
    throw invalidValue(`${this.#file}:${line}`, wanted, got === '' ? 'an empty line' : `"${got.slice(0, 60)}"`, {
      code: 'input',
      hint: HINT,
    });
  }
}

interface Head {
  readonly names: readonly string[];
  /** Whether nothing stands before it. */
  readonly isWholeLine: boolean;
}

function headOf(line: string): Head | null {
  if (line.length > LONGEST_LINE || !line.includes('syscall')) return null;
  const all: readonly string[] = line.match(HEADS) ?? [];
  const names = all.slice(all.findLastIndex((name) => !KNOWN.has(name)) + 1);
  return names.length > 1 && names.includes('syscall') && new Set(names).size === names.length
    ? { names, isWholeLine: names.length === all.length }
    : null;
}

/** What stands before the columns of dashes; `null` where the line does not end with that many. */
function prefixOf(line: string, columns: number): string | null {
  if (line.length > LONGEST_LINE) return null;
  const [, before = '', dashes = ''] = DASHES.exec(line) ?? [];
  const groups = dashes.split(/ +/);
  if (dashes === '' || groups.length < columns) return null;
  return groups.length === columns ? before : `${before}${groups.slice(0, -columns).join(' ')} `;
}

/** Logs put the same number of words before every line, or the same number of characters. */
function withoutPrefix(line: string, prefix: string): string {
  const words = prefix.trim().split(/\s+/).length;
  if (prefix.trim() === '') return line;
  return prefix.endsWith(' ')
    ? line.replace(new RegExp(String.raw`^\s*(?:\S+\s+){${words}}`), '')
    : line.slice(prefix.length);
}

/** Possible readings of a row, the likeliest first: no errors may be blank, and so may the time per call of a total. */
function readingsOf(line: string, heads: readonly string[]): readonly CallCount[] {
  const cells = line.trim().split(/\s+/);
  const untimed = without(heads, 'usecs/call');
  const shapes = [
    ...[heads, without(heads, 'errors')].map((names) => ({ names, totalOnly: false })),
    ...[untimed, without(untimed, 'errors')].map((names) => ({ names, totalOnly: true })),
  ];
  return shapes.flatMap(({ names, totalOnly }) => {
    const fit = names.length === cells.length && names.every((head, index) => fits(head, cells[index] ?? ''));
    const cell = (head: string): string | null => cells[names.indexOf(head)] ?? null;
    const number = (head: string): number | null => (names.includes(head) ? numberOf(cell(head) ?? '') : null);
    const name = cell('syscall') ?? '';
    if (!fit || (totalOnly && name !== 'total')) return [];
    return [
      {
        name,
        calls: number('calls') ?? 0,
        errors: heads.includes('errors') ? (number('errors') ?? 0) : null,
        seconds: number('seconds') ?? number('wall-total'),
      },
    ];
  });
}

const without = (names: readonly string[], name: string): readonly string[] => names.filter((one) => one !== name);
const numberOf = (cell: string): number => Number(cell.replace(',', '.'));

function fits(head: string, cell: string): boolean {
  if (head === 'syscall') return /^[A-Za-z_][\w?]*$/.test(cell);
  if (WHOLE.has(head)) return isCount(cell);
  // strace divides by a total of 0 seconds where all took less than it can tell.
  return /^\d+(?:[.,]\d+)?$/.test(cell) || (head === '% time' && /^-?nan$/.test(cell));
}
