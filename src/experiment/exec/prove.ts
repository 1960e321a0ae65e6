import { BenchError } from '../../errors.js';
import { factsOfLoaded } from '../../filter/index.js';
import type { ContainerRun } from '../../model/container/container.js';
import { isUnconfined } from '../../model/container/container.js';
import { hintOfLimit } from '../../model/container/failure.js';
import { judge, lastWords } from '../../model/container/outcome.js';
import { execOfPayload } from '../../model/container/program.js';
import type { PayloadMode } from '../../model/container/program.js';
import { runOne } from '../record/turns.js';
import { stoppedEarly } from '../session/session.js';
import type { ProvedArm } from '../arms/prove.js';
import { originOf, traceExec } from './origin.js';
import { lookAtExec } from './look.js';
import type { Trying } from './trying.js';

/** A first exec may wait for a container to start. */
const LONGEST_MS = 20_000;

/**
 * Proves per arm what an exec in its waiting container gets: the seccomp mode that the process itself is told, the
 * filters that were loaded in it, and how the runtime came to them. From then on an arm's loaded filters are those of
 * the exec. Throws `runFailed` where an exec fails or hangs.
 */
export async function proveExecs(arms: readonly ProvedArm[], trying: Trying): Promise<readonly ProvedArm[]> {
  const proved: ProvedArm[] = [];
  for (const arm of arms) {
    if (trying.signal.aborted) throw stoppedEarly();
    proved.push(await proveExec(arm, trying));
  }
  await trying.session.engine.betweenBlocks();
  return proved;
}

async function proveExec(own: ProvedArm, trying: Trying): Promise<ProvedArm> {
  const { fitted, evidence } = own;
  const { name, arm } = fitted;
  const told = await firstExec(name, 'seccomp', trying);
  const firstRun = await firstExec(name, 'exit', trying);
  const trace = await traceExec(name, { ...trying, timeoutMs: LONGEST_MS });
  const seen = await lookAtExec(name, trying.session, { container: evidence.loaded, trace });
  const filters = seen.filters;
  const { task: _, ...others } = evidence;
  return {
    ...own,
    fitted: { ...fitted, firstRun },
    filters: filters.state === 'seen' ? filters : own.filters,
    evidence: {
      ...others,
      loaded: factsOfLoaded(filters),
      ...(seen.task === null ? {} : { task: seen.task }),
      exec: {
        seccompMode: modeIn(told.stdout),
        container: evidence.loaded,
        origin: isUnconfined(arm) ? { kind: 'none' } : originOf(filters, trace),
      },
    },
  };
}

/** One exec that is not timed. Throws `runFailed` where it is not ok. */
async function firstExec(
  arm: string,
  mode: PayloadMode,
  { session, timeoutMs, signal }: Trying,
): Promise<ContainerRun> {
  const wish = {
    engine: session.engine,
    program: execOfPayload(mode),
    timeoutMs: Math.min(timeoutMs, LONGEST_MS),
    signal,
  };
  const run = await runOne(wish, arm, `${session.runId}-first-${mode}-${arm}`);
  if (run.exit.kind === 'interrupted') throw stoppedEarly();
  const outcome = judge(run, mode);
  if (outcome.state === 'ok') return run;
  const words = [outcome.cause, lastWords(run.stderr)].filter(Boolean).join(': ');
  throw new BenchError('runFailed', `an exec in a container of arm ${arm} failed: ${words}`, {
    hint:
      hintOfLimit(run) ??
      'The container itself did start. Does its image have /payload, and can this runtime start a program in a ' +
        'running container?',
  });
}

function modeIn(stdout: string): number | null {
  const mode = Number(/^seccomp (\d+)$/m.exec(stdout)?.[1] ?? Number.NaN);
  return Number.isNaN(mode) ? null : mode;
}
