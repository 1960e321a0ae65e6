import { BenchError } from '../../errors.js';
import type { ContainerRun } from '../../model/container/container.js';
import type { Io } from '../../model/io.js';
import { judge, lastWords } from '../../model/container/outcome.js';
import type { ContainerProgram } from '../../model/container/program.js';
import { say } from '../../cli/output/announce.js';
import type { Session } from '../session/session.js';
import { stoppedEarly } from './fit.js';
import type { SettledArm } from './fit.js';

/** A program that was run once under each arm. */
export interface SettledProgram {
  readonly program: ContainerProgram;
  /** In the order of the arms. */
  readonly firstRuns: readonly ContainerRun[];
}

/**
 * Runs the program once under each arm, untimed. One that fails under some arms is a finding, and its failures are
 * counted; where it fails under all
 * of them there is nothing to measure. Throws `runFailed` with the program's own words.
 */
export async function settleProgram(
  program: ContainerProgram,
  arms: readonly SettledArm[],
  { session, timeoutMs }: { readonly session: Session; readonly timeoutMs: number },
  io: Io,
): Promise<SettledProgram> {
  const { engine, runId } = session;
  const firstRuns: ContainerRun[] = [];
  const failures: string[] = [];
  for (const { name } of arms) {
    if (io.signal.aborted) throw stoppedEarly();
    const {
      containers: [run],
    } = await engine.run({
      arm: name,
      mode: program,
      ids: [`${runId}-program-${name}`],
      concurrency: 1,
      timeoutMs,
      signal: io.signal,
    });
    await engine.betweenBlocks();
    if (run === undefined || run.exit.kind === 'interrupted') throw stoppedEarly();
    firstRuns.push(run);
    const outcome = judge(run, program);
    if (outcome.state !== 'ok')
      failures.push(`${name}: ${[outcome.cause, lastWords(run.stderr)].filter(Boolean).join(': ')}`);
  }
  if (failures.length === arms.length) {
    throw new BenchError(
      'runFailed',
      `Expected ${program.args[0] ?? 'the program'} to exit with 0 under one arm at least, got ${failures[0] ?? 'nothing'}`,
      {
        hint: `It was run as: ${program.args.join(' ')}`,
      },
    );
  }
  for (const failure of failures) say(io, 'the program fails under ', failure);
  return { program, firstRuns };
}
