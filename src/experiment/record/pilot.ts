import { invalidValue } from '../../errors.js';
import type { BlockOrder, DuetCores } from '../../model/run/duet.js';
import type { Sample } from '../../model/results/sample.js';
import { FEWEST_FOR_VERDICT } from '../../model/run/scenario.js';
import type { Scenario } from '../../model/run/scenario.js';
import { timeRule } from '../../model/run/stopping.js';
import type { StoppingRule, TimeRule } from '../../model/run/stopping.js';
import type { Mode, TimePlan, TriedMode } from '../../model/run/time-plan.js';
import { runBlocks } from '../../results/index.js';
import { planBlocks, planDuetBlocks } from '../../scenario/index.js';
import { duetOf } from '../duet.js';
import { batchRunner } from '../server/serve.js';
import type { FittedProgram } from '../arms/fit-program.js';
import { stoppedEarly } from '../session/session.js';
import type { ProvedExperiment } from '../states.js';

type Proved = ProvedExperiment<'starts'>;
type Statistics = typeof import('../../statistics/index.js');

/** An experiment whose mode and number of blocks are planned to fit its time. */
export interface Planned {
  readonly proved: Proved;
  readonly timePlan: TimePlan;
}

/** Blocks that show the pace before anything else is planned. */
const PACE_BLOCKS = 2;
/** Blocks of one mode in a row: enough to warm a core's caches, few enough that drift meets all modes. */
const STINT = 5;

/**
 * Plans a run that has to fit into a time, by a pilot within that time: whether the fewest blocks with a verdict fit,
 * and which mode gives the narrowest interval. The blocks of the pilot are warm-up; none of them is analysed for its
 * effect. Throws `usage` where the time does not suffice, and says how much would.
 */
export async function planForTime(proved: Proved, fitted: FittedProgram | null): Promise<Planned> {
  const asked = timeRule(proved.request.stopping);
  if (asked === undefined) throw new RangeError('the request sets no time');
  const statistics = await import('../../statistics/index.js');
  const pilot = new Pilot(proved, fitted, asked, statistics);
  try {
    return await pilot.plan();
  } finally {
    proved.parts.pinning.unpin();
    pilot.settle();
  }
}

/** A mode that can be tried, with the scenario that has it. */
interface Way {
  readonly mode: Mode;
  readonly scenario: Scenario;
  /** The cores of duet blocks. */
  readonly duet?: DuetCores;
}

/** What was run in one mode; its blocks are numbered from 0. */
interface Stretch {
  readonly samples: Sample[];
  blocks: number;
  seconds: number;
}

/** Runs a few blocks in every mode that is possible here, in turn, and gives what each showed. */
export async function tryModes(
  proved: Proved,
  fitted: FittedProgram | null,
  blocks: number,
): Promise<readonly TriedMode[]> {
  const statistics = await import('../../statistics/index.js');
  const never = { kind: 'time', milliseconds: Infinity, spentMs: 0 } as const;
  const pilot = new Pilot(proved, fitted, never, statistics);
  try {
    return await pilot.tryAll(blocks);
  } finally {
    proved.parts.pinning.unpin();
  }
}

class Pilot {
  readonly #proved: Proved;
  readonly #fitted: FittedProgram | null;
  readonly #asked: TimeRule;
  readonly #statistics: Statistics;
  readonly #stretches = new Map<Mode, Stretch>();
  #stints = 0;
  #chosen: Mode | null = null;

  constructor(proved: Proved, fitted: FittedProgram | null, asked: TimeRule, statistics: Statistics) {
    this.#proved = proved;
    this.#fitted = fitted;
    this.#asked = asked;
    this.#statistics = statistics;
  }

  async plan(): Promise<Planned> {
    const ways = waysOf(this.#proved);
    const [usual] = ways;
    this.#assertFits(await this.#secondsPerBlock(usual));
    // The first blocks are slow: caches are cold.
    const pace = await this.#secondsPerBlock(usual);
    this.#assertFits(pace);
    const blocks = this.#statistics.pilotBlocks(this.#rule(), pace, ways.length);
    return this.#conclude(ways, await this.#tryEach(ways, blocks), pace);
  }

  async tryAll(blocks: number): Promise<readonly TriedMode[]> {
    return this.#tryEach(waysOf(this.#proved), blocks);
  }

  async #tryEach(ways: Ways, blocks: number): Promise<readonly TriedMode[]> {
    for (let done = 0; done < blocks; done += STINT)
      for (const way of ways) await this.#run(way, Math.min(STINT, blocks - done));
    return blocks === 0 ? [] : ways.map((way) => this.#tried(way));
  }

  /** Leaves this process on the core of the mode that was chosen. */
  settle(): void {
    if (this.#chosen === 'pinned') this.#proved.parts.pinning.pin();
  }

  #conclude(ways: Ways, tried: readonly TriedMode[], pace: number): Planned {
    const { request, parts } = this.#proved;
    const [usual] = ways;
    const found = this.#statistics.chooseMode(tried);
    const chosen: TriedMode = found ?? {
      mode: usual.mode,
      blocks: 0,
      secondsPerBlock: pace,
      spread: { cpu: null, wall: null },
    };
    const { scenario, ...way } = ways.find(({ mode }) => mode === chosen.mode) ?? usual;
    const notTried = ways.length > 1 ? 'notTried' : 'only';
    const rule = this.#rule();
    // Every arm has started often enough by now; one block more settles the mode that was chosen.
    const warmup = Math.min(1, scenario.warmup);
    const reason = found === undefined ? notTried : 'narrowest';
    const timePlan = this.#statistics.planTime(rule, { tried, chosen, reason, warmup });
    this.#chosen = chosen.mode;
    const pinnedCpu = request.pinnedCpu ?? (chosen.mode === 'pinned' ? parts.pinning.core() : null);
    const stopping = request.stopping.map((one): StoppingRule => (one.kind === 'time' ? rule : one));
    const proved: Proved = {
      ...this.#proved,
      ...(way.duet === undefined ? {} : { duet: way.duet }),
      request: { ...request, pinnedCpu, stopping },
      scenario: withLooks({ ...scenario, warmup }, stopping, timePlan.blocks),
    };
    return { proved, timePlan };
  }

  #tried({ mode, scenario }: Way): TriedMode {
    const { samples, seconds, blocks } = this.#stretchOf(mode);
    return this.#statistics.triedMode(mode, scenario, samples, seconds / blocks);
  }

  /** The rule with what is gone by now. */
  #rule(): TimeRule {
    return { ...this.#asked, spentMs: this.#asked.spentMs + this.#proved.session.clock() / 1e6 };
  }

  #assertFits(secondsPerBlock: number): void {
    const missing = this.#statistics.timeMissing(this.#rule(), secondsPerBlock, 1);
    if (missing === null) return;
    const gone = Math.ceil(this.#rule().spentMs / 1000);
    throw invalidValue(
      '--for',
      `time for at least ${FEWEST_FOR_VERDICT} blocks of about ${secondsPerBlock.toPrecision(2)} s`,
      `${this.#asked.milliseconds / 1000}s`,
      { hint: `Use --for ${Math.ceil(missing / 5000) * 5}s or longer: ${gone} s pass before the first block.` },
    );
  }

  /** Of blocks that are run for it alone. */
  async #secondsPerBlock(way: Way): Promise<number> {
    await this.#run(way, PACE_BLOCKS);
    const { seconds } = this.#stretchOf(way.mode);
    this.#stretches.clear();
    return seconds / PACE_BLOCKS;
  }

  /** Runs blocks in a mode. Throws `interrupted`. */
  async #run(way: Way, blocks: number): Promise<void> {
    const { session, parts, context, request } = this.#proved;
    const stretch = this.#stretchOf(way.mode);
    const first = stretch.blocks;
    if (way.mode === 'pinned') parts.pinning.pin();
    else parts.pinning.unpin();
    const from = session.clock();
    const stream = runBlocks({
      engine: session.engine,
      scenario: way.scenario,
      runId: `${session.runId}-p${this.#stints}`,
      timeoutMs: request.timeoutMs,
      staged: request.staged,
      signal: context.signal,
      originNs: 0,
      ...(this.#fitted === null
        ? {}
        : { program: this.#fitted.program, runBatch: batchRunner({ ...session, env: context.env }) }),
      warmup: [],
      measured: [...ordersFor(way, first + blocks, request.seed)].slice(first),
      sleep: (ms) => parts.sleep(ms, context.signal),
    });
    for await (const { samples, block } of stream)
      stretch.samples.push(...samples.map((sample) => ({ ...sample, block: first + block })));
    if (context.signal.aborted) throw stoppedEarly();
    this.#stints += 1;
    stretch.blocks += blocks;
    stretch.seconds += (session.clock() - from) / 1e9;
  }

  #stretchOf(mode: Mode): Stretch {
    const own = this.#stretches.get(mode) ?? { samples: [], blocks: 0, seconds: 0 };
    this.#stretches.set(mode, own);
    return own;
  }
}

type Ways = readonly [Way, ...Way[]];

/** Those that can be tried, the usual one first: one where it was asked for, or where a daemon starts containers. */
function waysOf({ request, session: { engine }, scenario, parts, duet }: Proved): Ways {
  if (duet !== undefined) return [{ mode: 'duet', scenario, duet }];
  const solo: Way = { mode: 'solo', scenario };
  if (request.pinnedCpu !== null) return [{ mode: 'pinned', scenario }];
  const isElsewhere =
    engine.host !== undefined || scenario.arms.some(({ name }) => typeof engine.daemonSocket?.(name) === 'string');
  if (isElsewhere || scenario.kind === 'parallel') return [solo];
  const asked = request.scenario.kind === 'sequential' ? request.scenario.duet : undefined;
  const tried =
    asked === undefined ? duetOf({ ...scenario, duet: 'auto' }, { request, engine }, () => undefined) : null;
  return [
    solo,
    ...(request.mayPin === false || parts.pinning.core() === null ? [] : [{ mode: 'pinned', scenario } as const]),
    ...(tried?.duet === undefined ? [] : [{ mode: 'duet', scenario: tried.scenario, duet: tried.duet } as const]),
  ];
}

const ordersFor = ({ scenario: { arms }, duet }: Way, blocks: number, seed: number): Iterable<BlockOrder> =>
  duet === undefined
    ? planBlocks(
        arms.map(({ name }) => name),
        blocks,
        seed,
        'pilot',
      )
    : planDuetBlocks({ arms, cores: duet.cores, blocks, seed }, 'pilot');

/** A group sequential test plans its looks by the number of blocks; they are then within the time. */
function withLooks<Own extends Scenario>(scenario: Own, stopping: readonly StoppingRule[], blocks: number): Own {
  if (!stopping.some(({ kind }) => kind === 'decided')) return scenario;
  return scenario.kind === 'sequential'
    ? { ...scenario, count: Math.min(scenario.count, Math.max(FEWEST_FOR_VERDICT, blocks)) }
    : { ...scenario, rounds: Math.min(scenario.rounds, Math.max(FEWEST_FOR_VERDICT, blocks)) };
}
