import { BenchError } from '../../errors.js';
import type { ContainerRun } from '../../model/container/container.js';
import { errnoIn, hintOfLimit } from '../../model/container/failure.js';
import { judge, lastWords } from '../../model/container/outcome.js';
import type { ContainerProgram } from '../../model/container/program.js';
import type { ExperimentContext } from '../../model/experiment/events.js';
import { stoppedEarly } from '../session/session.js';
import type { Session } from '../session/session.js';
import type { FittedArm } from './fit.js';
import { batchRunner } from '../server/serve.js';
import { cannotRun } from './program-inside.js';

/** A program that was run once under each arm. */
export interface FittedProgram {
  readonly program: ContainerProgram;
  /** In the order of the arms. */
  readonly firstRuns: readonly ContainerRun[];
}

/**
 * Runs the program once under each arm, untimed. Where it fails under some arms, its failures are counted; where it
 * fails under all of them, there is nothing to measure. Throws `runFailed` with the program's own words.
 */
export async function fitProgram(
  program: ContainerProgram,
  arms: readonly FittedArm[],
  { session, timeoutMs }: { readonly session: Session; readonly timeoutMs: number },
  { signal, notify, env }: Pick<ExperimentContext, 'signal' | 'notify' | 'env'>,
): Promise<FittedProgram> {
  const { engine, runId } = session;
  const runBatch = batchRunner({ ...session, env });
  const firstRuns: ContainerRun[] = [];
  const failures: { readonly arm: string; readonly cause: string; readonly run: ContainerRun }[] = [];
  for (const { name } of arms) {
    if (signal.aborted) throw stoppedEarly();
    const ids = [`${runId}-program-${name}`];
    const batch = await runBatch({ arm: name, mode: program, ids, concurrency: 1, timeoutMs, signal });
    await engine.betweenBlocks();
    const [run] = batch.containers;
    if (run === undefined || run.exit.kind === 'interrupted') throw stoppedEarly();
    firstRuns.push(run);
    const outcome = judge(run, program);
    if (outcome.state !== 'ok')
      failures.push({ arm: name, cause: [outcome.cause, lastWords(run.stderr)].filter(Boolean).join(': '), run });
  }
  const [first] = failures;
  if (first !== undefined && failures.length === arms.length) {
    const name = program.args[0] ?? 'the program';
    throw new BenchError('runFailed', `${name} fails under every arm: ${first.arm}: ${first.cause}`, {
      hint: hintFor(program, first.run),
    });
  }
  for (const { arm, cause } of failures) notify({ kind: 'programFails', arm, cause });
  return { program, firstRuns };
}

function hintFor(program: ContainerProgram, run: ContainerRun): string {
  const reason = cannotRun(program, errnoIn(run.stderr) ?? '') ?? hintOfLimit(run);
  return reason ?? `It was run as: ${program.args.join(' ')}`;
}
