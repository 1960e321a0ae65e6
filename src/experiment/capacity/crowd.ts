import { BenchError } from '../../errors.js';
import type { Crowd, Refusal } from '../../model/filter/capacity.js';
import { holdProgram } from '../../process/program/held.js';

/** Tasks to make under a filter. */
export interface CrowdOrder {
  /** File with the filter; `null`: tasks without one. */
  readonly filter: string | null;
  readonly tasks: number;
  /** Filters in each task, one upon the other. */
  readonly stacked: number;
  /** Value of net.core.bpf_jit_limit while the tasks are made; `null`: as it is. */
  readonly limit: number | null;
}

export interface CrowdMaker {
  /** The program (payload/crowd.c). */
  readonly program: string;
  readonly signal: AbortSignal;
}

/** A fork and a load take far less than a millisecond each. */
const LIMIT_MS = 120_000;

/** Makes the tasks, does `work` while they are there, and removes them. Throws `environment`. */
export async function withCrowd<Result>(
  { filter, tasks, stacked, limit }: CrowdOrder,
  { program, signal }: CrowdMaker,
  work: (crowd: Crowd) => Result,
): Promise<Result> {
  const args = [filter ?? '-', String(stacked), String(tasks), ...(limit === null ? [] : [String(limit)])];
  await using held = await holdProgram(program, args, { timeoutMs: LIMIT_MS, signal });
  return work(crowdIn(held.line));
}

function crowdIn(line: string): Crowd {
  const [, tasks, filters, errno, step] =
    /^held (\d+) filters (\d+) errno (\d+) of (none|load|fork|end)$/.exec(line) ?? [];
  if (step === undefined)
    throw new BenchError('environment', `expected what the crowd holds, got ${JSON.stringify(line)}`);
  return {
    tasks: Number(tasks),
    filters: Number(filters),
    refusal: step === 'none' ? null : { step: step as Refusal['step'], errno: Number(errno) },
  };
}
