import type { ContainerRun, StartedContainer } from '../../model/container/container.js';
import type { ContainerProgram, ExecProgram } from '../../model/container/program.js';
import { nanoseconds } from '../../model/time.js';
import type { Clock } from '../../model/time.js';
import { NO_USAGE } from '../../process/waiter.js';
import { StopWatch } from '../waiting/stop-watch.js';
import { Keepers, keeperLike } from '../keepers.js';
import type { TimedExec } from '../keepers.js';
import { nameOfInside } from '../programs.js';
import type { CriClient } from './client.js';
import { criFailure } from './failures.js';
import type { CriContainer } from './lifecycle.js';

/** Makes the container of an arm in a program's surroundings; its id begins with the run's. */
type MakeKeeper = (arm: string, name: string, keeper: ContainerProgram) => Promise<CriContainer>;

/** For the runtime to end the program itself. */
const MORE_MS = 1000;

/**
 * Sleeping containers in which ExecSync starts programs: one per arm and program, because a program gets the
 * environment and the folder of its container.
 */
export class CriExecs {
  readonly #client: CriClient;
  readonly #clock: Clock;
  readonly #make: MakeKeeper;
  readonly #keepers = new Keepers<{ readonly containerId: string; readonly started: StartedContainer }>();

  constructor(client: CriClient, clock: Clock, make: MakeKeeper) {
    this.#client = client;
    this.#clock = clock;
    this.#make = make;
  }

  /** Starts the container of an arm and a program, once. Throws `runFailed`. */
  async ready(arm: string, program: ExecProgram): Promise<void> {
    const name = nameOf(arm, program);
    await this.#keepers.ready(name, arm, async () => {
      const created = await this.#make(arm, name, keeperLike(program));
      return { containerId: created.containerId, started: await created.start() };
    });
  }

  /** Whether a container is one of those that programs start in. */
  isKeeper(id: string): boolean {
    return this.#keepers.isKeeper(id);
  }

  /** Times one ExecSync. Never rejects. */
  async run({ arm, program, startedAt, timeoutMs, signal }: TimedExec): Promise<ContainerRun> {
    const keeper = this.#keepers.of(nameOf(arm, program), arm);
    using stop = new StopWatch(timeoutMs, signal);
    const result = (exit: ContainerRun['exit'], stdout = '', stderr = ''): ContainerRun => ({
      exit,
      startedAt,
      wall: nanoseconds(this.#clock() - startedAt),
      usage: NO_USAGE,
      stdout,
      stderr,
    });
    try {
      const { exitCode, stdout, stderr } = await this.#client.call(
        'ExecSync',
        { containerId: keeper.containerId, cmd: program.args, timeout: Math.ceil(timeoutMs / 1000) },
        { limitMs: timeoutMs + MORE_MS, signal: stop.signal },
      );
      return result({ kind: 'exited', code: exitCode }, stdout.toString('utf8'), stderr.toString('utf8'));
    } catch (error) {
      const { answer, words } = criFailure(error);
      return stop.reason === undefined ? result({ kind: 'refused', answer }, '', words) : result(stop.reason);
    }
  }

  /** Removes the containers of an arm, or all. */
  drop(arm?: string): Promise<void> {
    return this.#keepers.drop(arm);
  }
}

const nameOf = (arm: string, program: ExecProgram): string =>
  `keep-${arm}-${nameOfInside(keeperLike(program)).slice(-8)}`;
