import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../errors.js';
import { startTicksOf } from '../launch/processes.js';
import { runTool } from '../launch/run-tool.js';
import type { CreatedContainer, ExitedContainer, RemovedContainer, StartedContainer } from '../model/container.js';

/** What the lifecycle needs of the runtime. */
export interface OciRuntime {
  readonly runtime: string;
  readonly workspace: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly rootOf: (id: string) => string;
  readonly delete: (id: string) => Promise<void>;
}

const READY_LIMIT_MS = 20_000;
const POLL_MS = 5;

/** Creates a container without starting it. Throws `runFailed` with the runtime's own words. */
export async function createOci(runtime: OciRuntime, bundle: string, id: string): Promise<CreatedContainer> {
  const container = new OciContainer(runtime, id);
  await container.create(bundle);
  return {
    state: 'created', id,
    start: async () => started(container, await container.start()),
    remove: () => container.remove(),
    [Symbol.asyncDispose]: () => container.dispose(),
  };
}

function started(container: OciContainer, pid: number): StartedContainer {
  return {
    state: 'started', id: container.id, pid,
    kill: async () => {
      await container.kill(pid);
      return exited(container);
    },
    [Symbol.asyncDispose]: () => container.dispose(),
  };
}

function exited(container: OciContainer): ExitedContainer {
  return { state: 'exited', id: container.id, remove: () => container.remove(), [Symbol.asyncDispose]: () => container.dispose() };
}

class OciContainer {
  readonly id: string;
  readonly #runtime: OciRuntime;
  readonly #stdout: string;
  readonly #stderr: string;
  readonly #pidFile: string;
  #removed = false;

  constructor(runtime: OciRuntime, id: string) {
    this.id = id;
    this.#runtime = runtime;
    this.#stdout = join(runtime.workspace, `${id}.out`);
    this.#stderr = join(runtime.workspace, `${id}.err`);
    this.#pidFile = join(runtime.workspace, `${id}.pid`);
  }

  create(bundle: string): Promise<void> {
    return this.#call('create', ['--bundle', bundle, '--pid-file', this.#pidFile], { stdoutFile: this.#stdout, stderrFile: this.#stderr });
  }

  /** Gives the payload's pid once it has said that it is ready. */
  async start(): Promise<number> {
    await this.#call('start', []);
    const pid = Number(readFileSync(this.#pidFile, 'utf8'));
    for (let waitedMs = 0; waitedMs < READY_LIMIT_MS; waitedMs += POLL_MS) {
      if (readFileSync(this.#stdout, 'utf8').startsWith('ready')) return pid;
      if (startTicksOf(pid) === undefined) break;
      await sleep(POLL_MS);
    }
    throw new BenchError('runFailed', `Expected the payload in container ${this.id} to say "ready", got ${JSON.stringify(this.#readOutput())}`, {
      hint: 'Does the profile forbid write, or what the payload sleeps with?',
    });
  }

  async kill(pid: number): Promise<void> {
    const ticks = startTicksOf(pid);
    await this.#call('kill', [], {}, ['KILL']);
    for (let waitedMs = 0; waitedMs < READY_LIMIT_MS && ticks !== undefined && startTicksOf(pid) === ticks; waitedMs += POLL_MS) await sleep(POLL_MS);
  }

  async remove(): Promise<RemovedContainer> {
    await this.dispose();
    return { state: 'removed', id: this.id };
  }

  async dispose(): Promise<void> {
    if (this.#removed) return;
    this.#removed = true;
    await this.#runtime.delete(this.id);
    for (const file of [this.#stdout, this.#stderr, this.#pidFile]) rmSync(file, { force: true });
  }

  async #call(verb: string, options: readonly string[], files: { readonly stdoutFile?: string; readonly stderrFile?: string } = {}, after: readonly string[] = []): Promise<void> {
    const { runtime, rootOf, env } = this.#runtime;
    const { exitCode, stderr } = await runTool(runtime, ['--root', rootOf(this.id), verb, ...options, this.id, ...after], { env, ...files });
    if (exitCode === 0) return;
    const words = stderr.trim() || this.#readOutput() || 'no message';
    await this.dispose();
    throw new BenchError('runFailed', `Expected ${runtime} ${verb} to work, got exit code ${exitCode}: ${words}`);
  }

  #readOutput(): string {
    return [this.#stderr, this.#stdout].map((file) => {
      try {
        return readFileSync(file, 'utf8').trim();
      } catch {
        return '';
      }
    }).filter(Boolean).join(' ');
  }
}
