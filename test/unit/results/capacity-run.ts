import type { Crowd } from '../../../src/model/filter/capacity.js';
import type { CapacityResult, CapacitySample, ChargedMemory } from '../../../src/model/results/capacity.js';
import { HOST } from './runs.js';

const ENOTSUPP = 524;
const ENOMEM = 12;
const PAGE = 4096;

/** A kernel in which a filter takes these bytes of each part, and other programs use `used` of the limit. */
export interface MadeUpKernel {
  readonly program: number;
  readonly image: number;
  readonly slab: number;
  readonly charged: (filters: number) => ChargedMemory | 'noCgroup';
  readonly used: number;
}

export const KERNEL: MadeUpKernel = {
  program: 12_288,
  image: 11_904,
  slab: 9000,
  charged: (filters) => ({ kernel: 32_000_000 + 14_484 * filters, slab: null, vmalloc: null, percpu: null }),
  used: 160_000,
};

const LIMIT = 528_482_304;

/** What so many tasks load under a limit. */
export const crowdUnder = ({ image, used }: MadeUpKernel, limit: number, tasks = 20_000): Crowd => {
  const fit = Math.max(0, Math.floor((limit - used) / image));
  return fit < tasks
    ? { tasks: fit, filters: fit, refusal: { step: 'load', errno: ENOTSUPP } }
    : { tasks, filters: tasks, refusal: null };
};

function memoryOf(kernel: MadeUpKernel): readonly CapacitySample[] {
  const sample = (round: number, tasks: number, filters: number): CapacitySample => ({
    kind: 'memory',
    round,
    tasks,
    filters,
    programs: 40 * PAGE + kernel.program * filters,
    slab: 800e6 + kernel.slab * filters + 1000 * round,
    charged: kernel.charged(filters),
  });
  return [0, 1, 2, 3].flatMap((round) =>
    (round < 2 ? [25, 50, 75, 100] : [100]).flatMap((tasks) => [sample(round, tasks, tasks), sample(round, tasks, 0)]),
  );
}

/** A run of such a kernel. */
export function capacityRun(kernel: MadeUpKernel = KERNEL, more: readonly CapacitySample[] = []): CapacityResult {
  const limits = [1_048_576, 2_097_152, 15_000_000, 2_097_152];
  return {
    name: '20261121T010203Z-capacity-a',
    host: HOST,
    plan: {
      formatVersion: 2,
      kind: 'capacity',
      id: 'a',
      startedAt: '2026-11-21T01:02:03.000Z',
      command: ['capacity', '--until-refused'],
      scenario: {
        kind: 'capacity',
        name: 'capacity',
        dialect: 'moby',
        tasks: 100,
        stacked: 1,
        untilRefused: true,
      },
      filter: {
        name: 'my-profile.json',
        machine: 'x86_64',
        instructions: 1001,
        sha256: 'a'.repeat(64),
        kernelInstructions: 1019,
        predicted: { program: 12_288, stacked: 32 },
      },
      jit: true,
      pageBytes: PAGE,
      limit: LIMIT,
    },
    samples: [
      ...memoryOf(kernel),
      {
        kind: 'stack',
        trial: { loaded: 32, refusal: { step: 'load', errno: ENOMEM }, after: { same: ENOMEM, smallest: 0 } },
      },
      ...limits.map((limit) => ({ kind: 'counted', attempt: 0, limit, crowd: crowdUnder(kernel, limit) }) as const),
      ...more,
    ],
  };
}
