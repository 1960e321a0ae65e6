import { BenchError } from '../../errors.js';
import type { CallCount } from '../../model/results/syscalls.js';

/** What `strace -c` printed at its end, read back. */
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
/** Printed above a table where a program used calls of several word sizes. */
const PERSONALITY = /^System call usage summary for (.+) mode:$/;

interface Head {
  readonly names: readonly string[];
  readonly line: number;
}

/**
 * Reads the output of `strace -c`, with any selection and order of columns (-U) and any text of a program or of -C
 * before it. Throws `input` that names
 * the file and the line.
 */
export function readStraceTable(text: string, file: string): StraceTable {
  const fail = (line: number, wanted: string, got: string): never => {
    throw new BenchError(
      'input',
      `${file}:${line}: expected ${wanted}, got ${got === '' ? 'an empty line' : `"${got.slice(0, 60)}"`}`,
      { hint: 'Give a file as `strace -c -o FILE COMMAND` writes it, unchanged.' },
    );
  };
  const calls: CallCount[] = [];
  const lines = text.split('\n').map((line) => line.trimEnd());
  let mode = '';
  let head: Head | null = null;
  let from = 0;
  let tables = 0;
  for (const [index, line] of lines.entries()) {
    const number = index + 1;
    if (head === null) {
      mode = PERSONALITY.exec(line)?.[1] ?? mode;
      const names = headOf(line);
      if (names === null) continue;
      if (!names.includes('calls')) fail(number, 'a column "calls"', line.trim());
      if (!/^[- ]+$/.test(lines[index + 1] ?? '')) fail(number + 1, 'a line of dashes', lines[index + 1] ?? '');
      head = { names, line: number };
      from = calls.length;
    } else if (number > head.line + 1 && !/^[- ]+$/.test(line)) {
      const readings = readingsOf(line, head.names);
      const [row] = readings;
      if (row === undefined)
        return fail(number, `a row of ${head.names.length} columns (${head.names.join(', ')})`, line.trim());
      if (row.name === 'total') {
        const sum = calls.slice(from).reduce((all, one) => all + one.calls, 0);
        if (!readings.some((one) => one.calls === sum))
          fail(number, `a total of ${sum} calls, as the rows above add up to`, line.trim());
        head = null;
        tables += 1;
      } else {
        calls.push({ ...row, name: tables > 0 && mode !== '' ? `${row.name} (${mode})` : row.name });
      }
    }
  }
  if (head !== null) fail(lines.length, 'the line "total", at which the table ends', lines.at(-1) ?? '');
  if (tables === 0)
    throw new BenchError(
      'input',
      `${file}: expected the output of strace -c, got no line with the heads of its columns`,
      { hint: 'Give a file as `strace -c -o FILE COMMAND` writes it.' },
    );
  return { calls: calls.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

function headOf(line: string): readonly string[] | null {
  const names: readonly string[] = line.match(HEADS) ?? [];
  return names.length > 1 && names.includes('syscall') && names.every((name) => KNOWN.has(name)) ? names : null;
}

/**
 * What a row can mean, the likeliest first: a blank stands for no errors, and in an old total for no time per call too.
 */
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
