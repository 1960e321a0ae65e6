import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { BenchError } from '../../../errors.js';
import type { ArmCallTable, CallComparison, ClientSigns } from '../../../model/analysis/call-analysis.js';
import type { Io } from '../../../model/io.js';
import type { PartSplit, SyscallCounts } from '../../../model/results/syscalls.js';
import type { CountsPlace } from '../../../tracing/index.js';
import type { Act } from '../../act.js';
import { finish, option } from '../../options/option.js';
import { declareJson, parseJson } from '../../options/output.js';
import type { RawJson } from '../../options/output.js';

const WHAT_TO_GIVE =
  'Give a results folder with counts, a file from bench syscalls count --output, or output of strace -c or perf trace.';

type RawDiff = RawJson & { readonly all?: boolean };

/** Counts of one side, by arm; a table of another tool has one, named after the file. */
interface Side {
  readonly name: string;
  /** How its counts distinguish parts; a table of another tool does not. */
  readonly split: PartSplit | 'table';
  readonly arms: readonly Pick<ArmCallTable, 'arm' | 'parts' | 'repeats'>[];
  /** Why these are not the counts of a container. */
  readonly doubt: ClientSigns | null;
  /** What is missing in its table, one line each. */
  readonly warnings: readonly string[];
}

/** The stages that read and compare counts; loaded when the command runs. */
type Stages = Awaited<ReturnType<typeof loadStages>>;

/** `bench syscalls diff`: compares two saved counts, and warns of an strace -c that did not see the container. */
export function declareDiff(syscalls: Command, act: Act): void {
  const command = syscalls
    .command('diff')
    .description(
      'compare two saved counts: results folders, files from --output, or tables of strace -c or perf trace -s',
    )
    .argument('<before>', 'folder or file; FILE#2 is the second table in a file')
    .argument('<after>', 'folder or file')
    .addOption(option('--all', 'also list calls that vary between runs of one arm', 'common'));
  declareJson(command);
  finish(command, [
    'bench syscalls diff old.json new.json',
    'bench syscalls diff results/monday results/tuesday --all',
  ]).action((before: string, after: string, raw: RawDiff) => act((io) => diff(before, after, raw, io)));
}

async function diff(before: string, after: string, raw: RawDiff, io: Io): Promise<number> {
  const stages = await loadStages();
  const sides = [await sideOf(before, stages, io), await sideOf(after, stages, io)] as const;
  const comparisons = compareSides(...sides, stages);
  const warnings = [...new Set(sides.flatMap((side) => side.warnings))];
  const doubts = sides.flatMap(({ name, doubt }) => (doubt === null ? [] : [{ file: name, signs: doubt }]));
  if (parseJson(raw)) {
    const [{ printJson }, { clientWords, comparisonWithSentence }] = await Promise.all([
      import('../../output/json.js'),
      import('../../../report/index.js'),
    ]);
    printJson(io, 'syscallDiff', {
      before,
      after,
      doubts: doubts.map(({ file, signs }) => ({ file, reason: clientWords(signs) })),
      warnings,
      comparisons: comparisons.map(comparisonWithSentence),
    });
  } else {
    const [{ renderComparisons }, { lookOf }] = await Promise.all([
      import('../../../report/index.js'),
      import('../../output/look.js'),
    ]);
    io.out(renderComparisons(comparisons, { doubts, warnings }, { ...lookOf(io), all: raw.all === true }));
  }
  return 0;
}

async function loadStages() {
  const [tracing, results, statistics] = await Promise.all([
    import('../../../tracing/index.js'),
    import('../../../results/index.js'),
    import('../../../statistics/index.js'),
  ]);
  return { ...tracing, ...results, ...statistics };
}

async function sideOf(given: string, stages: Stages, io: Io): Promise<Side> {
  const folder = resolve(io.cwd, given);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true)
    return countsSide(countsOf(folder, given, stages), basename(folder), stages);
  const { path, shown, text, table } = await stages.readCountsFile(given, placeOf(io), { hint: WHAT_TO_GIVE });
  if (text.trimStart().startsWith('{')) return countsSide(stages.readSyscallsFile(path), given, stages);
  const { calls, warnings } = stages.readCallTable(text, shown, table);
  return {
    name: given,
    split: 'table',
    arms: [{ arm: given, repeats: 1, parts: stages.partTables([[{ part: 'all', calls, operations: [] }]]) }],
    doubt: stages.clientNotContainer(calls),
    warnings: warnings.map((warning) => `${given}: ${warning}`),
  };
}

/** Two sides cannot both be standard input. */
const placeOf = ({ cwd, signal }: Io): CountsPlace => ({ cwd, signal });

/** Of a results folder, which is checked as a whole. */
function countsOf(path: string, given: string, { readResultFolder }: Stages): SyscallCounts {
  const { syscalls } = readResultFolder(path);
  if (syscalls !== undefined) return syscalls;
  throw new BenchError('input', `${given} has no system call counts (syscalls.json)`, {
    hint: 'Run bench sequential --count-syscalls, or bench syscalls count --output FILE.',
  });
}

const countsSide = (counts: SyscallCounts, name: string, { analyseCalls }: Stages): Side => ({
  name,
  split: counts.counter.split,
  arms: analyseCalls(counts)?.arms ?? [],
  doubt: null,
  warnings: [],
});

/**
 * Compares arms of the same name. Throws `notComparable` where there are none, or where the two sides split their
 * counts differently.
 */
function compareSides(before: Side, after: Side, { compareCalls }: Stages): readonly CallComparison[] {
  if (before.split !== after.split) {
    throw new BenchError(
      'notComparable',
      `${before.name} has ${KIND_WORDS[before.split]}, ${after.name} has ${KIND_WORDS[after.split]}: they cannot be \
compared`,
      { hint: 'Count both the same way: bench syscalls count --output FILE, or strace -c.' },
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
      `the two have no arm in common: ${before.name} has ${names(before)}, ${after.name} has ${names(after)}`,
      { hint: 'Arms of the same run are compared in its own report.' },
    );
  }
  return pairs.map(([own, other]) => compareCalls(named(own, before), named(other, after)));
}

const KIND_WORDS: Readonly<Record<Side['split'], string>> = {
  table: 'a table of another tool',
  exec: 'counts split at the exec',
  thread: 'counts split by thread',
  attached: 'counts of a server under load',
  none: 'counts that are not split',
};
const names = ({ arms }: Side): string => arms.map(({ arm }) => arm).join(', ') || 'none';
const named = (arm: Side['arms'][number], { name, split }: Side): Side['arms'][number] =>
  split === 'table' ? arm : { ...arm, arm: `${arm.arm} of ${name}` };
