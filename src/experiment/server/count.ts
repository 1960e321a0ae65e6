import { BenchError, notFound } from '../../errors.js';
import { causeOf, lastWords } from '../../model/container/outcome.js';
import { versionIn } from '../../model/host/checkup.js';
import { FORMAT_VERSION } from '../../model/results/format.js';
import type { ArmCounts, CallCount, SyscallCounts } from '../../model/results/syscalls.js';
import { RUN_VARIABLE } from '../../process/processes.js';
import { runTool } from '../../process/run-tool.js';
import { findStrace, watchCalls } from '../../tracing/index.js';
import type { FittedProgram } from '../arms/fit-program.js';
import { stoppedEarly } from '../session/session.js';
import type { ProvedExperiment } from '../states.js';
import { originals, reasonOf } from '../workload/program-run.js';
import { isServer, serveOnce } from './serve.js';
import type { ServerProgram } from './serve.js';

/** A traced server is slower: its load gets so many times as long. */
const PATIENCE = 5;

/**
 * Counts the calls of a server while its load runs, once under each arm, in runs that are not timed: strace is attached
 * when the server is ready, so that its start is not counted. `undefined` where they cannot be counted here, with an
 * event; throws where the request itself asks for counts.
 */
export async function countServer(
  proved: ProvedExperiment<'starts'>,
  fitted: FittedProgram,
  asked: boolean,
): Promise<SyscallCounts | undefined> {
  const { program } = fitted;
  if (!isServer(program)) return undefined;
  try {
    return await countWith(findStraceHere(proved), { proved, fitted, program });
  } catch (error) {
    if (asked || !(error instanceof BenchError) || error.code === 'interrupted') throw error;
    proved.context.notify({ kind: 'stepSkipped', step: 'counting', reason: reasonOf(error) });
    return undefined;
  }
}

function findStraceHere({ context }: ProvedExperiment<'starts'>): string {
  const strace = findStrace(context.env['PATH'] ?? '');
  if (strace !== null) return strace;
  throw notFound('strace', 'PATH', { hint: 'It counts the calls of a server: apt-get install strace.' });
}

interface Counting {
  readonly proved: ProvedExperiment<'starts'>;
  readonly fitted: FittedProgram;
  readonly program: ServerProgram;
}

async function countWith(strace: string, counting: Counting): Promise<SyscallCounts> {
  const { proved, fitted } = counting;
  const { context } = proved;
  const { stdout } = await runTool(strace, ['-V'], { env: context.env });
  const counter = { name: 'strace', version: versionIn(stdout), split: 'attached' } as const;
  context.notify({ kind: 'stepStarted', step: 'counting', counter, repeats: 1 });
  const arms: ArmCounts[] = [];
  for (const arm of originals({ proved, fitted })) {
    if (context.signal.aborted) throw stoppedEarly();
    const counts = await countArm(strace, arm, counting);
    if (counts.state === 'notCounted') context.notify({ kind: 'armNotCounted', ...counts });
    arms.push(counts);
    await proved.session.engine.betweenBlocks();
  }
  const notes = [
    'Under strace a server is slower: it may find more requests waiting and make fewer calls for each than it does ' +
      'when it is timed',
  ];
  return { formatVersion: FORMAT_VERSION, counter, refusals: [], notes, arms };
}

async function countArm(strace: string, arm: string, { proved, fitted, program }: Counting): Promise<ArmCounts> {
  const { request, context, session } = proved;
  const calls: CallCount[] = [];
  const env = [`PATH=${context.env['PATH'] ?? ''}`, `${RUN_VARIABLE}=${session.runId}`];
  const watch = async (pids: readonly number[]) => {
    const end = await watchCalls(strace, pids, env);
    return async () => void calls.push(...(await end()));
  };
  const timeoutMs = request.timeoutMs * PATIENCE;
  const wish = { arm, mode: program, timeoutMs, signal: context.signal };
  try {
    const run = await serveOnce({ ...session, env: context.env, watch }, wish, `${session.runId}-count-${arm}`);
    if (run.exit.kind === 'interrupted') throw stoppedEarly();
    const requests = run.load?.requests ?? null;
    if (run.load === undefined) return notCounted(arm, `${causeOf(run.exit)}: ${lastWords(run.stderr, 1)}`);
    if (requests === null) return notCounted(arm, 'the load does not say how many requests it made');
    const place = proved.scenario.arms.findIndex(({ name }) => name === arm);
    return {
      arm,
      state: 'counted',
      runs: [[{ part: 'container', calls, operations: [] }]],
      countedNs: [run.wall],
      uncountedNs: [fitted.firstRuns[place]?.wall ?? run.wall],
      requests: [requests],
    };
  } catch (error) {
    if (!(error instanceof BenchError) || error.code === 'interrupted') throw error;
    return notCounted(arm, reasonOf(error));
  }
}

const notCounted = (arm: string, reason: string): ArmCounts => ({ arm, state: 'notCounted', reason });
