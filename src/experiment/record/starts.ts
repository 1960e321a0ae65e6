import type { AskedCounters } from '../../model/results/figures/instructions.js';
import type { RunEnd } from '../../model/results/ledger.js';
import type { Sample } from '../../model/results/sample.js';
import { blocksOf, countedThing, unitOf } from '../../model/run/scenario.js';
import type { Scenario } from '../../model/run/scenario.js';
import { reserveMs, timeRule } from '../../model/run/stopping.js';
import type { StoppingRule } from '../../model/run/stopping.js';
import { countInstructions } from '../../process/instructions.js';
import { fitProgram } from '../arms/fit-program.js';
import type { FittedProgram } from '../arms/fit-program.js';
import type { ProvedExperiment, RecordedWell, RecordingLog } from '../states.js';
import { blocksOfStarts } from './blocks.js';
import { hasDaemon } from '../duet.js';
import { BlockGuard } from './guard.js';
import { comparing } from './compared.js';
import { BlockMeter, countOf } from './meter.js';
import type { Planned } from './pilot.js';
import { endSamples, folderOf, openStarts } from './results.js';
import type { ReadyStarts, StartsRecording } from './results.js';
import { lastEndNs } from '../resume/blocks-left.js';
import type { BlocksLeft } from '../resume/blocks-left.js';

/** Blocks of container starts, or of a program's runs: each sample is stored after its block, never within it. */
export async function recordStarts(
  asked: ProvedExperiment<'starts'>,
  log: RecordingLog,
): Promise<RecordedWell<'starts'>> {
  const { request, context, program, arms, session } = asked;
  const fitted = program === null ? null : await fitProgram(program, arms, { session, ...request }, context);
  const counts = await countsBefore(asked, fitted);
  const planned = await plannedFor(asked, fitted);
  const proved = planned?.proved ?? asked;
  using counting = countersFor(proved);
  const ready: ReadyStarts = {
    proved,
    scenario: proved.scenario,
    idPrefix: session.runId,
    ...counts,
    ...(fitted === null ? {} : { fitted }),
    ...(planned === null ? {} : { timePlan: planned.timePlan }),
    ...(await triedFor(asked, fitted)),
    ...(counting === null ? {} : { counters: counting.told }),
  };
  const started = await openStarts(ready, log);
  await runAll(ready, proved, started);
  const isExplained = folderOf(ready)?.hasFindings === true || GONE.includes(started.recording.ended);
  if (fitted !== null && !isExplained) await explain(proved, fitted, started);
  const { failed, ended, before } = started.recording;
  return { ended: ended ?? 'complete', failed, before, found: { kind: 'starts' } };
}

interface OpenCounters extends Disposable {
  readonly told: AskedCounters;
}

/** Counts instructions from now on, where that is asked for and possible; `null`: not asked for. */
function countersFor({ request, scenario, session }: ProvedExperiment<'starts'>): OpenCounters | null {
  if (request.counters !== true) return null;
  const without = (told: AskedCounters): OpenCounters => ({ told, [Symbol.dispose]: () => undefined });
  if (hasDaemon(session.engine)) return without({ state: 'none', reason: 'daemon' });
  if (scenario.kind === 'parallel') return without({ state: 'none', reason: 'parallel' });
  if (request.staged) return without({ state: 'none', reason: 'stages' });
  if (scenario.program?.service !== undefined) return without({ state: 'none', reason: 'server' });
  const counting = countInstructions();
  if (counting.state === 'none') return without(counting);
  return {
    told: { state: 'counted' },
    [Symbol.dispose]: () => {
      counting[Symbol.dispose]();
    },
  };
}

/** Statistics and the pilot are only loaded where a time is set. */
async function plannedFor(proved: ProvedExperiment<'starts'>, fitted: FittedProgram | null): Promise<Planned | null> {
  if (timeRule(proved.request.stopping) === undefined || proved.continued !== undefined) return null;
  const planned = await (await import('./pilot.js')).planForTime(proved, fitted);
  const { pinnedCpu, scenario } = planned.proved.request;
  proved.context.notify({ kind: 'timePlanned', plan: planned.timePlan, pinnedCpu, thing: countedThing(scenario) });
  return planned;
}

async function triedFor(
  proved: ProvedExperiment<'starts'>,
  fitted: FittedProgram | null,
): Promise<Pick<ReadyStarts, 'tried'>> {
  const { tryModes: blocks } = proved.request;
  if (blocks === undefined) return {};
  const { tryModes } = await import('./pilot.js');
  return { tried: await tryModes(proved, fitted, blocks) };
}

/** Ends after which a runtime that works, or the one that was measured, is not there to be asked more. */
const GONE: readonly (RunEnd | null)[] = ['failedBlocks', 'runtimeChanged'];

/** System calls are counted before anything is timed, in containers of their own. */
async function countsBefore(
  proved: ProvedExperiment<'starts'>,
  fitted: FittedProgram | null,
): Promise<Pick<ReadyStarts, 'counts'>> {
  const { counting } = proved.request;
  if (proved.continued !== undefined) return {};
  if (fitted !== null) {
    const counts = await (await import('../syscalls/count-program.js')).countProgram(proved, fitted);
    return counts === undefined ? {} : { counts };
  }
  if (counting === null) return {};
  const { countWholly } = await import('../syscalls/count-calls.js');
  return { counts: await countWholly(proved, counting) };
}

/** Finds out more about a program than its times, in separate runs. */
async function explain(
  proved: ProvedExperiment<'starts'>,
  fitted: FittedProgram,
  { writer }: StartsRecording,
): Promise<void> {
  const { explainProgram } = await import('../workload/explain.js');
  await explainProgram({ proved, fitted }, writer);
}

async function runAll(
  ready: ReadyStarts,
  proved: ProvedExperiment<'starts'>,
  { recording, writer }: StartsRecording,
): Promise<void> {
  const { request, context, scenario, session } = proved;
  const mayEnd = await stopWatch(proved);
  const continued = folderOf(ready);
  for (const samples of continued?.wholeBlocks ?? []) mayEnd(samples);
  const unit = scenario.kind === 'parallel' ? 'round' : unitOf(scenario) === 'exec' ? 'execs' : 'block';
  const total = Math.min(blocksToRun(scenario, continued?.left), expectedBlocks(ready));
  const before = recording.failed;
  const meter = new BlockMeter(
    { unit, total, seconds: secondsLeft(request.stopping), maxFailures: request.maxFailures },
    context.notify,
  );
  const { programs } = proved;
  const guard = new BlockGuard({ meter, programs, engine: session.engine.facts.name, sinks: [writer] }, context.notify);
  using pauses = proved.parts.watchPauses(session.clock);
  const compare = comparing(scenario);
  const run = async (): Promise<RunEnd> => {
    const originNs = session.clock() - lastEndNs(continued?.samples ?? []);
    for await (const { samples, ...attempt } of blocksOfStarts(ready, { originNs, pauses })) {
      writer.append(samples);
      const end = guard.ends(attempt, countOf(samples), writer);
      recording.failed = before + meter.failed;
      if (end !== null) return end;
      if (attempt.again) continue;
      const compared = attempt.warmup ? null : compare(samples);
      if (compared !== null) context.notify(compared);
      if (mayEnd(samples)) return 'rule';
    }
    return context.signal.aborted ? 'interrupted' : 'complete';
  };
  try {
    recording.ended = await run();
  } finally {
    guard.end();
    endSamples(proved, [writer]);
  }
}

/** Blocks that will be run, those of the warm-up included. */
function blocksToRun(scenario: Scenario, left: BlocksLeft | undefined): number {
  if (left?.left === 0) return 0;
  return (left?.left ?? blocksOf(scenario)) + scenario.warmup;
}

/** Of a run that has to fit into a time; a faster machine may do more. */
const expectedBlocks = ({ timePlan, scenario }: ReadyStarts): number =>
  timePlan === undefined ? Infinity : timePlan.blocks + scenario.warmup;

/** Of the time of the whole run, what the blocks have; `undefined`: it has no limit. */
function secondsLeft(stopping: readonly StoppingRule[]): number | undefined {
  const rule = timeRule(stopping);
  return rule === undefined ? undefined : (rule.milliseconds - rule.spentMs - reserveMs(rule)) / 1000;
}

/** Whether a rule ends the run after a block. Statistics are only loaded where there is one. */
async function stopWatch({
  request: { stopping, margin },
  scenario,
}: ProvedExperiment<'starts'>): Promise<(samples: readonly Sample[]) => boolean> {
  if (stopping.length === 0) return () => false;
  const { watchFor } = await import('../../statistics/index.js');
  const watch = watchFor(stopping, scenario, margin);
  return (samples) => watch.observe(samples).state === 'stop';
}
