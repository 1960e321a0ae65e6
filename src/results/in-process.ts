import { Bench } from 'tinybench';

/** Work that is timed in this process; a result with `ownNs` replaces the time of the call. */
export interface InProcessTask {
  readonly name: string;
  readonly run: () => unknown;
}

/** Result of a task that times only a part of itself. */
export interface OwnTime {
  readonly ownNs: number;
}

/** `calls` calls of each task in a row, repeated in `rounds` rounds over all tasks. */
export interface Repetition {
  readonly rounds: number;
  readonly calls: number;
}

const NS_PER_MS = 1e6;

/**
 * Median nanoseconds of each task. tinybench runs its tasks one after the other, so short rounds over all tasks keep
 * the conditions equal; the first round is a warm-up and does not count. Rejects with what a task throws.
 */
export async function timeInProcess(
  tasks: readonly InProcessTask[],
  { rounds, calls }: Repetition,
): Promise<ReadonlyMap<string, number>> {
  const times = new Map(tasks.map(({ name }): [string, number[]] => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const { name, run } of tasks) {
      const bench = new Bench({ iterations: calls, time: 0, warmup: false, throws: true, retainSamples: true });
      bench.add(name, async () => durationOf(await run()));
      await bench.run();
      if (round > 0) times.get(name)?.push(...samplesOf(bench));
    }
  }
  return new Map([...times].map(([name, values]) => [name, medianOf(values) * NS_PER_MS]));
}

const durationOf = (result: unknown): { readonly overriddenDuration?: number } =>
  isOwnTime(result) ? { overriddenDuration: result.ownNs / NS_PER_MS } : {};

const isOwnTime = (result: unknown): result is OwnTime =>
  typeof result === 'object' && result !== null && 'ownNs' in result && typeof result.ownNs === 'number';

/** Milliseconds of each call. */
function samplesOf(bench: Bench): readonly number[] {
  const [task] = bench.tasks;
  const result = task?.result;
  return result !== undefined && 'latency' in result ? (result.latency.samples ?? []) : [];
}

function medianOf(values: readonly number[]): number {
  const ordered = values.toSorted((a, b) => a - b);
  const middle = ordered.length >>> 1;
  const [below = Number.NaN, above = Number.NaN] = [ordered[middle - 1 + (ordered.length % 2)], ordered[middle]];
  return (below + above) / 2;
}
