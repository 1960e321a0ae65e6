import type { Io } from '../../model/io.js';
import type { RunEnd } from '../../model/results/ledger.js';
import { blocksOf, type ParallelScenario } from '../../model/run/scenario.js';
import type { BlockSamples } from '../../results/index.js';
import { planBlocks } from '../../scenario/index.js';
import { say } from '../../cli/output/announce.js';
import { listOf } from './ledger.js';
import { progressOf } from '../../cli/output/progress.js';
import { blocksOfRun, failuresIn, openResults, type ReadyRun, type Recording } from './record.js';
import type { MeasureOptions } from '../../cli/options/settings.js';

interface Level {
  readonly recording: Pick<Recording, 'writer' | 'before' | 'idPrefix'>;
  readonly stream: AsyncGenerator<BlockSamples, void, undefined>;
  failed: number;
}

/**
 * One run per level of concurrency, each with a results folder of its own: in every round each level gets its batches
 * of all arms, the levels in an order shuffled
 * from the seed. Drift then meets all levels alike, and each folder is a run like any other.
 */
export async function recordSweep(
  ready: ReadyRun & { readonly scenario: ParallelScenario },
  levels: readonly number[],
  options: MeasureOptions,
  io: Io,
): Promise<readonly Recording[]> {
  const { session, scenario } = ready;
  say(
    io,
    '',
    `sweep over concurrency ${levels.join(', ')}: every round takes each level once, in shuffled order, with a batch of every arm`,
  );
  const before = await listOf(session.engine);
  const originNs = session.clock();
  const open = new Map(
    levels.map((concurrency): readonly [string, Level] => {
      const own = { ...ready, scenario: { ...scenario, name: `${scenario.name}-c${concurrency}`, concurrency } };
      const idPrefix = `${session.runId}-c${concurrency}`;
      const writer = openResults(own, options, io, { id: session.runId.replace(/^sb-/, ''), levels });
      return [
        String(concurrency),
        {
          recording: { writer, before, idPrefix },
          stream: blocksOfRun(own, { originNs, idPrefix, signal: io.signal }),
          failed: 0,
        },
      ];
    }),
  );
  try {
    const ended = await runRounds(ready, open, io);
    return [...open.values()].map(({ recording, failed }) => ({ ...recording, failed, ended }));
  } finally {
    for (const { recording } of open.values()) recording.writer.close();
  }
}

async function runRounds(
  { scenario, session, settings }: ReadyRun,
  levels: ReadonlyMap<string, Level>,
  io: Io,
): Promise<RunEnd> {
  const rounds = scenario.warmup + blocksOf(scenario);
  const progress = progressOf(rounds * levels.size, 'batch of each arm', io, () => performance.now());
  const done = { blocks: 0, containers: 0, failed: 0 };
  try {
    for (const order of planBlocks([...levels.keys()], rounds, settings.seed, 'levels')) {
      for (const name of order) {
        const level = levels.get(name);
        const block = await level?.stream.next();
        if (level === undefined || block === undefined || block.done === true) return 'interrupted';
        // The stream does this before its next block, which is after other levels' blocks here.
        await session.engine.betweenBlocks();
        const { samples } = block.value;
        level.recording.writer.append(samples);
        level.failed += failuresIn(samples);
        done.blocks += 1;
        done.containers += samples.filter(({ kind }) => kind === 'container').length;
        done.failed += failuresIn(samples);
        progress.blockDone(done.blocks, done.containers, done.failed);
        if (done.failed > (settings.maxFailures ?? Infinity)) return 'maxFailures';
      }
    }
    return io.signal.aborted ? 'interrupted' : 'complete';
  } finally {
    progress.end();
  }
}
