import { buildFilter, encodeFilter, filterFacts, RETURN, Simulator } from '../../filter/index.js';
import type { ContainerRun } from '../../model/container/container.js';
import { judge, lastWords } from '../../model/container/outcome.js';
import type { ContainerProgram } from '../../model/container/program.js';
import { ALLOWED, ALLOWED_CONTROL, answersOf } from '../../model/results/percall/action-price.js';
import type {
  ActionLeftOut,
  ActionPlan,
  ActionSample,
  ActionTurn,
  AnswerName,
  CallAction,
  LoggingFacts,
} from '../../model/results/percall/action-price.js';
import type { PricedCall } from '../../model/results/percall/caller-report.js';
import { answeredProgram, readAnswered } from '../../payload/index.js';
import type { AnsweredWork, Machine } from '../../payload/index.js';
import { allowedCpus } from '../../process/affinity.js';
import type { OtherTurn } from '../record/turns.js';
import { runOne } from '../record/turns.js';
import { stoppedEarly } from '../session/session.js';
import type { ProvedExperiment } from '../states.js';
import { isMissing, refuseAnswer, refusalIn } from './refused-answers.js';
import { numbered } from './simulate.js';

/** The call that is answered: it does next to nothing, so what its answer costs is nearly all that it costs. */
const ANSWERED_CALL = 'getppid';
/** An answer takes microseconds: so many calls are long enough for the clock, and audit has less to write. */
const MOST_LOOPS = 200;
const TRIED_LOOPS = 10;
/** For the kernel to write its log. */
const LOG_WAIT_MS = 200;

/** Prices of actions, planned and tried. */
export interface PlannedActions {
  readonly plan: ActionPlan;
  /** The containers that are added to every block, by the name of their turn. */
  readonly turns: ReadonlyMap<string, OtherTurn>;
}

/**
 * What the containers do that are added to every block, each tried once. A flag that their kernel has not got is left
 * out. Throws `environment` where the machine refuses an action, and `runFailed` where it fails in another way.
 */
export async function planActions(
  proved: ProvedExperiment<'calls'>,
  actions: readonly CallAction[],
): Promise<PlannedActions> {
  const { request, session, scenario } = proved;
  const [call] = numbered([{ name: ANSWERED_CALL, args: [] }], session.machine);
  if (call === undefined) throw new RangeError('the answered call has a number');
  const arm = scenario.arms[0]?.name ?? '';
  const loops = Math.min(request.loops, MOST_LOOPS);
  const work = worksOf(actions, { call, machine: session.machine, loops, rounds: request.rounds });
  const leftOut: ActionLeftOut[] = [];
  let logging: LoggingFacts | null | undefined;
  for (const [answer, one] of work) {
    const tried =
      answer === 'log'
        ? await tryLogging(proved, arm, one)
        : { leftOut: await tryAnswer(proved, arm, one), facts: undefined };
    if (tried.leftOut !== null) leftOut.push(tried.leftOut);
    else if (tried.facts !== undefined) logging = tried.facts;
  }
  for (const { answer } of leftOut) work.delete(answer);
  const turns = turnsOf(work);
  return {
    plan: {
      actions,
      call,
      arm,
      turns,
      leftOut,
      loops,
      processors: request.pinnedCpu === null ? allowedCpus().length : 1,
      ...(logging === undefined ? {} : { logging }),
    },
    turns: new Map(
      turns.map(({ name, answer }) => [turnKey(name), { arm, program: programOf(work, answer) }] as const),
    ),
  };
}

/** Such a turn is no arm; the names of arms have no space. */
export const turnKey = (name: string): string => `action ${name}`;

type Works = Map<AnswerName, AnsweredWork>;

/** What a container does for each answer, under the filter that asks for it. */
function worksOf(
  actions: readonly CallAction[],
  { machine, ...common }: Pick<AnsweredWork, 'call' | 'loops' | 'rounds'> & { readonly machine: Machine },
): Works {
  const names: readonly AnswerName[] = [ALLOWED, ...actions.flatMap(answersOf)];
  const filters = new Map(actions.map((action) => [action, actionFilter(action, common.call, machine)] as const));
  const [first] = [...filters.values()];
  const allowing = first === undefined ? Buffer.alloc(0) : allowed(first);
  return new Map(
    names.map((answer) => {
      const action = actions.find((one) => answersOf(one).includes(answer));
      const filter = action === undefined ? allowing : (filters.get(action) ?? allowing);
      return [answer, { ...common, answer, filter }] as const;
    }),
  );
}

const ACTION_NAMES = { notify: 'SCMP_ACT_NOTIFY', log: 'SCMP_ACT_LOG', trace: 'SCMP_ACT_TRACE' } as const;

/** The filter that libseccomp builds of one rule: the action for the call, and everything else allowed. */
export const actionFilter = (action: CallAction, { name }: Pick<PricedCall, 'name'>, machine: Machine): Buffer =>
  buildFilter({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: [name], action: ACTION_NAMES[action] }] }, machine)
    .program;

const BPF_RET_K = 0x06;
const ENDING: readonly number[] = [RETURN.KILL_THREAD, RETURN.KILL_PROCESS];

/** The same instructions, which allow what they had another answer for; what ends a process still does. */
export function allowed(filter: Buffer): Buffer {
  return encodeFilter(
    new Simulator(filter).instructions.map((one) =>
      one.code === BPF_RET_K && !ENDING.includes(one.k >>> 0) ? { ...one, k: RETURN.ALLOW } : one,
    ),
  );
}

function programOf(work: Works, answer: AnswerName): ContainerProgram {
  const one = work.get(answer);
  if (one === undefined) throw new RangeError(`${answer} is planned`);
  return answeredProgram(one);
}

function turnsOf(work: Works): readonly ActionTurn[] {
  const turns = [...work.values()].map(({ answer, filter }): ActionTurn => ({
    name: answer,
    answer,
    ...filterFacts(filter),
  }));
  const first = turns.find(({ name }) => name === ALLOWED);
  return first === undefined ? turns : [...turns, { ...first, name: ALLOWED_CONTROL, copyOf: ALLOWED }];
}

/** Tries an answer once; gives why it is left out, `null`: it works. Throws where it may not be left out. */
async function tryAnswer(
  proved: ProvedExperiment<'calls'>,
  arm: string,
  work: AnsweredWork,
): Promise<ActionLeftOut | null> {
  const { request, context, session } = proved;
  const { timeoutMs } = request;
  const { answer } = work;
  const small = { ...work, loops: TRIED_LOOPS };
  const trial = { engine: session.engine, program: answeredProgram(small), timeoutMs, signal: context.signal };
  const said = outcomeOfAction(await runOne(trial, arm, `${session.runId}-try-${answer}`), small);
  await session.engine.betweenBlocks();
  if (said.state === 'interrupted') throw stoppedEarly();
  if (said.state === 'ok') return null;
  const refusal = refusalIn(said.stderr);
  const mayLack = request.actionsMayLack === true && answer !== ALLOWED;
  if (mayLack || (refusal !== null && isMissing(answer, refusal))) return { answer, errno: refusal?.errno ?? null };
  return refuseAnswer(answer, { ...said, refusal, engine: session.engine, arm });
}

/** Logged calls, and what became of them; `null`: they are made on another machine. */
async function tryLogging(
  proved: ProvedExperiment<'calls'>,
  arm: string,
  work: AnsweredWork,
): Promise<{ readonly leftOut: ActionLeftOut | null; readonly facts: LoggingFacts | null }> {
  const { context, session, parts } = proved;
  if (session.engine.host !== undefined) return { leftOut: await tryAnswer(proved, arm, work), facts: null };
  const watch = parts.watchLogging();
  const leftOut = await tryAnswer(proved, arm, work);
  await parts.sleep(LOG_WAIT_MS, context.signal);
  return { leftOut, facts: watch.facts(TRIED_LOOPS * work.rounds) };
}

type Outcome = ActionSample extends infer Sample
  ? Sample extends ActionSample
    ? Omit<Sample, 'block' | 'warmup' | 'position' | 'attempt' | 'action' | 'startNs' | 'gapNs'>
    : never
  : never;

/** A container is ok where it ended with 0, said all it was asked for, and every call was answered. */
export function outcomeOfAction(run: ContainerRun, work: Omit<AnsweredWork, 'filter'>): Outcome {
  const outcome = judge(run, 'command');
  const stderr = lastWords(run.stderr);
  if (outcome.state !== 'ok') return { state: outcome.state, cause: outcome.cause, stderr };
  const report = readAnswered(run.stdout, work);
  return 'fault' in report ? { state: 'failed', cause: report.fault, stderr } : { state: 'ok', ...report };
}
