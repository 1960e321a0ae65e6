import { invalidValue } from '../../errors.js';
import type { Sample } from '../../model/results/sample.js';
import { FEWEST_FOR_VERDICT } from '../../model/run/scenario.js';
import type { Scenario } from '../../model/run/scenario.js';
import { timeRule } from '../../model/run/stopping.js';
import type { StoppingRule, TimeRule } from '../../model/run/stopping.js';
import type { Mode, TimePlan, TriedMode } from '../../model/run/time-plan.js';
import { runBlocks } from '../../results/index.js';
import { planBlocks } from '../../scenario/index.js';
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

class Pilot {
  readonly #proved: Proved;
  readonly #fitted: FittedProgram | null;
  readonly #asked: TimeRule;
  readonly #statistics: Statistics;
  readonly #samples = new Map<Mode, Sample[]>();
  readonly #seconds = new Map<Mode, number>();
  #block = 0;
  #chosen: Mode | null = null;

  constructor(proved: Proved, fitted: FittedProgram | null, asked: TimeRule, statistics: Statistics) {
    this.#proved = proved;
    this.#fitted = fitted;
    this.#asked = asked;
    this.#statistics = statistics;
  }

  async plan(): Promise<Planned> {
    const modes = modesOf(this.#proved);
    const [usual = 'solo'] = modes;
    this.#assertFits(await this.#secondsPerBlock(usual, PACE_BLOCKS));
    const pace = await this.#secondsPerBlock(usual, PACE_BLOCKS);
    this.#assertFits(pace);
    const blocks = this.#statistics.pilotBlocks(this.#rule(), pace, modes.length);
    this.#samples.clear();
    this.#seconds.clear();
    for (let done = 0; done < blocks; done += STINT)
      for (const mode of modes) await this.#run(mode, Math.min(STINT, blocks - done));
    return this.#conclude(modes, usual, pace);
  }

  /** Leaves this process on the core of the mode that was chosen. */
  settle(): void {
    if (this.#chosen === 'pinned') this.#proved.parts.pinning.pin();
  }

  #conclude(modes: readonly Mode[], usual: Mode, pace: number): Planned {
    const { request, scenario } = this.#proved;
    const tried = modes.map((mode) => this.#tried(mode)).filter(({ blocks }) => blocks > 0);
    const found = this.#statistics.chooseMode(tried);
    const chosen: TriedMode = found ?? {
      mode: usual,
      blocks: 0,
      secondsPerBlock: pace,
      spread: { cpu: null, wall: null },
    };
    const notTried = modes.length > 1 ? 'notTried' : 'only';
    const reason = found === undefined ? notTried : 'narrowest';
    const rule = this.#rule();
    // Every arm has started often enough by now; one block more settles the mode that was chosen.
    const warmup = Math.min(1, scenario.warmup);
    const timePlan = this.#statistics.planTime(rule, { tried, chosen, reason, warmup });
    this.#chosen = chosen.mode;
    const pinnedCpu = request.pinnedCpu ?? (chosen.mode === 'pinned' ? this.#proved.parts.pinning.core() : null);
    const stopping = request.stopping.map((one): StoppingRule => (one.kind === 'time' ? rule : one));
    const proved: Proved = {
      ...this.#proved,
      request: { ...request, pinnedCpu, stopping },
      scenario: withLooks({ ...scenario, warmup }, stopping, timePlan.blocks),
    };
    return { proved, timePlan };
  }

  #tried(mode: Mode): TriedMode {
    const samples = this.#samples.get(mode) ?? [];
    const blocks = new Set(samples.map(({ block }) => block)).size;
    return this.#statistics.triedMode(
      mode,
      this.#proved.scenario,
      renumbered(samples),
      blocks === 0 ? 0 : (this.#seconds.get(mode) ?? 0) / blocks,
    );
  }

  /** The rule with what is gone by now. */
  #rule(): TimeRule {
    return { ...this.#asked, spentMs: this.#asked.spentMs + this.#proved.session.clock() / 1e6 };
  }

  #assertFits(secondsPerBlock: number): void {
    const missing = this.#statistics.timeMissing(this.#rule(), secondsPerBlock, 1);
    if (missing === null) return;
    const { milliseconds } = this.#asked;
    const seconds = Math.ceil(missing / 5000) * 5;
    throw invalidValue(
      '--for',
      `time for at least ${FEWEST_FOR_VERDICT} blocks of about ${secondsPerBlock.toPrecision(2)} s`,
      `${milliseconds / 1000}s`,
      {
        hint: `Use --for ${seconds}s or longer; ${Math.ceil(this.#rule().spentMs / 1000)} s are gone before the blocks.`,
      },
    );
  }

  async #secondsPerBlock(mode: Mode, blocks: number): Promise<number> {
    const before = this.#seconds.get(mode) ?? 0;
    await this.#run(mode, blocks);
    return ((this.#seconds.get(mode) ?? 0) - before) / blocks;
  }

  /** Runs blocks in a mode. Throws `interrupted`. */
  async #run(mode: Mode, blocks: number): Promise<void> {
    const { session, parts, context, request, scenario } = this.#proved;
    if (mode === 'pinned') parts.pinning.pin();
    else parts.pinning.unpin();
    const from = session.clock();
    const names = scenario.arms.map(({ name }) => name);
    const orders = [...planBlocks(names, this.#block + blocks, request.seed, 'pilot')].slice(this.#block);
    const stream = runBlocks({
      engine: session.engine,
      scenario,
      runId: `${session.runId}-p${this.#block}`,
      timeoutMs: request.timeoutMs,
      staged: request.staged,
      signal: context.signal,
      originNs: 0,
      ...(this.#fitted === null ? {} : { program: this.#fitted.program }),
      warmup: [],
      measured: orders,
      sleep: (ms) => parts.sleep(ms, context.signal),
    });
    for await (const { samples, block } of stream)
      this.#add(
        mode,
        samples.map((sample) => ({ ...sample, block: this.#block + block })),
      );
    if (context.signal.aborted) throw stoppedEarly();
    this.#block += blocks;
    this.#seconds.set(mode, (this.#seconds.get(mode) ?? 0) + (session.clock() - from) / 1e9);
  }

  #add(mode: Mode, samples: readonly Sample[]): void {
    this.#samples.set(mode, [...(this.#samples.get(mode) ?? []), ...samples]);
  }
}

/** The modes that can be tried, the usual one first. What a daemon starts is not on this process's core. */
function modesOf({ request, session, scenario, parts }: Proved): readonly Mode[] {
  if (request.pinnedCpu !== null) return ['pinned'];
  const { engine } = session;
  const isElsewhere =
    engine.host !== undefined || scenario.arms.some(({ name }) => typeof engine.daemonSocket?.(name) === 'string');
  return isElsewhere || scenario.kind === 'parallel' || parts.pinning.core() === null ? ['solo'] : ['solo', 'pinned'];
}

/** Blocks from 0 on. */
function renumbered(samples: readonly Sample[]): readonly Sample[] {
  const numbers = new Map([...new Set(samples.map(({ block }) => block))].map((block, index) => [block, index]));
  return samples.map((sample) => ({ ...sample, block: numbers.get(sample.block) ?? 0 }));
}

/** A group sequential test plans its looks by the number of blocks; they are then within the time. */
function withLooks<Own extends Scenario>(scenario: Own, stopping: readonly StoppingRule[], blocks: number): Own {
  if (!stopping.some(({ kind }) => kind === 'decided')) return scenario;
  return scenario.kind === 'sequential'
    ? { ...scenario, count: Math.min(scenario.count, Math.max(FEWEST_FOR_VERDICT, blocks)) }
    : { ...scenario, rounds: Math.min(scenario.rounds, Math.max(FEWEST_FOR_VERDICT, blocks)) };
}
