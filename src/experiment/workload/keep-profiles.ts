import { BenchError } from '../../errors.js';
import { findProgram } from '../../process/find.js';
import { cprofileArgs, cprofileSeconds, perfRecord } from '../../tracing/index.js';
import type { Io } from '../../model/io.js';
import { judge, lastWords } from '../../model/container/outcome.js';
import type { KeptProfile, Profiler } from '../../model/results/workload-findings.js';
import type { ResultWriter } from '../../results/index.js';
import { say } from '../../cli/output/announce.js';
import type { Found, ProgramRun } from './explain.js';

/** A profile as text. */
interface Profile {
  readonly text: string;
  readonly seconds: number | null;
}

/** Profiling slows a program down: it gets so many times the time it has otherwise. */
const PATIENCE = 5;

/** One run per arm (copies left out) under a profiler; never a timed one. Reports are kept beside the samples. */
export async function keepProfiles(
  run: ProgramRun,
  profiler: Profiler,
  writer: ResultWriter,
  io: Io,
): Promise<Found<KeptProfile>> {
  say(io, '', `keeping profiles with ${profiler}: one run per arm that is not timed`);
  const items: KeptProfile[] = [];
  for (const { name } of run.scenario.arms.filter(({ copyOf }) => copyOf === undefined)) {
    if (io.signal.aborted) break;
    items.push(await keepProfile(run, { arm: name, profiler }, writer, io));
    await run.session.engine.betweenBlocks();
  }
  const reasons = new Set(items.flatMap((item) => (item.state === 'none' ? [item.reason] : [])));
  return { items, notTaken: [...reasons].map((reason) => ({ what: 'profiles', reason })) };
}

async function keepProfile(
  run: ProgramRun,
  which: { readonly arm: string; readonly profiler: Profiler },
  writer: ResultWriter,
  io: Io,
): Promise<KeptProfile> {
  try {
    const { text, seconds } =
      which.profiler === 'cprofile' ? await underCprofile(run, which.arm, io) : await underPerf(run, which.arm, io);
    return { ...which, state: 'kept', file: writer.writeProfile(`${which.arm}.${which.profiler}.txt`, text), seconds };
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    return { ...which, state: 'none', reason: `${error.message}${error.hint === undefined ? '' : `. ${error.hint}`}` };
  }
}

async function underCprofile(
  { session, settled: { program }, settings }: ProgramRun,
  arm: string,
  io: Io,
): Promise<Profile> {
  const args = cprofileArgs(program.args);
  if (args === null) {
    throw new BenchError(
      'usage',
      `Expected python and what it runs for a profile of cProfile, got ${program.args.join(' ')}`,
      { hint: '--profile-with perf profiles any program.' },
    );
  }
  const {
    containers: [run],
  } = await session.engine.run({
    arm,
    mode: { ...program, args },
    ids: [`${session.runId}-cprofile-${arm}`],
    concurrency: 1,
    timeoutMs: settings.timeoutMs * PATIENCE,
    signal: io.signal,
  });
  if (run === undefined) throw new RangeError('one container has one run');
  const outcome = judge(run, program);
  if (outcome.state !== 'ok')
    throw new BenchError(
      'runFailed',
      `Expected the program to run under cProfile, got ${[outcome.cause, lastWords(run.stderr)].filter(Boolean).join(': ')}`,
    );
  return { text: run.stdout, seconds: cprofileSeconds(run.stdout) };
}

async function underPerf({ session, settled, settings }: ProgramRun, arm: string, io: Io): Promise<Profile> {
  const perf = findProgram('perf', io.env['PATH']);
  if (perf === undefined)
    throw new BenchError('environment', 'Expected perf in PATH, got none', {
      hint: 'apt-get install --no-install-recommends linux-perf',
    });
  const command = session.engine.command(arm, settled.program, `${session.runId}-perf-${arm}`);
  if (command === null)
    throw new BenchError(
      'environment',
      `Expected an engine whose containers are children of bench, got ${session.engine.facts.name}, a daemon`,
      { hint: '--engine runc, crun or namespaces.' },
    );
  return { text: await perfRecord(perf, command, settings.timeoutMs * PATIENCE), seconds: null };
}
