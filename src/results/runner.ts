import type { BatchRun, ContainerRun, Engine } from '../model/container/container.js';
import { judge, lastWords } from '../model/container/outcome.js';
import type { ContainerProgram } from '../model/container/program.js';
import type { BatchSample, ContainerSample, Sample } from '../model/results/sample.js';
import { containersPerTurn } from '../model/run/scenario.js';
import type { Scenario } from '../model/run/scenario.js';

export interface RunnerOptions {
  readonly engine: Engine;
  readonly scenario: Scenario;
  /** Per block, the arms in the order of their turns. */
  readonly warmup: Iterable<readonly string[]>;
  readonly measured: Iterable<readonly string[]>;
  readonly runId: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Waits between turns, for the scenario's pause; injected. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Whether the stages of each container are timed. */
  readonly staged?: boolean;
  /** What the containers run; default: the payload. */
  readonly program?: ContainerProgram;
  /** How many times a block was run before; `null`: it is whole, and not run again. Absent: nothing was. */
  readonly attempts?: (place: { readonly block: number; readonly warmup: boolean }) => number | null;
  /** Subtracted from start times, so that they count from the start of the run. */
  readonly originNs: number;
}

/** The samples of one block, in order. A block that was stopped has those until then. */
export interface BlockSamples {
  readonly block: number;
  readonly warmup: boolean;
  readonly samples: readonly Sample[];
}

/**
 * Runs the scenario block by block. Within a block nothing happens but the containers; the caller stores samples
 * between blocks.
 */
export async function* runBlocks(options: RunnerOptions): AsyncGenerator<BlockSamples, void, undefined> {
  for (const [warmup, orders] of [
    [true, options.warmup],
    [false, options.measured],
  ] as const) {
    let block = 0;
    for (const order of orders) {
      const place = { block, warmup, order };
      block += 1;
      const attempt = options.attempts?.(place) ?? (options.attempts === undefined ? 0 : null);
      if (attempt === null) continue;
      // Signals arrive only when the event loop turns.
      await new Promise(setImmediate);
      if (options.signal.aborted) return;
      yield { block: place.block, warmup, samples: await runBlock(options, { ...place, attempt }) };
      await options.engine.betweenBlocks();
    }
  }
}

interface BlockPlace {
  readonly block: number;
  readonly warmup: boolean;
  readonly order: readonly string[];
  readonly attempt: number;
}

async function runBlock(
  options: RunnerOptions,
  { block, warmup, order, attempt }: BlockPlace,
): Promise<readonly Sample[]> {
  const { engine, scenario, signal, timeoutMs, staged = false } = options;
  const turns: { readonly arm: string; readonly position: number; readonly batch: BatchRun }[] = [];
  for (const [position, arm] of order.entries()) {
    if (position > 0 && scenario.pauseMs > 0) await options.sleep(scenario.pauseMs);
    if (signal.aborted) break;
    const ids = idsOf(options.runId, `${warmup ? 'w' : 'b'}${block}-${position}`, containersPerTurn(scenario));
    const concurrency = scenario.kind === 'sequential' ? 1 : scenario.concurrency;
    turns.push({
      arm,
      position,
      batch: await engine.run({ arm, mode: options.program ?? 'exit', ids, concurrency, timeoutMs, signal, staged }),
    });
  }
  const mode =
    options.program !== undefined || scenario.arms.some((arm) => arm.command !== undefined)
      ? 'command'
      : staged
        ? 'stamp'
        : 'exit';
  return turns.flatMap(({ arm, position, batch }) => {
    const place = { block, warmup, position, ...(attempt === 0 ? {} : { attempt }), arm };
    const containers = batch.containers.map((run, index) =>
      containerSample(run, { ...place, index }, options.originNs, mode),
    );
    return scenario.kind === 'sequential'
      ? containers
      : [...containers, batchSample(batch, containers, place, options.originNs)];
  });
}

/** Every id starts with the run's, which distinguishes leftovers from containers of others. */
function idsOf(runId: string, turn: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${runId}-${turn}-${index}`);
}

type Place = Pick<ContainerSample, 'block' | 'warmup' | 'position' | 'attempt' | 'arm' | 'index'>;

/** A container's sample: its times if it is ok, otherwise the cause of the failure. */
function containerSample(
  run: ContainerRun,
  place: Place,
  originNs: number,
  mode: 'exit' | 'stamp' | 'command' = 'exit',
): ContainerSample {
  const outcome = judge(run, mode);
  const startNs = run.startedAt - originNs;
  if (outcome.state !== 'ok') {
    return {
      kind: 'container',
      ...place,
      state: outcome.state,
      startNs,
      cause: outcome.cause,
      ...(run.failedIn === undefined ? {} : { failedIn: run.failedIn }),
      stderr: lastWords(run.stderr),
    };
  }
  const { usage } = run;
  return {
    kind: 'container',
    ...place,
    state: 'ok',
    startNs,
    wallNs: run.wall,
    userNs: usage.user,
    systemNs: usage.system,
    maxRssKiB: usage.maxRssKiB,
    minorFaults: usage.minorFaults,
    majorFaults: usage.majorFaults,
    voluntarySwitches: usage.voluntarySwitches,
    involuntarySwitches: usage.involuntarySwitches,
    ...(run.stages === undefined ? {} : { stagesNs: run.stages }),
  };
}

function batchSample(
  batch: BatchRun,
  containers: readonly ContainerSample[],
  place: Omit<Place, 'index'>,
  originNs: number,
): BatchSample {
  const ok = containers.filter((container) => container.state === 'ok').length;
  return {
    kind: 'batch',
    ...place,
    startNs: batch.startedAt - originNs,
    // A batch with a failure did less work, so its makespan would be too short.
    ...(ok === containers.length ? { makespanNs: batch.makespan } : {}),
    planned: containers.length,
    ok,
    failed: containers.length - ok,
  };
}
