import type { ContainerRun, Engine } from '../../model/container/container.js';
import type { ContainerProgram, Inside } from '../../model/container/program.js';
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
  /** The id of a container: `turn` is `b0-1`, `w0-1` in the warm-up. */
  readonly idOf: (turn: string) => string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** One container of an arm in its block. */
export interface Turn {
  readonly arm: string;
  readonly position: number;
  readonly run: ContainerRun;
}

/** A block; one that was stopped half-way has what it got to. */
export interface BlockTurns {
  readonly block: number;
  readonly warmup: boolean;
  readonly turns: readonly Turn[];
}

/** Runs block by block, warm-up first; ends early where the signal is aborted. */
export async function* runTurns(plan: TurnsPlan): AsyncGenerator<BlockTurns, void, undefined> {
  for (const [warmup, blocks, stream] of [
    [true, plan.warmup, 'warmup'],
    [false, plan.blocks, 'measured'],
  ] as const) {
    let block = 0;
    for (const order of planBlocks(plan.arms, blocks, plan.seed, stream)) {
      // Signals are only seen when the event loop turns.
      await new Promise(setImmediate);
      if (plan.signal.aborted) return;
      yield { block, warmup, turns: await runBlock(plan, order, `${warmup ? 'w' : 'b'}${block}`) };
      await plan.engine.betweenBlocks();
      block += 1;
    }
  }
}

async function runBlock(plan: TurnsPlan, order: readonly string[], block: string): Promise<readonly Turn[]> {
  const turns: Turn[] = [];
  for (const [position, arm] of order.entries()) {
    if (plan.signal.aborted) break;
    turns.push({ arm, position, run: await runOne(plan, arm, plan.idOf(`${block}-${position}`)) });
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
