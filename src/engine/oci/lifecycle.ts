import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../../errors.js';
import { Child } from '../../process/child.js';
import { isRunning, untilEnded } from '../../process/processes.js';
import { runTool } from '../../process/run-tool.js';
import type {
  CreatedContainer,
  ExitedContainer,
  LaunchCommand,
  RemovedContainer,
  StartedContainer,
} from '../../model/container/container.js';
import { causeOf } from '../../model/container/outcome.js';
import { END_MS, READY_MS } from '../waiting/deadlines.js';
import { childEnvironment } from '../environment.js';
import { payloadNotReady } from '../failures.js';

/** What the lifecycle needs of the runtime. */
export interface OciRuntime {
  /** Of the run; every container's id begins with it. */
  readonly runId: string;
  readonly runtime: string;
  readonly workspace: string;
  /** Why the payload cannot be inspected from outside; absent where it can. */
  readonly hidden: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the processes of an arm have to start. */
  mountsOf(arm: string): Mounts;
  /** The words before the verb in every call about a container. */
  before(id: string): readonly string[];
  delete(id: string): Promise<void>;
  /** Where the runtime keeps the filter of a container, if it keeps it in a file. */
  filterFileOf(id: string): string;
}

/** Where `RUNTIME create` starts. */
type Mounts = Pick<LaunchCommand, 'mounts'>;

const POLL_MS = 5;

/** Creates a container without starting it. Throws `runFailed` with the runtime's own words. */
export async function createOci(
  runtime: OciRuntime,
  bundle: string,
  id: string,
  mounts: Mounts,
): Promise<CreatedContainer> {
  const container = await OciContainer.create(runtime, bundle, id, mounts);
  return {
    state: 'created',
    id,
    start: async () => started(container, await container.start(), runtime),
    remove: () => container.remove(),
    [Symbol.asyncDispose]: () => container.dispose(),
  };
}

function started(
  container: OciContainer,
  pid: number,
  runtime: Pick<OciRuntime, 'hidden' | 'filterFileOf'>,
): StartedContainer {
  const { hidden } = runtime;
  const filterFile = runtime.filterFileOf(container.id);
  const kill = async (): Promise<ExitedContainer> => {
    await container.kill(pid);
    return {
      state: 'exited',
      id: container.id,
      remove: () => container.remove(),
      [Symbol.asyncDispose]: () => container.dispose(),
    };
  };
  return {
    state: 'started',
    id: container.id,
    pid,
    ...(hidden === undefined ? {} : { hidden }),
    ...(existsSync(filterFile) ? { filterFile } : {}),
    kill,
    [Symbol.asyncDispose]: () => container.dispose(),
  };
}

class OciContainer {
  readonly id: string;
  readonly #runtime: OciRuntime;
  readonly #pidFile: string;
  /** `RUNTIME create`: the container writes to its descriptors, so no pipe has to be held open. */
  readonly #creator: Child;
  #removed = false;

  private constructor(runtime: OciRuntime, bundle: string, id: string, mounts: Mounts) {
    this.id = id;
    this.#runtime = runtime;
    this.#pidFile = join(runtime.workspace, `${id}.pid`);
    const args = [...runtime.before(id), 'create', '--bundle', bundle, '--pid-file', this.#pidFile, id];
    this.#creator = new Child({ file: runtime.runtime, args, env: childEnvironment(runtime.env), ...mounts });
  }

  static async create(runtime: OciRuntime, bundle: string, id: string, mounts: Mounts): Promise<OciContainer> {
    const container = new OciContainer(runtime, bundle, id, mounts);
    const exit = await container.#creator.end(READY_MS);
    if (exit?.kind === 'exited' && exit.code === 0) return container;
    const words = container.#creator.takeErrors().trim();
    await container.dispose();
    throw failure(
      runtime.runtime,
      'create',
      exit === undefined ? `no end within ${READY_MS / 1000} s` : causeOf(exit),
      words,
    );
  }

  /** Gives the payload's pid once it has written "ready". */
  async start(): Promise<number> {
    await this.#call('start');
    const pid = Number(readFileSync(this.#pidFile, 'utf8'));
    for (let waitedMs = 0; waitedMs < READY_MS; waitedMs += POLL_MS) {
      if (this.#creator.output.startsWith('ready')) return pid;
      if (!isRunning(pid)) break;
      await sleep(POLL_MS);
    }
    throw payloadNotReady(this.#creator.output + this.#creator.takeErrors(), this.id);
  }

  async kill(pid: number): Promise<void> {
    await this.#call('kill', 'KILL');
    await untilEnded(pid, END_MS);
  }

  async remove(): Promise<RemovedContainer> {
    await this.dispose();
    return { state: 'removed', id: this.id };
  }

  async dispose(): Promise<void> {
    if (this.#removed) return;
    this.#removed = true;
    await this.#runtime.delete(this.id);
    await this.#creator[Symbol.asyncDispose]();
    rmSync(this.#pidFile, { force: true });
  }

  async #call(verb: string, ...after: readonly string[]): Promise<void> {
    const { runtime, env } = this.#runtime;
    const { exitCode, stderr } = await runTool(runtime, [...this.#runtime.before(this.id), verb, this.id, ...after], {
      env,
    });
    if (exitCode === 0) return;
    await this.dispose();
    throw failure(runtime, verb, `exit code ${exitCode}`, stderr.trim());
  }
}

function failure(runtime: string, verb: string, cause: string, words: string): BenchError {
  return new BenchError('runFailed', `${runtime} ${verb} failed: ${cause}${words === '' ? '' : `: ${words}`}`);
}
