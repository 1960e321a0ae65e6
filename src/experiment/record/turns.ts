import type { ContainerRun, Engine } from '../../model/container/container.js';
import type { ContainerProgram, Inside } from '../../model/container/program.js';
import type { PauseWatch } from '../../model/run/pause.js';
import { Repeats } from '../../results/index.js';
import type { Attempt } from '../../results/index.js';
import { planBlocks } from '../../scenario/index.js';

/** Containers that print what they measured: in every block one of each arm, in shuffled order. */
export interface TurnsPlan {
  readonly engine: Engine;
  readonly arms: readonly string[];
  readonly seed: number;
  readonly warmup: number;
  /** Measured blocks. */
  readonly blocks: number;
  readonly program: ContainerProgram;
  /** Turns that are no arms and do something else, by their name; absent: none. */
  readonly others?: ReadonlyMap<string, OtherTurn>;
  /** The id of a container: `turn` is `b0-1`, `w0-1` in the warm-up, `b0a1-1` where the block is run again. */
  readonly idOf: (turn: string) => string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly pauses: PauseWatch;
}

/** A container of an arm that runs another program than the arms do. */
export interface OtherTurn {
  readonly arm: string;
  readonly program: ContainerProgram;
}

/** One container of an arm in its block. */
export interface Turn {
  /** Or the name of the other turn. */
  readonly arm: string;
  readonly position: number;
  readonly run: ContainerRun;
  /** For how long, at most, something stood still meanwhile. */
  readonly gapNs: number;
}

/** An attempt of a block; one that was stopped half-way has what it got to. */
export interface BlockTurns extends Attempt {
  readonly turns: readonly Turn[];
}

/**
 * Runs block by block, warm-up first; ends early where the signal is aborted. A block within which something stood
 * still is run again, a few times at most.
 */
export async function* runTurns(plan: TurnsPlan): AsyncGenerator<BlockTurns, void, undefined> {
  const repeats = new Repeats();
  for (const [warmup, blocks, stream] of [
    [true, plan.warmup, 'warmup'],
    [false, plan.blocks, 'measured'],
  ] as const) {
    let block = 0;
    for (const order of planBlocks([...plan.arms, ...(plan.others?.keys() ?? [])], blocks, plan.seed, stream)) {
      let again = true;
      for (let attempt = 0; again; attempt += 1) {
        // Signals are only seen when the event loop turns.
        await new Promise(setImmediate);
        if (plan.signal.aborted) return;
        const turns = await runBlock(plan, order, `${warmup ? 'w' : 'b'}${block}${attempt === 0 ? '' : `a${attempt}`}`);
        const gapNs = turns.reduce((sum, turn) => sum + turn.gapNs, 0);
        again = repeats.again(attempt, gapNs) && !plan.signal.aborted;
        yield { block, warmup, attempt, gapNs, again, turns };
        await plan.engine.betweenBlocks();
      }
      block += 1;
    }
  }
}

async function runBlock(plan: TurnsPlan, order: readonly string[], block: string): Promise<readonly Turn[]> {
  // What was before the block does not count.
  await plan.pauses.take();
  const turns: Turn[] = [];
  for (const [position, arm] of order.entries()) {
    if (plan.signal.aborted) break;
    const other = plan.others?.get(arm);
    const turn = other === undefined ? plan : { ...plan, program: other.program };
    const run = await runOne(turn, other?.arm ?? arm, plan.idOf(`${block}-${position}`));
    turns.push({ arm, position, run, gapNs: Math.max(await plan.pauses.take(), run.heldNs ?? 0) });
  }
  return turns;
}

/** One container with the program of a plan. */
export async function runOne(
  {
    engine,
    program,
    timeoutMs,
    signal,
  }: Pick<TurnsPlan, 'engine' | 'timeoutMs' | 'signal'> & { readonly program: Inside },
  arm: string,
  id: string,
): Promise<ContainerRun> {
  const batch = await engine.run({ arm, mode: program, ids: [id], concurrency: 1, timeoutMs, signal });
  const [run] = batch.containers;
  if (run === undefined) throw new RangeError('one container has one run');
  return run;
}
