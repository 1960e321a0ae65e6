import type { PauseWatch } from '../../model/run/pause.js';
import type { BlockOrder } from '../../model/run/duet.js';
import { blocksOf } from '../../model/run/scenario.js';
import { runBlocks } from '../../results/index.js';
import type { BlockSamples } from '../../results/index.js';
import { planBlocks, planDuetBlocks } from '../../scenario/index.js';
import type { PlanStream } from '../../scenario/index.js';
import { attemptsLeft } from '../resume/blocks-left.js';
import { batchRunner } from '../server/serve.js';
import { folderOf } from './results.js';
import type { ReadyStarts } from './results.js';

/**
 * The blocks of timed starts, warm-up first; of a run that is continued those that are left, after the warm-up. Times
 * count from `originNs`. A block that stood still comes again.
 */
export function blocksOfStarts(
  ready: ReadyStarts,
  { originNs, pauses }: { readonly originNs: number; readonly pauses: PauseWatch },
): AsyncGenerator<BlockSamples, void, undefined> {
  const { proved, scenario, idPrefix, fitted } = ready;
  const { request, context, parts, session } = proved;
  const left = folderOf(ready)?.left;
  const names = scenario.arms.map((arm) => arm.name);
  const { duet } = proved;
  const ordersOf = (blocks: number, stream: PlanStream): Iterable<BlockOrder> =>
    duet === undefined
      ? planBlocks(names, blocks, request.seed, stream)
      : planDuetBlocks({ arms: scenario.arms, cores: duet.cores, blocks, seed: request.seed }, stream);
  return runBlocks({
    engine: session.engine,
    scenario,
    runId: idPrefix,
    timeoutMs: request.timeoutMs,
    staged: request.kind === 'starts' && request.staged,
    signal: context.signal,
    originNs,
    pauses,
    ...(fitted === undefined
      ? {}
      : { program: fitted.program, runBatch: batchRunner({ ...session, env: context.env }) }),
    warmup: ordersOf(scenario.warmup, 'warmup'),
    measured: ordersOf(blocksOf(scenario), 'measured'),
    ...(left === undefined ? {} : { attempts: attemptsLeft(left) }),
    sleep: (ms) => parts.sleep(ms, context.signal),
  });
}
