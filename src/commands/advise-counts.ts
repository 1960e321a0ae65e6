import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { BenchError } from '../errors.js';
import type { Io } from '../model/io.js';
import { readStraceTable } from '../measure/index.js';
import { readSyscallsFile } from '../sample/index.js';

/** How often each call was made. */
export interface ObservedCounts {
  /** The file. */
  readonly from: string;
  readonly calls: ReadonlyMap<string, number>;
}

/** Counts from the output of `strace -c`, or a syscalls.json of bench's (all arms and parts together). Throws `input`. */
export function readCounts(file: string, io: Io): ObservedCounts {
  const path = resolve(io.cwd, file);
  const text = textOf(path, file);
  const counted = text.trimStart().startsWith('{') ? ofDocument(path) : readStraceTable(text, file).calls;
  const calls = new Map<string, number>();
  for (const { name, calls: count } of counted) calls.set(name, (calls.get(name) ?? 0) + count);
  return { from: file, calls };
}

function ofDocument(path: string) {
  return readSyscallsFile(path).arms.flatMap((arm) => (arm.state === 'counted' ? arm.runs.flatMap((run) => run.flatMap((part) => part.calls)) : []));
}

function textOf(path: string, shown: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new BenchError('input', `${shown}: expected the output of strace -c or a syscalls.json, got ${cause instanceof Error ? cause.message : String(cause)}`, { hint: 'Make one: strace -f -c -o counts.txt COMMAND.', cause });
  }
}

/**
 * Names in the order in which their rules should be tried: calls that run the filter by their counts; those that the kernel has cached never reach it,
 * so they come last.
 */
export function orderOf(counts: ObservedCounts, isCached: (name: string) => boolean): readonly string[] {
  const byCount = [...counts.calls].sort(([a, times], [b, others]) => others - times || (a < b ? -1 : 1)).map(([name]) => name);
  return [...byCount.filter((name) => !isCached(name)), ...byCount.filter(isCached)];
}
