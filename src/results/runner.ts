import type { BatchRun, ContainerRun, Engine } from '../model/container/container.js';
import { judge, lastWords } from '../model/container/outcome.js';
import { execOfPayload } from '../model/container/program.js';
import type { ContainerProgram } from '../model/container/program.js';
import type { RunBreak } from '../model/results/break.js';
import type { BatchSample, ContainerSample, Sample } from '../model/results/sample.js';
import { NO_PAUSE_WATCH } from '../model/run/pause.js';
import type { PauseWatch } from '../model/run/pause.js';
import type { BlockOrder, PlannedPair } from '../model/run/duet.js';
import { containersPerTurn, unitOf } from '../model/run/scenario.js';
import type { Scenario } from '../model/run/scenario.js';
import { Repeats } from './attempts.js';

export interface RunnerOptions {
  readonly engine: Engine;
  readonly scenario: Scenario;
  /** Per block, the arms in the order of their turns; pairs of arms in a duet block. */
  readonly warmup: Iterable<BlockOrder>;
  readonly measured: Iterable<BlockOrder>;
  readonly runId: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Waits between turns, for the scenario's pause; injected. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Whether the stages of each container are timed. */
  readonly staged?: boolean;
  /** What the containers run; default: the payload. */
  readonly program?: ContainerProgram;
  /** How a batch is run; absent: by the engine. */
  readonly runBatch?: Engine['run'];
  /** How many times a block was run before; `null`: it is whole, and not run again. Absent: nothing was. */
  readonly attempts?: (place: { readonly block: number; readonly warmup: boolean }) => number | null;
  /** Subtracted from start times, so that they count from the start of the run. */
  readonly originNs: number;
  /** A block within which something stood still is run again; absent: nobody looks. */
  readonly pauses?: PauseWatch;
}

/** One attempt of a block. */
export interface Attempt {
  readonly block: number;
  readonly warmup: boolean;
  /** 0-based. */
  readonly attempt: number;
  /** For how long, at most, something stood still within it. */
  readonly gapNs: number;
  /** Whether the block is run again for that, next. */
  readonly again: boolean;
}

/** The samples of one attempt, in order. A block that was stopped has those until then. */
export interface BlockSamples extends Attempt {
  readonly samples: readonly Sample[];
}

/** The line of breaks.jsonl for an attempt; `null`: nothing stood still. */
export const breakOf = ({ block, warmup, attempt, gapNs }: Omit<Attempt, 'again'>): RunBreak | null =>
  gapNs > 0 ? { kind: 'paused', block, warmup, attempt, gapNs } : null;

/**
 * Runs the scenario block by block. Within a block nothing happens but the containers; the caller stores samples
 * between blocks. A block within which something stood still is run again, a few times at most.
 */
export async function* runBlocks(options: RunnerOptions): AsyncGenerator<BlockSamples, void, undefined> {
  const repeats = new Repeats();
  for (const [warmup, orders] of [
    [true, options.warmup],
    [false, options.measured],
  ] as const) {
    let block = 0;
    for (const order of orders) {
      const place = { block, warmup, order };
      block += 1;
      const first = options.attempts?.(place) ?? (options.attempts === undefined ? 0 : null);
      let again = first !== null;
      for (let repeat = 0; again; repeat += 1) {
        // Signals arrive only when the event loop turns.
        await new Promise(setImmediate);
        if (options.signal.aborted) return;
        const attempt = (first ?? 0) + repeat;
        const ran = await runBlock(options, { ...place, attempt });
        again = repeats.again(repeat, ran.gapNs) && !options.signal.aborted;
        yield { block: place.block, warmup, attempt, again, ...ran };
        await options.engine.betweenBlocks();
      }
    }
  }
}

interface BlockPlace {
  readonly block: number;
  readonly warmup: boolean;
  readonly order: BlockOrder;
  readonly attempt: number;
}

/** One arm's turn, or that of a pair. */
interface Turn {
  readonly arm: string | PlannedPair;
  readonly position: number;
  readonly batch: BatchRun;
  /** For how long this process stood still meanwhile. */
  readonly gapNs: number;
}

type RunBlock = Pick<BlockSamples, 'samples' | 'gapNs'>;

async function runBlock(options: RunnerOptions, place: BlockPlace): Promise<RunBlock> {
  const { pauses = NO_PAUSE_WATCH, scenario } = options;
  // What was before the block does not count.
  await pauses.take();
  const turns: Turn[] = [];
  let between = 0;
  for (const [position, arm] of place.order.entries()) {
    if (position > 0 && scenario.pauseMs > 0) {
      await options.sleep(scenario.pauseMs);
      between += await pauses.take();
    }
    if (options.signal.aborted) break;
    const batch = await runTurn(options, place, { position, arm });
    turns.push({ arm, position, batch, gapNs: await pauses.take() });
  }
  const samples = turns.flatMap((turn) => samplesOf(turn, options, place));
  return { samples, gapNs: between + turns.reduce((sum, turn) => sum + longestGap(turn), 0) };
}

/** A pair is one turn: both containers run at the same time. */
function runPair(
  { engine, signal, timeoutMs, program, runId }: RunnerOptions,
  pair: PlannedPair,
  turn: string,
): Promise<BatchRun> {
  if (engine.runPair === undefined) throw new RangeError(`engine ${engine.facts.name} runs no pairs`);
  const turns = pair.map((own, index) => ({ ...own, id: `${runId}-${turn}-${index}` }));
  return engine.runPair({ turns, mode: program ?? 'exit', timeoutMs, signal });
}

function runTurn(
  options: RunnerOptions,
  place: BlockPlace,
  { arm, position }: Pick<Turn, 'arm' | 'position'>,
): Promise<BatchRun> {
  const again = place.attempt === 0 ? '' : `a${place.attempt}`;
  const turn = `${place.warmup ? 'w' : 'b'}${place.block}${again}-${position}`;
  return typeof arm === 'string' ? runArm(options, arm, turn) : runPair(options, arm, turn);
}

function runArm(options: RunnerOptions, arm: string, turn: string): Promise<BatchRun> {
  const { engine, runBatch, scenario, signal, timeoutMs, staged = false, program, runId } = options;
  const ids = idsOf(runId, turn, containersPerTurn(scenario));
  const concurrency = scenario.kind === 'sequential' ? 1 : scenario.concurrency;
  const payload =
    unitOf(scenario) === 'exec'
      ? ({ mode: execOfPayload(tellsTime(options) ? 'stamp' : 'exit'), staged } as const)
      : ({ mode: 'exit', staged } as const);
  const run: Engine['run'] = runBatch ?? ((request) => engine.run(request));
  return run({
    arm,
    ids,
    concurrency,
    timeoutMs,
    signal,
    ...payload,
    ...(program === undefined ? {} : { mode: program }),
  });
}

/** What stood still longest: this process with all containers, or one of them alone. */
const longestGap = ({ batch, gapNs }: Pick<Turn, 'batch' | 'gapNs'>): number =>
  batch.containers.reduce((longest, { heldNs = 0 }) => Math.max(longest, heldNs), gapNs);

function samplesOf(turn: Turn, options: RunnerOptions, place: BlockPlace): readonly Sample[] {
  const { arm, position, batch, gapNs } = turn;
  const { scenario, originNs } = options;
  const mode = judgedBy(options);
  const at = {
    block: place.block,
    warmup: place.warmup,
    position,
    ...(place.attempt === 0 ? {} : { attempt: place.attempt }),
  };
  const containers = batch.containers.map((run, index) =>
    containerSample(
      run,
      { ...at, ...armAt(arm, index), index },
      { originNs, mode, gapNs: Math.max(gapNs, run.heldNs ?? 0) },
    ),
  );
  if (typeof arm !== 'string') return withTimeAlone(containers, batch);
  return scenario.kind === 'sequential'
    ? containers
    : [...containers, batchSample(batch, containers, { ...at, arm }, { originNs, gapNs: longestGap(turn) })];
}

/** Whose container that is, and in a pair with whose and where it ran. */
function armAt(arm: Turn['arm'], index: number): Pick<ContainerSample, 'arm' | 'partner' | 'core'> {
  if (typeof arm === 'string') return { arm };
  const [own, other] = index === 0 ? arm : [arm[1], arm[0]];
  return { arm: own.arm, partner: other.arm, core: own.core };
}

/** How long each of a pair went on after the other had ended; of a pair with a failure nothing is said. */
function withTimeAlone(
  containers: readonly ContainerSample[],
  { containers: runs }: BatchRun,
): readonly ContainerSample[] {
  if (containers.some(({ state }) => state !== 'ok')) return containers;
  const ends = runs.map(({ startedAt, wall }) => startedAt + wall);
  const first = Math.min(...ends);
  return containers.map((one, index) => ({ ...one, aloneNs: (ends[index] ?? first) - first }));
}

/** Whose output tells whether a container did its work. */
function judgedBy(options: RunnerOptions): 'command' | 'stamp' | 'exit' {
  const { program, scenario } = options;
  if (program !== undefined || scenario.arms.some((arm) => arm.command !== undefined)) return 'command';
  return tellsTime(options) ? 'stamp' : 'exit';
}

/** Whether the payload tells when it began; of an exec an engine that always tells stages needs no such time. */
const tellsTime = ({ engine, scenario, staged = false }: RunnerOptions): boolean =>
  staged && (unitOf(scenario) === 'start' || engine.stages === 'asked');

/** Every id starts with the run's, which distinguishes leftovers from containers of others. */
function idsOf(runId: string, turn: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${runId}-${turn}-${index}`);
}

type Place = Pick<ContainerSample, 'block' | 'warmup' | 'position' | 'attempt' | 'arm' | 'index' | 'partner' | 'core'>;

interface Taken {
  readonly originNs: number;
  readonly gapNs: number;
}

/** A container's sample: its times if it is ok, otherwise the cause of the failure. */
function containerSample(
  run: ContainerRun,
  place: Place,
  { originNs, mode, gapNs }: Taken & { readonly mode: 'exit' | 'stamp' | 'command' },
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
    ...run.instructions,
    ...gapOf(gapNs),
    ...(run.stages === undefined ? {} : { stagesNs: run.stages }),
    ...(run.load === undefined ? {} : { load: run.load }),
  };
}

const gapOf = (gapNs: number): { readonly gapNs?: number } => (gapNs > 0 ? { gapNs } : {});

function batchSample(
  batch: BatchRun,
  containers: readonly ContainerSample[],
  place: Omit<Place, 'index' | 'partner' | 'core'>,
  { originNs, gapNs }: Taken,
): BatchSample {
  const ok = containers.filter((container) => container.state === 'ok').length;
  return {
    kind: 'batch',
    ...place,
    startNs: batch.startedAt - originNs,
    // A batch with a failure did less work, so its makespan would be too short.
    ...(ok === containers.length ? { makespanNs: batch.makespan } : {}),
    ...gapOf(gapNs),
    planned: containers.length,
    ok,
    failed: containers.length - ok,
  };
}
