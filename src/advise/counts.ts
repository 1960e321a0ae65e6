import { BenchError } from '../errors.js';
import type { ExperimentContext } from '../model/experiment/events.js';
import { observeCalls, readCallTable, readCountsFile } from '../tracing/index.js';
import type { CountsFile } from '../tracing/index.js';
import { ANY_CALL } from '../model/results/syscalls.js';
import type { CallCount, CallPart } from '../model/results/syscalls.js';
import { readSyscallsFile } from '../results/index.js';

/** How often each call was made. */
export interface ObservedCounts {
  /** The file, or the command that was observed. */
  readonly from: string;
  readonly calls: ReadonlyMap<string, number>;
  /** What is wrong or missing in the counts, one line each. */
  readonly warnings: readonly string[];
}

/**
 * Counts from a table of `strace -c`, `perf trace -s` and their like, or of the container in a syscalls.json of bench's
 * (its first arm that was counted, all repeats together). Throws `input`.
 */
export async function readCounts(
  given: string,
  place: Pick<ExperimentContext, 'cwd' | 'signal'>,
): Promise<ObservedCounts> {
  const file = await readCountsFile(given, place, 'Create one with strace -f -c -o counts.txt COMMAND.');
  const { calls: counted, warnings } = countedIn(file);
  const calls = new Map<string, number>();
  for (const { name, calls: count } of counted) calls.set(name, (calls.get(name) ?? 0) + count);
  return { from: given, calls, warnings };
}

function countedIn({ path, shown, text, table }: CountsFile): Counted {
  if (text.trimStart().startsWith('{')) return ofDocument(path, shown);
  const { calls, warnings } = readCallTable(text, shown, table);
  return { calls, warnings: warnings.map((warning) => `Counts: ${shown}: ${warning}.`) };
}

/**
 * Counts of a command that is run now. Throws as {@link observeCalls}, and `input` where the shell could not run it.
 */
export async function observedCounts(
  command: string,
  { env }: Pick<ExperimentContext, 'env'>,
): Promise<ObservedCounts> {
  const { calls, exitCode, stderr } = await observeCalls(command, env);
  const said = stderr.trim().split('\n').at(-1) ?? '';
  if (exitCode === 126 || exitCode === 127) {
    const words = said === '' ? '' : ` (${said})`;
    throw new BenchError('input', `could not run the observed command: ${command}: exit code ${exitCode}${words}`, {
      hint: 'Give a command line that /bin/sh can run here, or use --counts FILE.',
    });
  }
  const ended = exitCode === null ? 'it was ended by a signal' : `it exited with ${exitCode}`;
  return {
    from: command,
    calls: new Map(calls.map(({ name, calls: count }) => [name, count])),
    warnings: exitCode === 0 ? [] : [`Counts: ${command}: ${ended}; its calls up to then are used.`],
  };
}

interface Counted {
  readonly calls: readonly CallCount[];
  readonly warnings: readonly string[];
}

function ofDocument(path: string, shown: string): Counted {
  const arm = readSyscallsFile(path).arms.find(({ state }) => state === 'counted');
  const parts = arm?.state === 'counted' ? arm.runs.flat() : [];
  const of = (part: CallPart): readonly CallCount[] =>
    parts
      .filter((one) => one.part === part)
      .flatMap(({ calls }) => calls)
      .filter(({ name }) => name !== ANY_CALL);
  const container = of('container');
  if (container.length > 0) return { calls: container, warnings: [] };
  const all = of('all');
  if (all.length > 0)
    return {
      calls: all,
      warnings: [`Counts: ${shown} does not separate the container's calls from those of the runtime.`],
    };
  throw new BenchError('input', `${shown} has no named system calls of a container`, {
    hint: 'Count them with strace: bench syscalls count --count-with strace.',
  });
}

/**
 * Names in the order in which their rules should be tried: calls that run the filter by their counts. Those that the
 * kernel has cached never run it, so they come last.
 */
export function orderOf(counts: ObservedCounts, isCached: (name: string) => boolean): readonly string[] {
  const byCount = [...counts.calls]
    .sort(([a, times], [b, others]) => others - times || (a < b ? -1 : 1))
    .map(([name]) => name);
  return [...byCount.filter((name) => !isCached(name)), ...byCount.filter(isCached)];
}
