import { join } from 'node:path';
import { assertProgram } from '../../engine/programs.js';
import { BenchError } from '../../errors.js';
import type { ContainerRun } from '../../model/container/container.js';
import { judge, lastWords } from '../../model/container/outcome.js';
import type { ContainerProgram } from '../../model/container/program.js';
import type { RunEnd } from '../../model/results/ledger.js';
import type { ActionSample } from '../../model/results/percall/action-price.js';
import { UNKNOWN_CALL, unpricedTogether } from '../../model/results/percall/percall.js';
import { PERCALL_DEFAULTS } from '../../model/run/kinds/percall.js';
import type { SequentialScenario } from '../../model/run/scenario.js';
import type { PricedCall } from '../../model/results/percall/caller-report.js';
import type { PercallPlan, PercallSample, UnpricedCall } from '../../model/results/percall/percall.js';
import { callerProgram, readCaller } from '../../payload/index.js';
import { createPercallFolder } from '../../results/index.js';
import type { Attempt, PercallWriter } from '../../results/index.js';
import { listOf } from '../record/lists.js';
import { BlockGuard } from '../record/guard.js';
import { BlockMeter, countOf } from '../record/meter.js';
import { fingerprintFor, planBase, resultsParent, usedSpec } from '../record/results.js';
import { runOne, runTurns } from '../record/turns.js';
import type { Turn } from '../record/turns.js';
import { stoppedEarly } from '../session/session.js';
import type { OpenRecording, ProvedExperiment, RecordedWell, RecordingLog } from '../states.js';
import { outcomeOfAction, planActions, turnKey } from './actions.js';
import type { PlannedActions } from './actions.js';
import { numbered, simulateArms, unpricedIn } from './simulate.js';
import { priceable } from './split.js';

/** What every container is to do, and the plan that it is part of. */
interface CallsToTime {
  readonly plan: PercallPlan;
  readonly program: ContainerProgram;
  /** Of the prices of actions; absent: there are none. */
  readonly others?: PlannedActions['turns'];
}

/**
 * Times system calls inside containers: every block is one container per arm, and all that each of them said is kept.
 * Throws `notComparable` for a call that ends its caller, `runFailed` where an arm cannot time calls.
 */
export async function recordCalls(
  proved: ProvedExperiment<'calls'>,
  log: RecordingLog,
): Promise<RecordedWell<'calls'>> {
  const { request, context, session, arms, evidence } = proved;
  const asked = numbered(request.calls, session.machine);
  const { calls, leftOut } = priceable(asked, unpricedIn(proved, asked), request.droppable ?? []);
  for (const unpriced of unpricedTogether(leftOut)) context.notify({ kind: 'callsLeftOut', ...unpriced });
  const simulated = simulateArms(proved, calls);
  const program = callerProgram({ ...request, calls });
  assertProgram(session.engine, program);
  const timed = { plan: planOf(proved, calls, leftOut), program };
  await tryOnce(proved, timed);
  const work = await withActions(proved, timed);
  const before = await listOf(session.engine);
  const writer = createPercallFolder(resultsParent(request.resultsFolder, context), {
    plan: work.plan,
    host: fingerprintFor(proved),
    evidence,
    simulated,
    specs: arms.map(({ arm }) => usedSpec(arm)),
  });
  const folder = join(request.resultsFolder, writer.name);
  const recording = log.add({ folder, sink: writer, before, idPrefix: session.runId });
  const { loops, rounds, blocks, seed } = work.plan;
  context.notify({ kind: 'callsPlanned', calls: calls.length, loops, rounds, blocks, arms: arms.length, seed, folder });
  const ended = await runAll(proved, work, { recording, writer });
  recording.ended = ended;
  return { ended, failed: recording.failed, before, found: { kind: 'calls' } };
}

/** Containers whose call a listener, a log line or a tracer answers are added to every block. */
async function withActions(proved: ProvedExperiment<'calls'>, timed: CallsToTime): Promise<CallsToTime> {
  const { actions = [] } = proved.request;
  if (actions.length === 0) return timed;
  const { plan, turns } = await planActions(proved, actions);
  if (plan.leftOut.length > 0) {
    const { kernel } = proved.session;
    proved.context.notify({ kind: 'answersLeftOut', leftOut: plan.leftOut, kernel });
  }
  return { ...timed, plan: { ...timed.plan, actions: plan }, others: turns };
}

function planOf(
  proved: ProvedExperiment<'calls'>,
  calls: readonly PricedCall[],
  notPriced: readonly UnpricedCall[],
): PercallPlan {
  const { request, scenario } = proved;
  const { warmup, count } = request.scenario;
  return {
    ...planBase(proved),
    kind: 'percall',
    ...scenarioOf(request.scenario),
    profile: scenario.profile ?? null,
    dialect: scenario.dialect,
    arms: scenario.arms,
    calls,
    ...(notPriced.length === 0 ? {} : { notPriced }),
    blocks: count,
    warmup,
    rounds: request.rounds,
    loops: request.loops,
  };
}

const scenarioOf = ({ name, title }: SequentialScenario): Pick<PercallPlan, 'scenario'> =>
  name === PERCALL_DEFAULTS.name ? {} : { scenario: { name, ...(title === undefined ? {} : { title }) } };

/** One container of every arm with a few calls: what cannot work is found out here, not block by block. */
async function tryOnce(proved: ProvedExperiment<'calls'>, { plan, program }: CallsToTime): Promise<void> {
  const { request, context, session } = proved;
  const small = { ...program, args: [program.args[0] ?? '', '10', String(plan.rounds), ...program.args.slice(3)] };
  const { timeoutMs } = request;
  for (const { name, policy } of plan.arms) {
    const trial = { engine: session.engine, program: small, timeoutMs, signal: context.signal };
    const said = outcomeOf(await runOne(trial, name, `${session.runId}-try-${name}`), plan);
    if (said.state === 'interrupted') throw stoppedEarly();
    if (said.state === 'ok') continue;
    const words = [said.cause, said.stderr].filter((text) => text !== '').join(': ');
    throw new BenchError('runFailed', `the program that times system calls failed under arm ${name}: ${words}`, {
      hint:
        policy === 'unconfined'
          ? withoutFilter(plan)
          : 'The filter must allow what it needs: write, exit_group, mmap and clock_gettime.',
    });
  }
  await session.engine.betweenBlocks();
}

/** Without a filter, only the calls themselves can end the program. */
function withoutFilter({ calls }: PercallPlan): string {
  const names = calls.map(({ name }) => name).filter((name) => name !== UNKNOWN_CALL.name);
  const which = `${names.length > 1 ? 'one of ' : ''}${names.join(', ')}`;
  return `This arm has no filter, so a call (${which}) ends or stops the program that times it: leave that call out.`;
}

async function runAll(
  { request, context, session, scenario, parts, programs }: ProvedExperiment<'calls'>,
  { plan, program, others }: CallsToTime,
  { recording, writer }: { readonly recording: OpenRecording; readonly writer: PercallWriter },
): Promise<RunEnd> {
  const { timeoutMs, maxFailures } = request;
  const { signal, notify } = context;
  const meter = new BlockMeter({ unit: 'block', total: plan.blocks + plan.warmup, maxFailures }, notify);
  const originNs = session.clock();
  const guard = new BlockGuard({ meter, programs, engine: session.engine.facts.name, sinks: [writer] }, notify);
  using pauses = parts.watchPauses(session.clock);
  const blocks = runTurns({
    ...plan,
    engine: session.engine,
    arms: scenario.arms.map(({ name }) => name),
    program,
    ...(others === undefined ? {} : { others }),
    timeoutMs,
    signal,
    pauses,
    idOf: (turn) => `${session.runId}-${turn}`,
  });
  try {
    for await (const { turns, ...attempt } of blocks) {
      const samples = turns.map((turn) => sampleOf(turn, attempt, { plan, originNs }));
      writer.append(samples);
      const end = guard.ends(attempt, countOf(samples), writer);
      recording.failed = meter.failed;
      if (end !== null) return end;
    }
  } finally {
    guard.end();
  }
  return signal.aborted ? 'interrupted' : 'complete';
}

function sampleOf(
  { arm, position, run, gapNs }: Turn,
  { block, warmup, attempt }: Attempt,
  { plan, originNs }: { readonly plan: PercallPlan; readonly originNs: number },
): PercallSample | ActionSample {
  const place = {
    block,
    warmup,
    position,
    ...(attempt === 0 ? {} : { attempt }),
    startNs: run.startedAt - originNs,
    ...(gapNs > 0 ? { gapNs } : {}),
  };
  const { actions, rounds } = plan;
  const turn = actions?.turns.find(({ name }) => turnKey(name) === arm);
  if (actions === undefined || turn === undefined) return { ...place, arm, ...outcomeOf(run, plan) };
  const { call, loops } = actions;
  return { ...place, action: turn.name, ...outcomeOfAction(run, { answer: turn.answer, call, rounds, loops }) };
}

type Outcome = PercallSample extends infer Sample
  ? Sample extends PercallSample
    ? Omit<Sample, 'block' | 'warmup' | 'position' | 'attempt' | 'arm' | 'startNs' | 'gapNs'>
    : never
  : never;

/** A container is ok where it ended with 0 and said all it was asked for. */
function outcomeOf(run: ContainerRun, plan: PercallPlan): Outcome {
  const outcome = judge(run, 'command');
  const stderr = lastWords(run.stderr);
  if (outcome.state !== 'ok') return { state: outcome.state, cause: outcome.cause, stderr };
  const report = readCaller(run.stdout, plan);
  return 'fault' in report ? { state: 'failed', cause: report.fault, stderr } : { state: 'ok', ...report };
}
