import { BenchError } from '../../errors.js';
import { findProgram } from '../../process/find.js';
import { callRate } from '../../tracing/index.js';
import type { Io } from '../../model/io.js';
import type { CounterChoice, SyscallCounts } from '../../model/results/syscalls.js';
import { say } from '../../cli/output/announce.js';
import { countArms } from './count-calls.js';
import { countingPlan } from '../../cli/options/settings.js';
import type { CountingPlan } from '../../cli/options/settings.js';
import type { Session } from '../session/session.js';
import type { MeasureOptions, RunSettings } from '../../cli/options/settings.js';
import type { SettledArm } from '../arms/fit.js';
import type { SettledProgram } from '../arms/fit-program.js';

/** A program that takes longer than this is counted once: its counts are its own, not those of a start that varies. */
const LONG_NS = 0.5e9;
/** strace takes some 50 µs a call. */
const MANY_CALLS = 50_000;

export interface CountingRun {
  readonly session: Session;
  readonly settings: RunSettings;
  readonly settled: SettledProgram;
}

/**
 * A program's calls are counted unless that is not wanted: what the filter costs it follows from them. Nothing where
 * they cannot be counted here, which is said;
 * where counting was asked for by name it throws as it does for any run.
 */
export async function countProgram(
  arms: readonly SettledArm[],
  { session, settings, settled }: CountingRun,
  options: MeasureOptions,
  io: Io,
): Promise<SyscallCounts | undefined> {
  const plan =
    settings.counting ??
    (options.explain === false ? null : await ownPlan(arms, { session, settings, settled }, options, io));
  if (plan === null) return undefined;
  const count = (counter: CounterChoice): Promise<SyscallCounts> =>
    countArms(
      arms,
      { session, timeoutMs: settings.timeoutMs, plan: { ...plan, counter }, program: settled.program },
      io,
    );
  try {
    // Where perf trace was only preferred, and cannot count here, strace takes its time.
    return await (plan.counter === 'perf-trace' && options.countWith === undefined
      ? count('perf-trace').catch((error: unknown) => retried(error, count))
      : count(plan.counter));
  } catch (error) {
    if (settings.counting !== null || !(error instanceof BenchError) || error.code === 'interrupted') throw error;
    say(io, 'system calls are not counted: ', `${error.message}${error.hint === undefined ? '' : `. ${error.hint}`}`);
    return undefined;
  }
}

function retried(error: unknown, count: (counter: CounterChoice) => Promise<SyscallCounts>): Promise<SyscallCounts> {
  if (!(error instanceof BenchError) || error.code === 'interrupted') throw error;
  return count('auto');
}

async function ownPlan(
  arms: readonly SettledArm[],
  run: CountingRun,
  { countRepeats, countWith }: MeasureOptions,
  io: Io,
): Promise<CountingPlan | null> {
  const long = run.settled.firstRuns.some(({ wall }) => wall > LONG_NS);
  const counter = countWith ?? ((await callsMany(arms, run, io)) ? 'perf-trace' : 'auto');
  return countingPlan({
    countSyscalls: true,
    countWith: counter,
    countRepeats: countRepeats ?? (long || counter === 'perf-trace' ? '1' : '3'),
  });
}

/**
 * Whether it calls the kernel so often that strace, which stops it at every call, would take minutes; where perf cannot
 * tell, no.
 */
async function callsMany(
  arms: readonly SettledArm[],
  { session, settings, settled }: CountingRun,
  io: Io,
): Promise<boolean> {
  const perf = findProgram('perf', io.env['PATH']);
  const [first] = arms;
  const command =
    first === undefined
      ? null
      : session.engine.command(first.name, settled.program, `${session.runId}-many-${first.name}`);
  if (perf === undefined || command === null) return false;
  const calls = await callRate(perf, command, settings.timeoutMs).then(
    (rate) => rate.calls.reduce((sum, inStep) => sum + inStep, 0),
    (error: unknown) => {
      if (error instanceof BenchError) return 0;
      throw error;
    },
  );
  await session.engine.betweenBlocks();
  return calls > MANY_CALLS;
}
