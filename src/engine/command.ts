import { BenchError } from '../errors.js';
import type { Launcher } from '../process/launcher.js';
import type {
  ArmSpec,
  BatchRequest,
  BatchRun,
  CreatedContainer,
  Engine,
  LaunchCommand,
  EngineFacts,
} from '../model/container/container.js';
import { childEnvironment, isRoot } from './environment.js';

export interface CommandsOptions {
  /** Program (an absolute path) and arguments of each arm. */
  readonly commands: ReadonlyMap<string, readonly string[]>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly launcher: Launcher;
}

/**
 * Runs the user's own commands on the timed path, so that whole programs can be compared like containers. There is no
 * container.
 */
export class CommandEngine implements Engine {
  readonly facts: EngineFacts = {
    name: 'command',
    version: 'as given',
    path: null,
    rootless: !isRoot(),
    notes: ['commands run without a container: no spec, no proof of treatment'],
  };
  readonly limits = {};
  readonly stages = 'never';
  readonly programs = 'none';
  readonly #options: CommandsOptions;
  readonly #env: readonly string[];

  constructor(options: CommandsOptions) {
    this.#options = options;
    this.#env = childEnvironment(options.env);
  }

  prepare(arm: ArmSpec): Promise<void> {
    this.command(arm.name);
    return Promise.resolve();
  }

  command(arm: string): LaunchCommand {
    const [file, ...args] = this.#options.commands.get(arm) ?? [];
    if (file === undefined) throw new BenchError('runFailed', `arm ${arm} has no command`);
    return { file, args, env: this.#env };
  }

  async run(request: BatchRequest): Promise<BatchRun> {
    const command = this.command(request.arm);
    return this.#options.launcher.run({
      commands: request.ids.map(() => command),
      concurrency: request.concurrency,
      timeoutMs: request.timeoutMs,
      signal: request.signal,
      stop: () => Promise.resolve(),
    });
  }

  create(arm: string): Promise<CreatedContainer> {
    return Promise.reject(new BenchError('runFailed', `arm ${arm} is a command, not a container`));
  }

  betweenBlocks(): Promise<void> {
    return Promise.resolve();
  }

  list(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#options.launcher[Symbol.dispose]();
    return Promise.resolve();
  }
}
