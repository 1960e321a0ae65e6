import type { ContainerRun } from '../../model/container/container.js';
import type { ContainerProgram } from '../../model/container/program.js';
import { nanoseconds } from '../../model/time.js';
import type { Clock } from '../../model/time.js';
import { NO_USAGE } from '../../process/waiter.js';
import { StopWatch } from '../waiting/stop-watch.js';
import { Keepers, keeperLike } from '../keepers.js';
import type { TimedExec } from '../keepers.js';
import type { CriClient } from './client.js';
import { criFailure } from './failures.js';
import type { CriContainer } from './lifecycle.js';

/** For the runtime to end the program itself. */
const MORE_MS = 1000;

/**
 * Sleeping containers in which ExecSync starts programs: one per arm and program, because a program gets the
 * environment and the folder of its container.
 */
export class CriExecs extends Keepers<CriContainer> {
  readonly #client: CriClient;
  readonly #clock: Clock;

  constructor(
    client: CriClient,
    clock: Clock,
    make: (arm: string, name: string, keeper: ContainerProgram) => Promise<CriContainer>,
  ) {
    super({ make, sleeper: keeperLike });
    this.#client = client;
    this.#clock = clock;
  }

  /** Times one ExecSync. Never rejects. */
  async run({ arm, program, startedAt, timeoutMs, signal }: TimedExec): Promise<ContainerRun> {
    const { containerId } = this.of(arm, program).created;
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
        { containerId, cmd: program.args, timeout: Math.ceil(timeoutMs / 1000) },
        { limitMs: timeoutMs + MORE_MS, signal: stop.signal },
      );
      return result({ kind: 'exited', code: exitCode }, stdout.toString('utf8'), stderr.toString('utf8'));
    } catch (error) {
      const { answer, words } = criFailure(error);
      return stop.reason === undefined ? result({ kind: 'refused', answer }, '', words) : result(stop.reason);
    }
  }
}
