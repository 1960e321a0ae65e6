import { constants } from 'node:os';
import { BenchError } from '../../errors.js';
import type { Crowd, Refusal } from '../../model/filter/capacity.js';
import type { MemorySample } from '../../model/results/capacity.js';
import { makeMemoryCgroup } from '../../process/cgroup/memory-cgroup.js';
import { withCrowd } from './crowd.js';
import type { CrowdMaker } from './crowd.js';
import { kernelMemory } from './kernel-memory.js';
import { settled } from './settle.js';

/** What crowds with and without a filter are made of. */
export interface MemoryOrder {
  readonly file: string;
  readonly tasks: number;
  readonly stacked: number;
  readonly pageBytes: number;
  /** Name of the cgroup that the tasks are born in. */
  readonly cgroup: string;
}

/** Of all tasks, with and without the filter, in turn. */
const ROUNDS = 6;
/** Of the smaller crowds, which show whether memory grows with the number of filters. */
const ROUNDS_OF_PARTS = 2;
const PARTS = 4;

/** What the kernel has allocated with the filter in so many tasks, and without. Throws `environment`. */
export async function memorySamples(order: MemoryOrder, maker: CrowdMaker): Promise<readonly MemorySample[]> {
  const samples: MemorySample[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    for (const tasks of sizesIn(round, order.tasks))
      for (const filter of round % 2 === 0 ? [order.file, null] : [null, order.file])
        samples.push(await sampleOf(round, filter, { ...order, tasks }, maker));
  return samples;
}

const sizesIn = (round: number, tasks: number): readonly number[] =>
  round >= ROUNDS_OF_PARTS
    ? [tasks]
    : Array.from({ length: PARTS }, (_, part) => Math.ceil((tasks * (part + 1)) / PARTS));

async function sampleOf(
  round: number,
  filter: string | null,
  { tasks, stacked, pageBytes, cgroup: name }: MemoryOrder,
  maker: CrowdMaker,
): Promise<MemorySample> {
  // A new one every time: nothing of an earlier crowd is charged to it.
  await using cgroup = makeMemoryCgroup(name);
  const order = { filter, tasks, stacked, ...(cgroup === null ? {} : { cgroup: cgroup.procs }) };
  const sample = await withCrowd(order, maker, ({ crowd }): MemorySample => {
    assertWhole(crowd);
    return {
      kind: 'memory',
      round,
      tasks,
      filters: crowd.filters,
      ...kernelMemory(pageBytes),
      charged: cgroup?.charged() ?? 'noCgroup',
    };
  });
  await settled(maker.signal);
  return sample;
}

/** Throws `environment` where the crowd is not whole: what it takes would be that of another number of filters. */
function assertWhole({ tasks, refusal }: Crowd): void {
  if (refusal === null) return;
  const { step, errno } = refusal;
  const what = {
    load: `the kernel refused to load the filter in task ${tasks + 1} (errno ${errno})`,
    fork: `no more than ${tasks} tasks could be created (errno ${errno})`,
    end: `the filter ended task ${tasks + 1} as it was loaded once more`,
  }[step];
  throw new BenchError('environment', what, { hint: hintFor(step, errno) });
}

function hintFor(step: Refusal['step'], errno: number): string {
  if (step === 'fork') return 'Choose fewer with --tasks, or raise the limit of processes (ulimit -u, pids.max).';
  if (step === 'end') return 'A filter can be stacked only where it allows seccomp(2).';
  switch (errno) {
    case constants.errno.ENOMEM:
      return 'One task may have filters of 32,768 instructions in all: choose a smaller --stacked.';
    case ENOTSUPP:
      return 'net.core.bpf_jit_limit is used up: choose fewer with --tasks, or raise the limit.';
    default:
      return 'Check with bench doctor whether this kernel loads filters here.';
  }
}

/** Of the kernel alone (include/linux/errno.h): the JIT gave no image, and this kernel has no interpreter. */
const ENOTSUPP = 524;
