import { BenchError, invalidValue } from '../../errors.js';
import type { CallCount } from '../../model/results/syscalls.js';

/** The table that `strace -c` prints at its end. */
export interface StraceTable {
  /** By name, in alphabetic order. Calls of another word size are marked, as `read (32 bit)`. */
  readonly calls: readonly CallCount[];
}

/** Heads of columns, as strace prints them; all but the first are one word. */
const HEADS = /% time|\S+/g;
const KNOWN: ReadonlySet<string> = new Set([
  '% time',
  'seconds',
  'usecs/call',
  'calls',
  'errors',
  'syscall',
  'shortest',
  'longest',
]);
/** Printed above a table where a program made calls of several word sizes. */
const PERSONALITY = /^System call usage summary for (.+) mode:$/;

/**
 * Reads the output of `strace -c`, with any selection and order of columns (-U), and any text of a program or of -C
 * before it. Throws `input` with the file and the line.
 */
export function readStraceTable(text: string, file: string): StraceTable {
  const reader = new TableReader(
    text.split('\n').map((line) => line.trimEnd()),
    file,
  );
  return { calls: reader.read().toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** The table that is being read. */
interface OpenTable {
  /** Of its columns. */
  readonly heads: readonly string[];
  readonly line: number;
  readonly rows: CallCount[];
}

class TableReader {
  readonly #lines: readonly string[];
  readonly #file: string;
  /** Word size of the next table's program, where strace names it. */
  #mode = '';
  #open: OpenTable | null = null;
  readonly #tables: (readonly CallCount[])[] = [];

  constructor(lines: readonly string[], file: string) {
    this.#lines = lines;
    this.#file = file;
  }

  read(): readonly CallCount[] {
    for (const [index, line] of this.#lines.entries()) {
      if (this.#open === null) this.#open = this.#tableAt(index, line);
      else if (index > this.#open.line && !DASHES.test(line)) this.#takeRow(index + 1, line, this.#open);
    }
    if (this.#open !== null)
      this.#fail(this.#lines.length, 'the line "total", which ends the table', this.#lines.at(-1) ?? '');
    if (this.#tables.length > 0) return this.#tables.flat();
    throw new BenchError('input', `${this.#file} is not output of strace -c: the line of column names is missing`, {
      hint: HINT,
    });
  }

  #tableAt(index: number, line: string): OpenTable | null {
    this.#mode = PERSONALITY.exec(line)?.[1] ?? this.#mode;
    const heads = headOf(line);
    if (heads === null) return null;
    if (!heads.includes('calls')) this.#fail(index + 1, 'a column "calls"', line.trim());
    const next = this.#lines[index + 1] ?? '';
    if (!DASHES.test(next)) this.#fail(index + 2, 'a line of dashes', next);
    return { heads, line: index + 1, rows: [] };
  }

  #takeRow(number: number, line: string, { heads, rows }: OpenTable): void {
    const readings = readingsOf(line, heads);
    const [row] = readings;
    if (row === undefined) this.#fail(number, `a row of ${heads.length} columns (${heads.join(', ')})`, line.trim());
    if (row.name !== 'total') {
      const marked = this.#tables.length > 0 && this.#mode !== '';
      rows.push({ ...row, name: marked ? `${row.name} (${this.#mode})` : row.name });
      return;
    }
    const sum = rows.reduce((all, one) => all + one.calls, 0);
    if (!readings.some((one) => one.calls === sum))
      this.#fail(number, `a total of ${sum} calls, the sum of the rows above`, line.trim());
    this.#tables.push(rows);
    this.#open = null;
  }

  #fail(line: number, wanted: string, got: string): never {
    throw invalidValue(`${this.#file}:${line}`, wanted, got === '' ? 'an empty line' : `"${got.slice(0, 60)}"`, {
      code: 'input',
      hint: HINT,
    });
  }
}

const DASHES = /^[- ]+$/;
const HINT = 'Use a file that `strace -c -o FILE COMMAND` wrote, unchanged.';

function headOf(line: string): readonly string[] | null {
  const names: readonly string[] = line.match(HEADS) ?? [];
  return names.length > 1 && names.includes('syscall') && names.every((name) => KNOWN.has(name)) ? names : null;
}

/** Possible readings of a row, the likeliest first: no errors may be blank, and so may the time per call of a total. */
function readingsOf(line: string, heads: readonly string[]): readonly CallCount[] {
  const cells = line.trim().split(/\s+/);
  const name = cells[heads.indexOf('syscall') === 0 ? 0 : cells.length - 1] ?? '';
  const untimed = without(heads, 'usecs/call');
  const shapes = [heads, without(heads, 'errors'), ...(name === 'total' ? [untimed, without(untimed, 'errors')] : [])];
  return shapes
    .filter((names) => names.length === cells.length && names.every((head, index) => fits(head, cells[index] ?? '')))
    .map((names) => {
      const cell = (head: string): number | null => (names.includes(head) ? Number(cells[names.indexOf(head)]) : null);
      return {
        name,
        calls: cell('calls') ?? 0,
        errors: heads.includes('errors') ? (cell('errors') ?? 0) : null,
        seconds: cell('seconds'),
      };
    });
}

const without = (names: readonly string[], name: string): readonly string[] => names.filter((one) => one !== name);

function fits(head: string, cell: string): boolean {
  if (head === 'syscall') return /^[A-Za-z_][\w?]*$/.test(cell);
  return head === 'calls' || head === 'errors' || head === 'usecs/call'
    ? /^\d+$/.test(cell)
    : /^\d+(?:\.\d+)?$/.test(cell);
}
