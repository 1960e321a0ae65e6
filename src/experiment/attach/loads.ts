import { BenchError } from '../../errors.js';
import { LOAD_WAYS } from '../../model/filter/attaching.js';
import type { LoadWay, RecordedLoads } from '../../model/filter/attaching.js';
import { holdProgram } from '../../process/program/held.js';

/** Filters to load, and how often. */
export interface LoadOrder {
  /** Files with filters. */
  readonly files: readonly string[];
  readonly rounds: number;
  readonly seed: number;
  /** Switches the JIT off for moments. */
  readonly switchJit: boolean;
}

/** The largest filters take some 10 ms in each way. */
const LIMIT_MS = 300_000;

/** Loads every filter in every way. Throws `environment`, and the signal's reason. */
export async function recordLoads(
  { files, rounds, seed, switchJit }: LoadOrder,
  { program, signal }: { readonly program: string; readonly signal: AbortSignal },
): Promise<RecordedLoads> {
  const args = [switchJit ? 'switch' : 'keep', String(rounds), String(seed), ...files];
  await using held = await holdProgram(program, args, { timeoutMs: LIMIT_MS, signal, lastLine: 'done' });
  return loadsIn(held.line, files.length);
}

/** Reads what payload/attach.c wrote. Throws `environment` for anything else. */
export function loadsIn(text: string, files: number): RecordedLoads {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const [, switched] = /^attach 1 switch (-?\d+)$/.exec(head) ?? [];
  if (switched === undefined || lines.pop() !== 'done') throw unexpected(head);
  const times = Array.from({ length: files }, (): Partial<Record<LoadWay, number[]>> => ({}));
  const refused: { file: number; way: LoadWay; errno: number }[] = [];
  for (const line of lines) {
    const [, kind, file, name, first, ns] = /^(load|error) (\d+) (\w+) (\d+)(?: (\d+))?$/.exec(line) ?? [];
    const way = LOAD_WAYS.find((one) => one === name);
    const own = times[Number(file)];
    if (way === undefined || own === undefined) throw unexpected(line);
    if (kind === 'error') refused.push({ file: Number(file), way, errno: Number(first) });
    else (own[way] ??= []).push(Number(ns));
  }
  return { switched: Number(switched), files: times, refused };
}

const unexpected = (line: string): BenchError =>
  new BenchError('environment', `expected times of loads, got ${JSON.stringify(line)}`);
