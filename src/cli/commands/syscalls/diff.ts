import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { BenchError } from '../../../errors.js';
import { readStraceTable } from '../../../tracing/index.js';
import type { ArmCallTable, CallComparison } from '../../../model/analysis/call-analysis.js';
import type { Io } from '../../../model/io.js';
import type { PartSplit, SyscallCounts } from '../../../model/results/syscalls.js';
import { renderComparisons } from '../../../report/index.js';
import { readResultFolder, readSyscallsFile } from '../../../results/index.js';
import { analyseCalls, clientNotContainer, compareCalls, partTables } from '../../../statistics/index.js';

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
  /** How its counts tell parts apart; a table of strace -c does not. */
  readonly split: PartSplit | 'table';
  readonly arms: readonly Pick<ArmCallTable, 'arm' | 'parts' | 'repeats'>[];
  /** Why these are not a container's counts. */
  readonly doubt: string | null;
}

/** `bench syscalls diff`: two saved counts beside each other; says of saved strace -c outputs what they cannot be. */
export function run({ before, after, all, json }: SyscallsDiffOptions, io: Io): Promise<number> {
  const sides = [sideOf(resolve(io.cwd, before), before), sideOf(resolve(io.cwd, after), after)] as const;
  const comparisons = compareSides(...sides);
  const doubts = sides.flatMap(({ name, doubt }) => (doubt === null ? [] : [{ file: name, reason: doubt }]));
  io.out(
    json
      ? `${JSON.stringify({ before, after, doubts, comparisons }, null, 2)}\n`
      : renderComparisons(comparisons, doubts, { columns: io.columns ?? 80, colour: io.colour, all }),
  );
  return Promise.resolve(0);
}

function sideOf(path: string, given: string): Side {
  const folder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (folder) return countsSide(countsOf(path, given), basename(path));
  const text = textOf(path, given);
  if (text.trimStart().startsWith('{')) return countsSide(readSyscallsFile(path), given);
  const { calls } = readStraceTable(text, given);
  return {
    name: given,
    split: 'table',
    arms: [{ arm: given, repeats: 1, parts: partTables([[{ part: 'all', calls, operations: [] }]]) }],
    doubt: clientNotContainer(calls),
  };
}

/** Of a results folder, which is checked as a whole. */
function countsOf(path: string, given: string): SyscallCounts {
  const { syscalls } = readResultFolder(path);
  if (syscalls !== undefined) return syscalls;
  throw new BenchError('input', `${given}: expected a run that counted system calls, got one without syscalls.json`, {
    hint: 'bench sequential --count-syscalls counts them.',
  });
}

const countsSide = (counts: SyscallCounts, name: string): Side => ({
  name,
  split: counts.counter.split,
  arms: analyseCalls(counts)?.arms ?? [],
  doubt: null,
});

function textOf(path: string, given: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BenchError(
      'input',
      `${given}: expected a results folder with counts, or a file of strace -c, got ${cause instanceof Error ? cause.message : String(cause)}`,
      { hint: 'bench sequential --count-syscalls makes the one, strace -c -o FILE COMMAND the other.', cause },
    );
  }
}

/**
 * Arms of one name with each other. Throws `notComparable` where there are none, or where one side tells parts apart
 * that the other does not.
 */
function compareSides(before: Side, after: Side): readonly CallComparison[] {
  if (before.split !== after.split) {
    throw new BenchError(
      'notComparable',
      `Expected two counts of one kind, got ${KIND_WORDS[before.split]} in ${before.name} and ${KIND_WORDS[after.split]} in ${after.name}`,
      { hint: 'Count both alike: bench syscalls count --output FILE, or strace -c.' },
    );
  }
  const pairs = before.arms.flatMap((own) =>
    after.arms
      .filter((other) => before.split === 'table' || own.arm === other.arm)
      .map((other) => [own, other] as const),
  );
  if (pairs.length === 0) {
    throw new BenchError(
      'notComparable',
      `Expected an arm that both have counted, got ${names(before)} in ${before.name} and ${names(after)} in ${after.name}`,
      { hint: 'Counts of one run are compared in its own report.' },
    );
  }
  return pairs.map(([own, other]) => compareCalls(named(own, before), named(other, after)));
}

const KIND_WORDS: Readonly<Record<Side['split'], string>> = {
  table: 'a table of strace -c',
  exec: 'counts split at the exec',
  thread: 'counts split by thread',
  none: 'counts that are not split',
};
const names = ({ arms }: Side): string => arms.map(({ arm }) => arm).join(', ') || 'none';
const named = (arm: Side['arms'][number], { name, split }: Side): Side['arms'][number] =>
  split === 'table' ? arm : { ...arm, arm: `${arm.arm} of ${name}` };
