import { BenchError, needs } from '../../errors.js';
import { checkTool, thisHost } from '../../host/index.js';
import { daemonBehind, runOnce } from '../../tracing/index.js';
import type { Counter } from '../../tracing/index.js';
import type { ContainerRun } from '../../model/container/container.js';
import { causeOf, judge, lastWords } from '../../model/container/outcome.js';
import type { ContainerProgram } from '../../model/container/program.js';
import type { CountingRequest } from '../../model/experiment/request.js';
import { FORMAT_VERSION } from '../../model/results/format.js';
import type { RunEnd } from '../../model/results/ledger.js';
import { shellQuote } from '../../model/shell-quote.js';
import type { ArmCounts, PartCounts, SyscallCounts } from '../../model/results/syscalls.js';
import { RUN_VARIABLE } from '../../process/processes.js';
import type { FittedArm } from '../arms/fit.js';
import { runOne } from '../record/turns.js';
import { stoppedEarly } from '../session/session.js';
import type { Kind, ProvedExperiment } from '../states.js';

/** Where the payload lies in every container; its exec begins the container's part. */
const PAYLOAD = '/payload';
const DEFAULT_REPEATS = 3;

/** The program whose exec begins the container's part. */
const beginningOf = ({ inside }: Counting): string => (inside === 'exit' ? PAYLOAD : (inside.args[0] ?? PAYLOAD));

interface Counting extends Pick<ProvedExperiment, 'session' | 'arms'> {
  readonly counter: Counter;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly inside: 'exit' | ContainerProgram;
  readonly repeats: number;
  /** More failed containers than that end the counting. */
  readonly maxFailures: number;
  /** What was watched besides the command. */
  readonly notes: Set<string>;
  readonly tallies: ReadonlyMap<string, Tally>;
}

/** What was counted of one arm: counted and uncounted runs, and why that ended. */
interface Tally {
  readonly runs: (readonly PartCounts[])[];
  readonly countedNs: number[];
  readonly uncountedNs: number[];
  reason: string | null;
}

/** Counts, and how the counting came to its end. */
export interface Counted {
  readonly counts: SyscallCounts;
  readonly ended: Extract<RunEnd, 'complete' | 'maxFailures' | 'interrupted'>;
  readonly failed: number;
}

/** What is counted: the payload's start, or a program. */
export interface CountingWish extends CountingRequest {
  readonly program?: ContainerProgram;
}

/**
 * Counts every arm's system calls in containers that are never timed: per repeat each arm once, counted and uncounted,
 * in an order that turns. An arm whose container fails is not counted any further. Throws `environment` where nothing
 * can count here.
 */
export async function countArms<Own extends Kind>(
  { request, context, parts, arms, session }: ProvedExperiment<Own>,
  wish: CountingWish,
): Promise<Counted> {
  const { notify, signal, env } = context;
  const host = thisHost(env, shellQuote(['bench', ...request.commandLine]));
  const { counter, refusals } = await parts.chooseCounter(wish.counter, host, (tool) => checkTool(host, tool));
  for (const refusal of refusals) notify({ kind: 'counterRefused', ...refusal });
  const repeats = wish.repeats ?? DEFAULT_REPEATS;
  notify({ kind: 'stepStarted', step: 'counting', counter: counter.facts, repeats });
  const counting: Counting = {
    session,
    arms,
    counter,
    timeoutMs: request.timeoutMs,
    maxFailures: request.maxFailures ?? Infinity,
    signal,
    repeats,
    notes: new Set(),
    inside: wish.program ?? 'exit',
    tallies: new Map(arms.map(({ name }) => [name, { runs: [], countedNs: [], uncountedNs: [], reason: null }])),
  };
  const ended = await countAll(counting);
  await session.engine.betweenBlocks();
  const counts = [...counting.tallies].map(([arm, tally]) => countsOf(arm, tally));
  for (const own of counts) if (own.state === 'notCounted') notify({ kind: 'armNotCounted', ...own });
  return {
    counts: {
      formatVersion: FORMAT_VERSION,
      counter: counter.facts,
      refusals,
      notes: [...counting.notes],
      arms: counts,
    },
    ended,
    failed: failedIn(counting),
  };
}

/** Counts for a run that goes on with something else. Throws as {@link countArms}, and `interrupted`. */
export async function countWholly<Own extends Kind>(
  proved: ProvedExperiment<Own>,
  wish: CountingWish,
): Promise<SyscallCounts> {
  const { counts, ended } = await countArms(proved, wish);
  if (ended === 'interrupted') throw stoppedEarly();
  return counts;
}

async function countAll(counting: Counting): Promise<Counted['ended']> {
  const { arms, signal, repeats, tallies, maxFailures } = counting;
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    for (const arm of turned(arms, repeat)) {
      const tally = tallies.get(arm.name);
      if (tally?.reason !== null) continue;
      if (signal.aborted) return 'interrupted';
      try {
        await countOnce(arm, repeat, { counting, tally });
      } catch (error) {
        if (error instanceof BenchError && error.code === 'interrupted') return 'interrupted';
        if (!(error instanceof BenchError)) throw error;
        tally.reason = error.message;
      }
      if (failedIn(counting) > maxFailures) return 'maxFailures';
    }
  }
  return 'complete';
}

const failedIn = ({ tallies }: Counting): number =>
  [...tallies.values()].filter(({ reason }) => reason !== null).length;

/** A counting run and an uncounted one, stored together: an arm has as many of both. */
async function countOnce(
  arm: FittedArm,
  repeat: number,
  { counting, tally }: { readonly counting: Counting; readonly tally: Tally },
): Promise<void> {
  const first = repeat % 2 === 0 ? await uncounted(arm, repeat, counting) : null;
  const { parts, countedNs } = await counted(arm, repeat, counting);
  const uncountedNs = first ?? (await uncounted(arm, repeat, counting));
  tally.runs.push(parts);
  tally.countedNs.push(countedNs);
  tally.uncountedNs.push(uncountedNs);
}

function countsOf(arm: string, { reason, ...tally }: Tally): ArmCounts {
  if (reason !== null) return { arm, state: 'notCounted', reason };
  if (tally.runs.length > 0) return { arm, state: 'counted', ...tally };
  return { arm, state: 'notCounted', reason: 'the run ended before' };
}

const turned = <Item>(items: readonly Item[], by: number): readonly Item[] =>
  items.map((_, index) => items[(index + by) % items.length]).filter((item) => item !== undefined);

interface CountedOnce {
  readonly parts: readonly PartCounts[];
  readonly countedNs: number;
}

async function counted(arm: FittedArm, repeat: number, counting: Counting): Promise<CountedOnce> {
  const { session, counter, notes } = counting;
  const { engine, runId } = session;
  const id = `${runId}-count-${arm.name}-${repeat}`;
  const command = engine.command(arm.name, counting.inside, id);
  if (command !== null) {
    const payload = arm.command === undefined ? beginningOf(counting) : null;
    const { run, parts } = await counter.count({ command, payload, ...limitsOf(counting) });
    return { parts, countedNs: okWall(run, arm, counting) };
  }
  const socket = engine.daemonSocket?.(arm.name) ?? null;
  const behind = socket === null ? null : daemonBehind(socket);
  if (behind === null || behind.state === 'hidden') {
    const reason = behind === null ? `${engine.facts.name} runs elsewhere` : behind.reason;
    throw needs('counting system calls', `a daemon on this machine that may be traced; ${reason}`);
  }
  notes.add(
    `Traced as a whole while containers were counted: ${behind.words}. That slows down all the daemon's work, and its ` +
      'calls include what it did for others',
  );
  const { result, parts } = await counter.watch({
    processes: behind.processes,
    payload: beginningOf(counting),
    env: [`${RUN_VARIABLE}=${runId}`],
    action: () => runByEngine(arm, id, counting),
  });
  return { parts, countedNs: okWall(result, arm, counting) };
}

async function uncounted(arm: FittedArm, repeat: number, counting: Counting): Promise<number> {
  const { engine, runId } = counting.session;
  const id = `${runId}-plain-${arm.name}-${repeat}`;
  const command = engine.command(arm.name, counting.inside, id);
  const run = command === null ? await runByEngine(arm, id, counting) : await runOnce(command, limitsOf(counting));
  return okWall(run, arm, counting);
}

const runByEngine = (
  { name }: FittedArm,
  id: string,
  { session: { engine }, timeoutMs, signal, inside }: Counting,
): Promise<ContainerRun> => runOne({ engine, program: inside, timeoutMs, signal }, name, id);

/** A container that hangs is removed with all others when the engine is closed. */
const limitsOf = ({ timeoutMs, signal }: Counting) => ({ timeoutMs, signal, stop: () => Promise.resolve() });

/** The counts of a container that failed are not those of one that works. */
function okWall(run: ContainerRun, arm: FittedArm, { signal, inside }: Counting): number {
  if (signal.aborted || run.exit.kind === 'interrupted') throw stoppedEarly();
  const outcome = judge(run, arm.command === undefined ? inside : 'command');
  if (outcome.state === 'ok') return run.wall;
  const words = [outcome.cause || causeOf(run.exit), lastWords(run.stderr)].filter(Boolean).join(': ');
  throw new BenchError('runFailed', `a container of arm ${arm.name} failed while its calls were counted: ${words}`);
}
