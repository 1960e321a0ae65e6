import type {
  Bytes,
  ChargedFilter,
  CountedCrowd,
  FilterCapacity,
  Measured,
  MemoryPoint,
  NotMeasured,
  StackTrial,
} from '../../model/filter/capacity.js';
import type {
  CapacityPlan,
  CapacityResult,
  CapacitySample,
  ChargedMemory,
  MemorySample,
} from '../../model/results/capacity.js';
import { bytesEach } from '../paired/bytes-each.js';
import { roomFrom, withoutRoom } from './room.js';
import type { RoomFound } from './room.js';

/** Derives what a filter takes and how many fit from the samples of a run. */
export function analyseCapacity({ plan, samples, host }: CapacityResult): FilterCapacity {
  const { filter, jit, scenario } = plan;
  const { predicted, ...loaded } = filter;
  const memory = samples.filter((sample) => sample.kind === 'memory');
  const sizes = [...new Set(memory.map(({ tasks }) => tasks))].sort((a, b) => a - b);
  const pairs = new Map(sizes.map((tasks) => [tasks, pairsOf(memory.filter((one) => one.tasks === tasks))]));
  const whole = pairs.get(sizes.at(-1) ?? 0) ?? [];
  const counted = lastAttempt(samples);
  const { image, room } = roomOf(plan, counted);
  return {
    ...loaded,
    kernel: host.kernel,
    jit,
    stacked: scenario.stacked,
    memory: {
      predictedProgram: predicted.program,
      program: each(whole, ({ programs }) => programs),
      image,
      slab: each(whole, ({ slab }) => slab),
      charged: chargedOf(whole),
    },
    points: [...pairs.values()].flatMap((own) => pointOf(own)),
    room,
    counted,
    stack: { predicted: predicted.stacked, ...trialOf(samples) },
  };
}

function roomOf({ jit, limit, scenario }: CapacityPlan, counted: readonly CountedCrowd[]): RoomFound {
  if (jit === false) return withoutRoom('noJit');
  return limit === null ? withoutRoom('needsUntilRefused') : roomFrom(limit, counted, scenario.stacked);
}

/** Tasks with the filter and without, of the same round. */
interface Pair {
  readonly filtered: MemorySample;
  readonly plain: MemorySample;
}

function pairsOf(samples: readonly MemorySample[]): readonly Pair[] {
  return samples.flatMap((filtered) => {
    const plain = samples.find(({ round, filters }) => round === filtered.round && filters === 0);
    return filtered.filters === 0 || plain === undefined ? [] : [{ filtered, plain }];
  });
}

type Reading = (sample: MemorySample) => number | NotMeasured;

/** Bytes that the filters of all tasks take together. */
function all(pairs: readonly Pair[], reading: Reading): Measured<Bytes> {
  return measuredOf(pairs.map(({ filtered, plain }) => difference(reading(filtered), reading(plain))));
}

/** Bytes that one filter takes. */
function each(pairs: readonly Pair[], reading: Reading): Measured<Bytes> {
  return measuredOf(
    pairs.map(({ filtered, plain }) => {
      const more = difference(reading(filtered), reading(plain));
      return typeof more === 'string' ? more : more / filtered.filters;
    }),
  );
}

const difference = (a: number | NotMeasured, b: number | NotMeasured): number | NotMeasured =>
  typeof a === 'string' ? a : typeof b === 'string' ? b : a - b;

function measuredOf(rounds: readonly (number | NotMeasured)[]): Measured<Bytes> {
  const reason = rounds.find((one) => typeof one === 'string');
  if (reason !== undefined) return { state: 'notMeasured', reason };
  const value = bytesEach(rounds.filter((one) => typeof one === 'number'));
  return value === null ? { state: 'notMeasured', reason: 'disturbed' } : { state: 'measured', value };
}

const partOf =
  (part: keyof ChargedMemory): Reading =>
  ({ charged }) =>
    typeof charged === 'string' ? charged : (charged[part] ?? 'noCgroup');

const chargedOf = (pairs: readonly Pair[]): ChargedFilter => ({
  bytes: each(pairs, partOf('kernel')),
  parts: {
    slab: each(pairs, partOf('slab')),
    vmalloc: each(pairs, partOf('vmalloc')),
    percpu: each(pairs, partOf('percpu')),
  },
});

function pointOf(pairs: readonly Pair[]): readonly MemoryPoint[] {
  const [first] = pairs;
  if (first === undefined) return [];
  return [
    {
      filters: first.filtered.filters,
      program: all(pairs, ({ programs }) => programs),
      slab: all(pairs, ({ slab }) => slab),
      charged: all(pairs, partOf('kernel')),
    },
  ];
}

/** Counts before the last try were disturbed. */
function lastAttempt(samples: readonly CapacitySample[]): readonly CountedCrowd[] {
  const counted = samples.filter((sample) => sample.kind === 'counted');
  const last = Math.max(0, ...counted.map(({ attempt }) => attempt));
  return counted.filter(({ attempt }) => attempt === last).map(({ limit, crowd }) => ({ limit, crowd }));
}

function trialOf(samples: readonly CapacitySample[]): StackTrial {
  const stack = samples.find((sample) => sample.kind === 'stack');
  return stack?.trial ?? { loaded: 0, refusal: null, after: null };
}
