import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { BenchError } from '../errors.js';
import type { Io } from '../model/io.js';
import { observeCalls, readStraceTable } from '../tracing/index.js';
import { ANY_CALL } from '../model/results/syscalls.js';
import type { CallCount, CallPart } from '../model/results/syscalls.js';
import { readSyscallsFile } from '../results/index.js';

/** How often each call was made. */
export interface ObservedCounts {
  /** The file. */
  readonly from: string;
  readonly calls: ReadonlyMap<string, number>;
  /** What the counts are not, one line each. */
  readonly warnings: readonly string[];
}

/**
 * Counts from the output of `strace -c`, or of the container in a syscalls.json of bench's (its first arm that was
 * counted, all repeats together). Throws `input`.
 */
export function readCounts(file: string, io: Io): ObservedCounts {
  const path = resolve(io.cwd, file);
  const text = textOf(path, file);
  const { counted, warnings } = text.trimStart().startsWith('{')
    ? ofDocument(path, file)
    : { counted: readStraceTable(text, file).calls, warnings: [] };
  const calls = new Map<string, number>();
  for (const { name, calls: count } of counted) calls.set(name, (calls.get(name) ?? 0) + count);
  return { from: file, calls, warnings };
}

/**
 * Counts of a command that is run now. Throws as {@link observeCalls}, and `input` where the shell could not run it.
 */
export async function observedCounts(command: string, io: Io): Promise<ObservedCounts> {
  const { calls, exitCode, stderr } = await observeCalls(command, io.env);
  const said = stderr.trim().split('\n').at(-1) ?? '';
  if (exitCode === 126 || exitCode === 127) {
    throw new BenchError(
      'input',
      `--observe ${command}: expected a command that can be run, got exit code ${exitCode}${said === '' ? '' : ` (${said})`}`,
      { hint: 'Give a command line that /bin/sh can run here, or counts with --counts FILE.' },
    );
  }
  const ended = exitCode === null ? 'a signal ended it' : `it exited with ${exitCode}`;
  return {
    from: command,
    calls: new Map(calls.map(({ name, calls: count }) => [name, count])),
    warnings: exitCode === 0 ? [] : [`Counts: --observe ${command}: ${ended}; its calls up to then were taken.`],
  };
}

function ofDocument(
  path: string,
  shown: string,
): { readonly counted: readonly CallCount[]; readonly warnings: readonly string[] } {
  const arm = readSyscallsFile(path).arms.find(({ state }) => state === 'counted');
  const parts = arm?.state === 'counted' ? arm.runs.flat() : [];
  const of = (part: CallPart): readonly CallCount[] =>
    parts
      .filter((one) => one.part === part)
      .flatMap(({ calls }) => calls)
      .filter(({ name }) => name !== ANY_CALL);
  const container = of('container');
  if (container.length > 0) return { counted: container, warnings: [] };
  const all = of('all');
  if (all.length > 0)
    return {
      counted: all,
      warnings: [`Counts: ${shown} does not tell the container's calls apart: those of the runtime are among them.`],
    };
  throw new BenchError('input', `${shown}: expected calls of a container by name, got none`, {
    hint: 'Count them with strace: bench syscalls count --count-with strace.',
  });
}

function textOf(path: string, shown: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BenchError(
      'input',
      `${shown}: expected the output of strace -c or a syscalls.json, got ${cause instanceof Error ? cause.message : String(cause)}`,
      { hint: 'Make one: strace -f -c -o counts.txt COMMAND.', cause },
    );
  }
}

/**
 * Names in the order in which their rules should be tried: calls that run the filter by their counts; those that the
 * kernel has cached never reach it,
 * so they come last.
 */
export function orderOf(counts: ObservedCounts, isCached: (name: string) => boolean): readonly string[] {
  const byCount = [...counts.calls]
    .sort(([a, times], [b, others]) => others - times || (a < b ? -1 : 1))
    .map(([name]) => name);
  return [...byCount.filter((name) => !isCached(name)), ...byCount.filter(isCached)];
}
