import { basename } from 'node:path';
import { factsOfLoaded } from '../../filter/index.js';
import type { LoadedPrograms } from '../../filter/index.js';
import type { LaunchCommand } from '../../model/container/container.js';
import { judge, lastWords } from '../../model/container/outcome.js';
import { execOfPayload } from '../../model/container/program.js';
import type { ExecFilterOrigin } from '../../model/run/evidence.js';
import { wordsOf } from '../../process/mount-namespace.js';
import { RUN_VARIABLE } from '../../process/processes.js';
import { filterSource, findStrace, straceFilterFiles, variablesOf, watchFilterFiles } from '../../tracing/index.js';
import { runOne } from '../record/turns.js';
import { startersOf } from './starters.js';
import type { Trying } from './trying.js';

/** The system calls of one exec that is not timed, or why there are none. */
export type ExecTrace =
  { readonly state: 'traced'; readonly text: string } | { readonly state: 'notTraced'; readonly reason: string };

/** Bytes of one instruction (struct sock_filter). */
const INSTRUCTION_BYTES = 8;

/** Traces one exec of an arm. Never rejects. */
export async function traceExec(arm: string, trying: Trying): Promise<ExecTrace> {
  const { engine, runId } = trying.session;
  const command = engine.command(arm, execOfPayload(), `${runId}-trace-${arm}`);
  try {
    return await (command === null ? traceStarters(arm, trying) : traceCommand(command));
  } catch (error) {
    return notTraced(error instanceof Error ? error.message : String(error));
  }
}

/** The runtime is a child of this process. */
async function traceCommand(command: LaunchCommand): Promise<ExecTrace> {
  const [file, ...args] = wordsOf(command);
  const variables = variablesOf(command);
  const strace = findStrace(variables['PATH'] ?? '');
  if (strace === null) return NO_STRACE;
  const { trace, command: traced } = await straceFilterFiles(strace, file, args, { env: variables });
  if (traced.exitCode === 0) return { state: 'traced', text: trace };
  return notTraced(`exit code ${traced.exitCode ?? 'none'} under strace: ${lastWords(traced.stderr, 1)}`);
}

/** Others start the runtime, on this machine or elsewhere: they are traced during the exec, where they are known. */
async function traceStarters(arm: string, { session, timeoutMs, signal, env }: Trying): Promise<ExecTrace> {
  const { engine, runId } = session;
  const starters = startersOf(runId, engine.daemonSocket?.(arm) ?? null);
  if (starters.state === 'hidden')
    return notTraced(`${engine.facts.name} starts the runtime out of sight: ${starters.reason}`);
  const strace = findStrace(env['PATH'] ?? '');
  if (strace === null) return NO_STRACE;
  const { trace, result } = await watchFilterFiles(strace, {
    pids: starters.pids,
    env: [`${RUN_VARIABLE}=${runId}`],
    action: () => runOne({ engine, program: execOfPayload(), timeoutMs, signal }, arm, `${runId}-trace-${arm}`),
  });
  const outcome = judge(result, 'exit');
  if (outcome.state === 'ok') return { state: 'traced', text: trace };
  return notTraced(
    `the exec failed under strace: ${[outcome.cause, lastWords(result.stderr, 1)].filter(Boolean).join(': ')}`,
  );
}

const notTraced = (reason: string): ExecTrace => ({ state: 'notTraced', reason });
const NO_STRACE = notTraced('strace not found in PATH');

/** How the runtime came to the filters of an exec, by its trace alone. */
export function originOf(filters: LoadedPrograms, trace: ExecTrace): ExecFilterOrigin {
  if (trace.state === 'notTraced') return { kind: 'notSeen', reason: trace.reason };
  const loaded = factsOfLoaded(filters);
  if (loaded.state === 'notSeen') return { kind: 'notSeen', reason: loaded.reason };
  // A runtime puts its own stub before what libseccomp built.
  const lengths = loaded.programs.flatMap(({ instructions, afterStub }) => [
    instructions,
    ...(afterStub === undefined ? [] : [afterStub.instructions]),
  ]);
  if (lengths.length === 0) return { kind: 'notSeen', reason: 'the process has no filter' };
  const source = filterSource(trace.text, new Set(lengths.map((length) => length * INSTRUCTION_BYTES)));
  if (source === null)
    return { kind: 'notSeen', reason: 'its trace shows neither a filter that is written out nor a file with one' };
  return source.kind === 'made' ? { kind: 'built' } : { kind: 'stored', file: shortPath(source.path) };
}

/** What of the path does not depend on the run. */
const shortPath = (path: string): string => /\.cache\/seccomp\/.*$/.exec(path)?.[0] ?? basename(path);
