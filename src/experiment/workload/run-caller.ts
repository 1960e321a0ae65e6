import { BenchError } from '../../errors.js';
import type { ContainerRun } from '../../model/container/container.js';
import { judge, lastWords } from '../../model/container/outcome.js';
import type { ContainerProgram } from '../../model/container/program.js';
import type { CallerReport, PricedCall } from '../../model/results/percall/caller-report.js';
import { callerProgram, readCaller } from '../../payload/index.js';
import { nsPerCall } from '../../statistics/calls/ns-per-call.js';
import { runTurns } from '../record/turns.js';
import type { ProgramRun } from './program-run.js';

/** What the caller is to do in every container. */
export interface CallerWork {
  readonly calls: readonly PricedCall[];
  readonly loops: number;
  readonly rounds: number;
  /** Containers per arm. */
  readonly blocks: number;
  /** Memory that is read before each call, in the caller's own words. */
  readonly touch?: readonly string[];
  /** Part of the containers' ids. */
  readonly name: string;
}

/**
 * Nanoseconds a call, less the loop around it: by arm, then by call, then by block; `null` where a container failed.
 */
export type CallerTimes = ReadonlyMap<string, readonly (readonly (number | null)[])[]>;

/**
 * Runs the program that times calls in a container of each arm, interleaved; in separate containers, regardless of
 * what the user's program runs in. Throws `runFailed` where it never ended.
 */
export async function runCaller({ proved }: ProgramRun, work: CallerWork): Promise<CallerTimes> {
  const { request, context, session, scenario, parts } = proved;
  const arms = scenario.arms.map(({ name }) => name);
  const times = new Map(arms.map((arm) => [arm, work.calls.map((): (number | null)[] => [])]));
  const program = programOf(work);
  let fault = 'the run was stopped';
  using pauses = parts.watchPauses(session.clock);
  const blocks = runTurns({
    engine: session.engine,
    arms,
    seed: request.seed,
    warmup: 0,
    blocks: work.blocks,
    program,
    idOf: (turn) => `${session.runId}-${work.name}-${turn}`,
    timeoutMs: request.timeoutMs,
    signal: context.signal,
    pauses,
  });
  for await (const { turns, again } of blocks) {
    if (context.signal.aborted) throw new BenchError('interrupted', 'stopped by the user');
    if (again) continue;
    for (const { arm, run } of turns) {
      const report = reportOf(run, program, work);
      if ('fault' in report) fault = `${arm}: ${report.fault}`;
      work.calls.forEach((_, index) => {
        times.get(arm)?.[index]?.push('fault' in report ? null : nsPerCall(report, index, work.loops));
      });
    }
  }
  if ([...times.values()].every((calls) => calls.flat().every((ns) => ns === null)))
    throw new BenchError('runFailed', `the program that times system calls did not finish: ${fault}`);
  return times;
}

function programOf(work: CallerWork): ContainerProgram {
  const program = callerProgram(work);
  if (work.touch === undefined) return program;
  return { ...program, args: [...program.args.slice(0, 3), ...work.touch, ...program.args.slice(3)] };
}

function reportOf(
  run: ContainerRun,
  program: ContainerProgram,
  work: CallerWork,
): CallerReport | { readonly fault: string } {
  const outcome = judge(run, program);
  if (outcome.state === 'ok') return readCaller(run.stdout, work);
  return { fault: [outcome.cause, lastWords(run.stderr)].filter(Boolean).join(': ') };
}
