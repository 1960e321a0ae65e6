import { Launcher } from '../../process/launcher.js';
import type { ContainerRun, LaunchCommand } from '../../model/container/container.js';
import type { CallPart, CountedRun, CounterFacts, PartCounts } from '../../model/results/syscalls.js';
import { nanoseconds } from '../../model/time.js';

/** A command that runs to its end while its system calls, and those of its descendants, are counted. */
export interface CountRequest {
  readonly command: LaunchCommand;
  /**
   * The program whose exec starts the container's part, as exec gets it (`/payload`); calls before are the runtime's.
   * `null`: the parts are not separated.
   */
  readonly payload: string | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Ends what the command started, by the engine's means, where it hangs or the user stops it. */
  readonly stop: () => Promise<void>;
}

/** Processes of a daemon to watch during an action, by their part. */
export interface WatchRequest<Result> {
  readonly processes: ReadonlyMap<number, CallPart>;
  readonly payload: string;
  /** Of the counter: marks it, so that it is found if bench is killed before it ends it. */
  readonly env: readonly string[];
  /** Starts once the processes are watched. */
  readonly action: () => Promise<Result>;
}

/** The result of the action and the system calls during it. */
export interface Watched<Result> {
  readonly result: Result;
  readonly parts: readonly PartCounts[];
}

/** Counts system calls on this machine. */
export interface Counter {
  readonly facts: CounterFacts;
  /** Throws `environment` where nothing could be counted. A failed command is a result. */
  readonly count: (request: CountRequest) => Promise<CountedRun>;
  /** The same for running processes and what they start meanwhile. */
  readonly watch: <Result>(request: WatchRequest<Result>) => Promise<Watched<Result>>;
}

/** Parts of programs under a daemon; other programs belong to the part of the process that started them. */
const PROGRAMS: readonly (readonly [RegExp, CallPart])[] = [
  [/^(?:containerd-shim|conmon)/, 'shim'],
  [/^(?:runc|crun|runsc|youki|kata-runtime)\b/, 'runtime'],
  [/^(?:dockerd|containerd|podman)$/, 'daemon'],
];

/** The part of a program under a daemon, by its path or name. */
export function partUnderDaemon(program: string, payload: string): CallPart | undefined {
  if (program === payload) return 'container';
  const name = program.slice(program.lastIndexOf('/') + 1);
  return PROGRAMS.find(([pattern]) => pattern.test(name))?.[1];
}

/** Runs one command on the timed path, so that the wall times of counted and bare commands compare. */
export async function runOnce(
  command: LaunchCommand,
  { timeoutMs, signal, stop }: Pick<CountRequest, 'timeoutMs' | 'signal' | 'stop'>,
): Promise<ContainerRun> {
  const origin = process.hrtime.bigint();
  // A single command needs no gate.
  using launcher = new Launcher(() => nanoseconds(Number(process.hrtime.bigint() - origin)), '');
  const {
    containers: [run],
  } = await launcher.run({ commands: [command], concurrency: 1, timeoutMs, signal, stop });
  if (run === undefined) throw new RangeError('one command has one run');
  return run;
}
