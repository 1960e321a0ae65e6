import type { RunEnd } from '../../model/results/ledger.js';
import { blocksOf } from '../../model/run/scenario.js';
import type { BlockSamples } from '../../results/index.js';
import { planBlocks } from '../../scenario/index.js';
import type { ProvedExperiment, RecordedWell, RecordingLog } from '../states.js';
import { blocksOfStarts } from './blocks.js';
import { BlockMeter, countOf } from './meter.js';
import { completeEvidence, idOf, openStarts } from './results.js';
import type { ReadyStarts, StartsRecording } from './results.js';

interface Level extends StartsRecording {
  readonly stream: AsyncGenerator<BlockSamples, void, undefined>;
}

/**
 * One run per level of concurrency, each with its own results folder: in every round each level gets its batches of all
 * arms, the levels in an order shuffled from the seed. Drift then meets all levels alike, and each folder is a run like
 * any other.
 */
export async function recordSweep(
  proved: ProvedExperiment<'sweep'>,
  log: RecordingLog,
): Promise<RecordedWell<'sweep'>> {
  const { request, context } = proved;
  const { levels } = request;
  context.notify({ kind: 'sweepPlanned', levels });
  const opened = await openLevels(proved, log);
  try {
    const ended = await runRounds(proved, opened);
    const recordings = [...opened.values()].map(({ recording }) => recording);
    for (const recording of recordings) recording.ended = ended;
    const failed = recordings.reduce((sum, recording) => sum + recording.failed, 0);
    const [first] = recordings;
    if (first === undefined) throw new RangeError('a sweep has at least one level');
    return { ended, failed, before: first.before, found: { kind: 'sweep', levels } };
  } finally {
    for (const { writer } of opened.values()) {
      completeEvidence(proved, writer);
      writer.close();
    }
  }
}

async function openLevels(proved: ProvedExperiment<'sweep'>, log: RecordingLog): Promise<ReadonlyMap<string, Level>> {
  const { request, session } = proved;
  const { levels } = request;
  const scenario = { ...request.scenario, arms: proved.scenario.arms };
  const originNs = session.clock();
  const opened = new Map<string, Level>();
  for (const concurrency of levels) {
    const ready: ReadyStarts = {
      proved,
      scenario: { ...scenario, name: `${scenario.name}-c${concurrency}`, concurrency },
      idPrefix: `${session.runId}-c${concurrency}`,
      sweep: { id: idOf(session), levels },
    };
    opened.set(String(concurrency), { ...(await openStarts(ready, log)), stream: blocksOfStarts(ready, originNs) });
  }
  return opened;
}

async function runRounds(
  { request, context, session }: ProvedExperiment<'sweep'>,
  levels: ReadonlyMap<string, Level>,
): Promise<RunEnd> {
  const { scenario, seed, maxFailures } = request;
  const rounds = scenario.warmup + blocksOf(scenario);
  const meter = new BlockMeter({ unit: 'level', total: rounds * levels.size, maxFailures }, context.notify);
  try {
    for (const order of planBlocks([...levels.keys()], rounds, seed, 'levels')) {
      for (const name of order) {
        const level = levels.get(name);
        const block = await level?.stream.next();
        if (level === undefined || block === undefined || block.done === true) return 'interrupted';
        // The stream does this before its next block, which comes after blocks of other levels here.
        await session.engine.betweenBlocks();
        const { samples } = block.value;
        level.writer.append(samples);
        const count = countOf(samples);
        level.recording.failed += count.failed;
        meter.blockDone(count);
        if (meter.tooManyFailed) return 'maxFailures';
      }
    }
    return context.signal.aborted ? 'interrupted' : 'complete';
  } finally {
    meter.end();
  }
}
