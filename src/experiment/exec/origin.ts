import { basename } from 'node:path';
import { factsOfLoaded } from '../../filter/index.js';
import type { LoadedPrograms } from '../../filter/index.js';
import { lastWords } from '../../model/container/outcome.js';
import { execOfPayload } from '../../model/container/program.js';
import type { ExecFilterOrigin } from '../../model/run/evidence.js';
import { wordsOf } from '../../process/mount-namespace.js';
import { filterSource, findStrace, straceFilterFiles, variablesOf } from '../../tracing/index.js';
import type { Session } from '../session/session.js';

/** The system calls of one exec that is not timed, or why there are none. */
export type ExecTrace =
  { readonly state: 'traced'; readonly text: string } | { readonly state: 'notTraced'; readonly reason: string };

/** Bytes of one instruction (struct sock_filter). */
const INSTRUCTION_BYTES = 8;

/** Traces one exec of an arm, as far as the runtime is a child of this process. Never rejects. */
export async function traceExec(arm: string, { engine, runId }: Session): Promise<ExecTrace> {
  const command = engine.command(arm, execOfPayload(), `${runId}-trace-${arm}`);
  if (command === null) return notTraced(`a daemon starts the runtime of ${engine.facts.name}, out of sight`);
  const [file, ...args] = wordsOf(command);
  const variables = variablesOf(command);
  const strace = findStrace(variables['PATH'] ?? '');
  if (strace === null) return notTraced('strace not found in PATH');
  try {
    const { trace, command: traced } = await straceFilterFiles(strace, file, args, { env: variables });
    if (traced.exitCode === 0) return { state: 'traced', text: trace };
    return notTraced(`exit code ${traced.exitCode ?? 'none'} under strace: ${lastWords(traced.stderr, 1)}`);
  } catch (error) {
    return notTraced(error instanceof Error ? error.message : String(error));
  }
}

const notTraced = (reason: string): ExecTrace => ({ state: 'notTraced', reason });

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
