import type { Engine } from '../../model/container/container.js';
import type { RunEnd } from '../../model/results/ledger.js';
import type { PauseWatch } from '../../model/run/pause.js';
import { blocksOf } from '../../model/run/scenario.js';
import type { BlockSamples } from '../../results/index.js';
import { planBlocks } from '../../scenario/index.js';
import type { ProvedExperiment, RecordedWell, RecordingLog } from '../states.js';
import { blocksOfStarts } from './blocks.js';
import { BlockGuard } from './guard.js';
import { BlockMeter, countOf } from './meter.js';
import { lastEndNs } from '../resume/blocks-left.js';
import type { BlocksLeft } from '../resume/blocks-left.js';
import { endSamples, folderOf, idOf, openStarts } from './results.js';
import type { ReadyStarts, StartsRecording } from './results.js';

interface Level extends StartsRecording {
  readonly stream: AsyncGenerator<BlockSamples, void, undefined>;
  /** Where it is continued; `null`: it begins now. */
  readonly left: BlocksLeft | null;
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
  using pauses = proved.parts.watchPauses(proved.session.clock);
  const opened = await openLevels(proved, { log, pauses });
  try {
    const ended = await runRounds(proved, opened);
    const recordings = [...opened.values()].map(({ recording }) => recording);
    for (const recording of recordings) recording.ended = ended;
    const failed = recordings.reduce((sum, recording) => sum + recording.failed, 0);
    const [first] = recordings;
    if (first === undefined) throw new RangeError('a sweep has at least one level');
    return { ended, failed, before: first.before, found: { kind: 'sweep', levels } };
  } finally {
    endSamples(
      proved,
      [...opened.values()].map(({ writer }) => writer),
    );
  }
}

async function openLevels(
  proved: ProvedExperiment<'sweep'>,
  { log, pauses }: { readonly log: RecordingLog; readonly pauses: PauseWatch },
): Promise<ReadonlyMap<string, Level>> {
  const { request, session } = proved;
  const { levels } = request;
  const scenario = { ...request.scenario, arms: proved.scenario.arms };
  const earlier = [...(proved.continued?.folders.values() ?? [])].map(({ samples }) => lastEndNs(samples));
  const originNs = session.clock() - Math.max(0, ...earlier);
  const opened = new Map<string, Level>();
  for (const concurrency of levels) {
    const ready: ReadyStarts = {
      proved,
      scenario: { ...scenario, name: `${scenario.name}-c${concurrency}`, concurrency },
      idPrefix: `${session.runId}-c${concurrency}`,
      sweep: { id: idOf(session), levels },
    };
    opened.set(String(concurrency), {
      ...(await openStarts(ready, log)),
      stream: blocksOfStarts(ready, { originNs, pauses }),
      left: folderOf(ready)?.left ?? null,
    });
  }
  return opened;
}

async function runRounds(
  { request, context, session, programs }: ProvedExperiment<'sweep'>,
  levels: ReadonlyMap<string, Level>,
): Promise<RunEnd> {
  const { scenario, seed, maxFailures } = request;
  const rounds = scenario.warmup + blocksOf(scenario);
  const isLeft = ({ left }: Level, round: number): boolean =>
    left === null || isRoundLeft(left, round - scenario.warmup);
  const total = [...levels.values()].reduce(
    (sum, level) => sum + countRounds(rounds, (round) => isLeft(level, round)),
    0,
  );
  const meter = new BlockMeter({ unit: 'level', total, maxFailures }, context.notify);
  const sinks = [...levels.values()].map(({ writer }) => writer);
  const guard = new BlockGuard({ meter, programs, engine: session.engine.facts.name, sinks }, context.notify);
  try {
    let round = 0;
    for (const order of planBlocks([...levels.keys()], rounds, seed, 'levels')) {
      for (const level of order.flatMap((name) => levels.get(name) ?? [])) {
        const end = isLeft(level, round) ? await runLevel(level, session.engine, guard) : null;
        if (end !== null) return end;
      }
      round += 1;
    }
    return context.signal.aborted ? 'interrupted' : 'complete';
  } finally {
    guard.end();
  }
}

/** Whether a level has something to run in a round; those of the warm-up are below 0. */
const isRoundLeft = ({ left, isDone }: BlocksLeft, block: number): boolean => left > 0 && (block < 0 || !isDone(block));

const countRounds = (rounds: number, isLeft: (round: number) => boolean): number =>
  Array.from({ length: rounds }, (_, round) => round).filter(isLeft).length;

/** The next block of a level, again as long as it stands still. */
async function runLevel(
  { stream, writer, recording }: Level,
  engine: Engine,
  guard: BlockGuard,
): Promise<RunEnd | null> {
  for (;;) {
    const next = await stream.next();
    if (next.done === true) return 'interrupted';
    // The stream does this before its next block, which comes after blocks of other levels here.
    await engine.betweenBlocks();
    const { samples, ...attempt } = next.value;
    writer.append(samples);
    const count = countOf(samples);
    if (!attempt.again) recording.failed += count.failed;
    const end = guard.ends(attempt, count, writer);
    if (end !== null || !attempt.again) return end;
  }
}
