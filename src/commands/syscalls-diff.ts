import { readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { BenchError } from '../errors.js';
import { readStraceTable } from '../measure/index.js';
import type { ArmCallTable, CallComparison } from '../model/call-analysis.js';
import type { Io } from '../model/io.js';
import type { SyscallCounts } from '../model/syscalls.js';
import { renderComparisons } from '../report/index.js';
import { readSyscallsFile } from '../sample/index.js';
import { analyseCalls, clientNotContainer, compareCalls, partTables } from '../statistics/index.js';

export interface SyscallsDiffOptions {
  /** Results folders with counts, documents of counts, or files of strace -c. */
  readonly before: string;
  readonly after: string;
  readonly all: boolean;
  readonly json: boolean;
}

/** Counts of one side, by arm; a saved strace -c has one, which takes the file's name. */
interface Side {
  readonly name: string;
  readonly kind: 'counts' | 'table';
  readonly arms: readonly Pick<ArmCallTable, 'arm' | 'parts' | 'repeats'>[];
  /** Why these are not a container's counts. */
  readonly doubt: string | null;
}

/** `bench syscalls diff`: two saved counts beside each other; says of saved strace -c outputs what they cannot be. */
export function run({ before, after, all, json }: SyscallsDiffOptions, io: Io): Promise<number> {
  const sides = [sideOf(resolve(io.cwd, before), before), sideOf(resolve(io.cwd, after), after)] as const;
  const comparisons = compareSides(...sides);
  const doubts = sides.flatMap(({ name, doubt }) => (doubt === null ? [] : [{ file: name, reason: doubt }]));
  io.out(json ? `${JSON.stringify({ before, after, doubts, comparisons }, null, 2)}\n` : renderComparisons(comparisons, doubts, { columns: io.columns ?? 80, colour: io.colour, all }));
  return Promise.resolve(0);
}

function sideOf(path: string, given: string): Side {
  const folder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (folder) return countsSide(readSyscallsFile(join(path, 'syscalls.json')), basename(path));
  const text = textOf(path, given);
  if (text.trimStart().startsWith('{')) return countsSide(readSyscallsFile(path), given);
  const { calls } = readStraceTable(text, given);
  return { name: given, kind: 'table', arms: [{ arm: given, repeats: 1, parts: partTables([[{ part: 'all', calls, operations: [] }]]) }], doubt: clientNotContainer(calls) };
}

const countsSide = (counts: SyscallCounts, name: string): Side => ({ name, kind: 'counts', arms: analyseCalls(counts)?.arms ?? [], doubt: null });

function textOf(path: string, given: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BenchError('input', `${given}: expected a results folder with counts, or a file of strace -c, got ${cause instanceof Error ? cause.message : String(cause)}`, { hint: 'bench sequential --count-syscalls makes the one, strace -c -o FILE COMMAND the other.', cause });
  }
}

/** Arms of one name with each other; where a side has a single arm, that with every one of the other. */
function compareSides(before: Side, after: Side): readonly CallComparison[] {
  const pairs = before.arms.flatMap((own) => after.arms.filter((other) => before.kind === 'table' || after.kind === 'table' || own.arm === other.arm).map((other) => [own, other] as const));
  if (pairs.length === 0) {
    throw new BenchError('notComparable', `Expected an arm that both have counted, got ${names(before)} in ${before.name} and ${names(after)} in ${after.name}`, { hint: 'Counts of one run are compared in its own report.' });
  }
  return pairs.map(([own, other]) => compareCalls(named(own, before), named(other, after)));
}

const names = ({ arms }: Side): string => arms.map(({ arm }) => arm).join(', ') || 'none';
const named = (arm: Side['arms'][number], { name, kind }: Side): Side['arms'][number] => (kind === 'table' ? arm : { ...arm, arm: `${arm.arm} of ${name}` });
