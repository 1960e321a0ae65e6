import { BenchError, needs, notFound } from '../../errors.js';
import { cprofileArgs, cprofileSeconds, perfRecord } from '../../tracing/index.js';
import { judge, lastWords } from '../../model/container/outcome.js';
import type { KeptProfile, Profiler } from '../../model/results/workload-findings.js';
import { findProgram } from '../../process/files/find.js';
import type { ResultWriter } from '../../results/index.js';
import { runOne } from '../record/turns.js';
import { originals, reasonOf } from './program-run.js';
import type { Found, ProgramRun } from './program-run.js';

/** A profiler's output. */
interface ProfileText {
  readonly text: string;
  /** The program's own time by the profiler; `null` where it does not measure that. */
  readonly seconds: number | null;
}

/** Profiling slows a program down: it gets this many times its usual time. */
const PATIENCE = 5;

/** One run per arm (copies left out) under a profiler; never a timed one. The output is kept with the samples. */
export async function keepProfiles(
  run: ProgramRun,
  profiler: Profiler,
  writer: ResultWriter,
): Promise<Found<KeptProfile>> {
  const { context, session } = run.proved;
  context.notify({ kind: 'stepStarted', step: 'profiles', profiler });
  const items: KeptProfile[] = [];
  for (const arm of originals(run)) {
    if (context.signal.aborted) break;
    items.push(await keepProfile(run, { arm, profiler }, writer));
    await session.engine.betweenBlocks();
  }
  const reasons = new Set(items.flatMap((item) => (item.state === 'none' ? [item.reason] : [])));
  return { items, notTaken: [...reasons].map((reason) => ({ what: 'profiles', reason })) };
}

async function keepProfile(
  run: ProgramRun,
  which: { readonly arm: string; readonly profiler: Profiler },
  writer: ResultWriter,
): Promise<KeptProfile> {
  const { arm, profiler } = which;
  try {
    const { text, seconds } = profiler === 'cprofile' ? await underCprofile(run, arm) : await underPerf(run, arm);
    return { ...which, state: 'kept', file: writer.writeProfile(`${arm}.${profiler}.txt`, text), seconds };
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    return { ...which, state: 'none', reason: reasonOf(error) };
  }
}

async function underCprofile({ proved, fitted: { program } }: ProgramRun, arm: string): Promise<ProfileText> {
  const { request, context, session } = proved;
  const args = cprofileArgs(program.args);
  if (args === null)
    throw needs('a profile by cProfile', `a Python program; this one is ${program.args.join(' ')}`, {
      hint: 'The profiler perf works with any program.',
    });
  const profiled = {
    engine: session.engine,
    program: { ...program, args },
    timeoutMs: request.timeoutMs * PATIENCE,
    signal: context.signal,
  };
  const run = await runOne(profiled, arm, `${session.runId}-cprofile-${arm}`);
  const outcome = judge(run, program);
  if (outcome.state === 'ok') return { text: run.stdout, seconds: cprofileSeconds(run.stdout) };
  const words = [outcome.cause, lastWords(run.stderr)].filter(Boolean).join(': ');
  throw new BenchError('runFailed', `the program failed under cProfile: ${words}`);
}

async function underPerf({ proved, fitted }: ProgramRun, arm: string): Promise<ProfileText> {
  const { request, context, session } = proved;
  const perf = findProgram('perf', context.env['PATH']);
  if (perf === undefined)
    throw notFound('perf', 'PATH', { hint: 'apt-get install --no-install-recommends linux-perf' });
  const command = session.engine.command(arm, fitted.program, `${session.runId}-perf-${arm}`);
  if (command === null)
    throw needs(
      'a profile by perf',
      `an engine that starts containers itself; ${session.engine.facts.name} is a daemon`,
      { hint: 'The engines runc, crun, namespaces and bwrap do.' },
    );
  return { text: await perfRecord(perf, command, request.timeoutMs * PATIENCE), seconds: null };
}
