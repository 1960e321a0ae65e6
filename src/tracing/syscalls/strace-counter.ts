import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeOwnedFolder, removeOwnedFolder } from '../../process/files/owned-folder.js';
import { BenchError } from '../../errors.js';
import type { LaunchCommand } from '../../model/container/container.js';
import { lastWords } from '../../model/container/outcome.js';
import type { CallPart, CountedRun } from '../../model/results/syscalls.js';
import { partUnderDaemon, runOnce } from './counter.js';
import type { Counter, CountRequest, Watched, WatchRequest } from './counter.js';
import { StraceLog } from './strace-log.js';
import type { PartRules } from './strace-log.js';
import { whileWatched, partsOfThreads } from './watch.js';

/**
 * Calls whose arguments are decoded: those that replace the program, create children, or load a filter. Arguments of
 * all others are printed as numbers, which is faster.
 */
const READ = 'execve,execveat,clone,clone3,fork,vfork,seccomp,prctl,bpf';

/** An installed strace. */
export interface StraceProgram {
  readonly path: string;
  readonly version: string;
  /**
   * Whether it has `--decode-pids` (5.9 and newer); without it, children in a pid namespace are matched to a running
   * clone.
   */
  readonly decodesPids: boolean;
}

/** Counts with `strace -f`: slow, but only strace sees the payload's exec, so parts are separated to the call. */
export function straceCounter(program: StraceProgram): Counter {
  return {
    facts: { name: 'strace', version: program.version, split: 'exec' },
    count: (request) => count(program, request),
    watch: (request) => watch(program, request),
  };
}

async function count(program: StraceProgram, request: CountRequest): Promise<CountedRun> {
  const { command, payload } = request;
  return inFolder(async (file) => {
    const traced: LaunchCommand = {
      ...command,
      file: program.path,
      args: [...options(program, file), '--', command.file, ...command.args],
    };
    const run = await runOnce(traced, request);
    // The first thread is the command's; all others descend from it.
    let first: number | undefined;
    const log = await readLog(file, {
      atStart: (pid) => ((first ??= pid) === pid ? (payload === null ? 'all' : 'runtime') : undefined),
      ofProgram: (path) => (path === payload ? 'container' : undefined),
      translatesPids: program.decodesPids,
    });
    if (log.lines === 0) throw nothingTraced(run.stderr);
    return { run, parts: log.parts() };
  });
}

async function watch<Result>(
  program: StraceProgram,
  { processes, payload, env, action }: WatchRequest<Result>,
): Promise<Watched<Result>> {
  return inFolder(async (file) => {
    const threads = new Map(partsOfThreads(processes));
    // Daemons start threads at any time: those from before strace attached to their parents exist by now.
    const begin = (): Promise<Result> => {
      for (const [thread, part] of partsOfThreads(processes)) threads.set(thread, part);
      return action();
    };
    const tool = {
      file: program.path,
      args: [...options(program, file), ...[...processes.keys()].flatMap((pid) => ['-p', String(pid)])],
      env,
    };
    // strace reports every process before it lets any of them go on.
    const isWatching = (said: string): boolean =>
      [...processes.keys()].every((pid) => new RegExp(`Process ${pid} attached`).test(said));
    // strace writes every line at once. As it ends, it may wait forever for the first thread of a process that is
    // ending, whose other threads it holds itself: podman's cleanup ends at that time. Killed, it releases them.
    const { result, said } = await whileWatched({ tool, isWatching, action: begin, mayBeKilled: true });
    const [only, ...others] = new Set(processes.values());
    const log = await readLog(file, {
      atStart: (pid) => threads.get(pid),
      ofProgram: (path): CallPart | undefined => partUnderDaemon(path, payload),
      translatesPids: program.decodesPids,
      // Threads that were never attributed belong to what is watched.
      ...(only === undefined || others.length > 0 ? {} : { otherwise: only }),
    });
    if (log.lines === 0) throw nothingTraced(said);
    return { result, parts: log.parts() };
  });
}

/** -s 0 keeps the data of traced programs out of the log; paths of programs are always whole. */
const options = ({ decodesPids }: StraceProgram, file: string): readonly string[] => [
  '-f',
  '-T',
  '-s',
  '0',
  '-e',
  'signal=none',
  '-e',
  `raw=!${READ}`,
  ...(decodesPids ? ['--decode-pids=pidns'] : []),
  '-o',
  file,
];

async function readLog(file: string, rules: PartRules): Promise<StraceLog> {
  const log = new StraceLog(rules);
  if (!existsSync(file)) return log;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) log.read(line);
  return log;
}

function nothingTraced(said: string): BenchError {
  return new BenchError('environment', `strace wrote no trace: ${lastWords(said, 1)}`, {
    hint: 'Tracing requires CAP_SYS_PTRACE or kernel.yama.ptrace_scope below 2.',
  });
}

async function inFolder<Result>(work: (file: string) => Promise<Result>): Promise<Result> {
  const { path: folder } = makeOwnedFolder('strace');
  try {
    return await work(join(folder, 'trace'));
  } finally {
    removeOwnedFolder(folder);
  }
}
