import { BenchError } from '../../errors.js';
import { callRate } from '../../tracing/index.js';
import type { CounterChoice, SyscallCounts } from '../../model/results/syscalls.js';
import { findProgram } from '../../process/files/find.js';
import type { FittedProgram } from '../arms/fit-program.js';
import type { ProvedExperiment } from '../states.js';
import { reasonOf } from '../workload/program-run.js';
import { countServer } from '../server/count.js';
import { countWholly } from './count-calls.js';
import type { CountingWish } from './count-calls.js';

/** A program that takes longer than this is counted once: its counts are its own, not those of a start that varies. */
const LONG_NS = 0.5e9;
/** strace takes some 50 µs a call. */
const MANY_CALLS = 50_000;

/**
 * Counts a program's calls, unless only its times are wanted: what the filter costs it follows from them. `undefined`
 * where they cannot be counted here, with an event; throws where the request itself asks for counts.
 */
export async function countProgram(
  proved: ProvedExperiment<'starts'>,
  fitted: FittedProgram,
): Promise<SyscallCounts | undefined> {
  const { counting, findings } = proved.request;
  const asked = counting !== null;
  if (!asked && !findings.explain) return undefined;
  if (fitted.program.service !== undefined) return countServer(proved, fitted, asked);
  const wish = counting ?? (await ownWish(proved, fitted));
  const count = (counter: CounterChoice): Promise<SyscallCounts> =>
    countWholly(proved, { ...wish, counter, program: fitted.program });
  try {
    // Where perf trace was only preferred, and cannot count here, strace takes its time.
    const preferred = !asked && findings.counter === undefined && wish.counter === 'perf-trace';
    return await (preferred
      ? count('perf-trace').catch((error: unknown) => retried(error, () => count('auto')))
      : count(wish.counter));
  } catch (error) {
    if (asked || !(error instanceof BenchError) || error.code === 'interrupted') throw error;
    proved.context.notify({ kind: 'stepSkipped', step: 'counting', reason: reasonOf(error) });
    return undefined;
  }
}

function retried(error: unknown, count: () => Promise<SyscallCounts>): Promise<SyscallCounts> {
  if (!(error instanceof BenchError) || error.code === 'interrupted') throw error;
  return count();
}

async function ownWish(proved: ProvedExperiment<'starts'>, fitted: FittedProgram): Promise<CountingWish> {
  const long = fitted.firstRuns.some(({ wall }) => wall > LONG_NS);
  const { findings } = proved.request;
  const counter = findings.counter ?? ((await callsMany(proved, fitted)) ? 'perf-trace' : 'auto');
  return { counter, repeats: findings.repeats ?? (long || counter === 'perf-trace' ? 1 : 3) };
}

/**
 * Whether it calls the kernel so often that strace, which stops it at every call, would take minutes; where perf cannot
 * tell, no.
 */
async function callsMany(
  { request, context, session, arms }: ProvedExperiment<'starts'>,
  { program }: FittedProgram,
): Promise<boolean> {
  const perf = findProgram('perf', context.env['PATH']);
  const [first] = arms;
  if (perf === undefined || first === undefined) return false;
  const command = session.engine.command(first.name, program, `${session.runId}-many-${first.name}`);
  if (command === null) return false;
  const calls = await callRate(perf, command, request.timeoutMs).then(
    (rate) => rate.calls.reduce((sum, inStep) => sum + inStep, 0),
    (error: unknown) => {
      if (error instanceof BenchError) return 0;
      throw error;
    },
  );
  await session.engine.betweenBlocks();
  return calls > MANY_CALLS;
}
