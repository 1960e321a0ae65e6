import { Launcher } from '../../process/launcher.js';
import type { ContainerRun, LaunchCommand } from '../../model/container/container.js';
import type { CallPart, CountedRun, CounterFacts, PartCounts } from '../../model/results/syscalls.js';
import { nanoseconds } from '../../model/time.js';

/** A command to run to its end while its calls, and those of all it starts, are counted. */
export interface CountRequest {
  readonly command: LaunchCommand;
  /**
   * The program whose exec begins the container's part, as it is given to exec (`/payload`); what comes before is the
   * runtime's. `null`: nothing is told apart.
   */
  readonly payload: string | null;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Ends what the command started, by the engine's own means, where it hangs or is no longer wanted. */
  readonly stop: () => Promise<void>;
}

/** Processes to be watched while something is done: those of a daemon, by what part they play. */
export interface WatchRequest<Result> {
  readonly processes: ReadonlyMap<number, CallPart>;
  readonly payload: string;
  /** Of the counter, by which it is found if bench is killed and cannot end it. */
  readonly env: readonly string[];
  /** Done once the processes are watched. */
  readonly action: () => Promise<Result>;
}

export interface Watched<Result> {
  readonly result: Result;
  readonly parts: readonly PartCounts[];
}

/** Something that counts system calls here. */
export interface Counter {
  readonly facts: CounterFacts;
  /** Throws `environment` where nothing could be counted. A command that fails is a result. */
  readonly count: (request: CountRequest) => Promise<CountedRun>;
  /** The same of processes that are there already, and of all they start meanwhile. */
  readonly watch: <Result>(request: WatchRequest<Result>) => Promise<Watched<Result>>;
}

/** Programs by the part they play under a daemon; others stay what the process that started them is. */
const PROGRAMS: readonly (readonly [RegExp, CallPart])[] = [
  [/^(?:containerd-shim|conmon)/, 'shim'],
  [/^(?:runc|crun|runsc|youki|kata-runtime)\b/, 'runtime'],
  [/^(?:dockerd|containerd|podman)$/, 'daemon'],
];

/** The part a program plays under a daemon, by its path or its name. */
export function partUnderDaemon(program: string, payload: string): CallPart | undefined {
  if (program === payload) return 'container';
  const name = program.slice(program.lastIndexOf('/') + 1);
  return PROGRAMS.find(([pattern]) => pattern.test(name))?.[1];
}

/** Runs one command on the timed path; a counter's wall time and that of the bare command are then taken alike. */
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
