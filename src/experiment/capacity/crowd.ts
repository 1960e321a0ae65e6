import { BenchError } from '../../errors.js';
import type { Crowd, Refusal, StackTrial } from '../../model/filter/capacity.js';
import { holdProgram } from '../../process/program/held.js';

/** Tasks to make under a filter. */
export interface CrowdOrder {
  /** File with the filter; `null`: tasks without one. */
  readonly filter: string | null;
  readonly tasks: number;
  /** Filters in each task, stacked on each other. */
  readonly stacked: number;
  /** Value of net.core.bpf_jit_limit while the tasks are made; absent: as it is. */
  readonly limit?: number;
  /** The cgroup.procs file of the cgroup that the tasks are born in; absent: that of this process. */
  readonly cgroup?: string;
}

export interface CrowdMaker {
  /** The program (payload/crowd.c). */
  readonly program: string;
  readonly signal: AbortSignal;
}

/** A crowd, with what its last task found once it was refused a filter. */
export interface HeldCrowd {
  readonly crowd: Crowd;
  readonly after: StackTrial['after'];
}

/** A fork and a load take far less than a millisecond each. */
const LIMIT_MS = 120_000;

/** Makes the tasks, does `work` while they are there, and removes them. Throws `environment`. */
export async function withCrowd<Result>(
  { filter, tasks, stacked, limit, cgroup }: CrowdOrder,
  { program, signal }: CrowdMaker,
  work: (held: HeldCrowd) => Result,
): Promise<Result> {
  const args = [
    filter ?? '-',
    String(stacked),
    String(tasks),
    limit === undefined ? '-' : String(limit),
    ...(cgroup === undefined ? [] : [cgroup]),
  ];
  await using held = await holdProgram(program, args, { timeoutMs: LIMIT_MS, signal });
  return work(crowdIn(held.line));
}

const SAID = /^held (\d+) filters (\d+) errno (\d+) of (none|load|fork|end)(?: then (\d+) and (\d+))?$/;

function crowdIn(line: string): HeldCrowd {
  const [, tasks, filters, errno, step, same, smallest] = SAID.exec(line) ?? [];
  if (step === undefined)
    throw new BenchError('environment', `expected what the crowd holds, got ${JSON.stringify(line)}`);
  return {
    crowd: {
      tasks: Number(tasks),
      filters: Number(filters),
      refusal: step === 'none' ? null : { step: step as Refusal['step'], errno: Number(errno) },
    },
    after: same === undefined ? null : { same: Number(same), smallest: Number(smallest) },
  };
}
