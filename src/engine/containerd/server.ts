import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { Exit, LaunchCommand, StartedServer } from '../../model/container/container.js';
import { Child } from '../../process/child.js';
import { END_MS, READY_MS } from '../waiting/deadlines.js';

const STOP_AGAIN_MS = 200;

/**
 * A server as `ctr run` starts it, in the foreground. It passes on what the server writes: a file that the shim writes
 * (`--log-uri`) misses the stderr of one that ends at once, a third of the time with containerd 1.6.20.
 */
interface ContainerdServing {
  readonly command: LaunchCommand;
  /** The folder of the streams between the shim and ctr. */
  readonly fifos: string;
  /** Where ctr writes the pid of the container's first process. */
  readonly pidFile: string;
  /** Kills the container's processes. */
  readonly stop: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Starts a server, and waits until its first process is there. */
export async function serveWithCtr(serving: ContainerdServing): Promise<StartedServer> {
  const { command, pidFile, signal } = serving;
  const server = new CtrServer(new Child(command), serving);
  await server.ctr.until(() => signal.aborted || pidIn(pidFile) !== null, READY_MS);
  server.pid = pidIn(pidFile);
  return server;
}

class CtrServer implements StartedServer {
  pid: number | null = null;
  readonly ctr: Child;
  readonly #serving: ContainerdServing;
  #errors = '';

  constructor(ctr: Child, serving: ContainerdServing) {
    this.ctr = ctr;
    this.#serving = serving;
  }

  said(): string {
    this.#errors += this.ctr.takeErrors();
    return [this.ctr.output, this.#errors].filter((text) => text !== '').join('\n');
  }

  end(limitMs: number): Promise<Exit | undefined> {
    return this.ctr.end(limitMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { stop, fifos, pidFile } = this.#serving;
    const byMs = performance.now() + END_MS;
    // A container that is still being made has no process to kill yet.
    while ((await this.ctr.end(0)) === undefined && performance.now() < byMs) {
      await stop();
      await this.ctr.end(STOP_AGAIN_MS);
    }
    await this.ctr[Symbol.asyncDispose]();
    for (const path of [fifos, pidFile]) rmSync(path, { recursive: true, force: true });
  }
}

function pidIn(file: string): number | null {
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}
