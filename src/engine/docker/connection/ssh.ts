import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex } from 'node:stream';
import { BenchError } from '../../../errors.js';

const LAST_WORDS = 2000;

/**
 * Connections through the user's own `ssh`, with their keys, configuration and known hosts; at the other end `docker
 * system dial-stdio` connects each one to the daemon.
 */
export function sshAgent(url: URL): Agent {
  const agent = new Agent({ keepAlive: false });
  const target = [
    ...(url.username === '' ? [] : ['-l', decodeURIComponent(url.username)]),
    ...(url.port === '' ? [] : ['-p', url.port]),
    '--',
    url.hostname,
  ];
  agent.createConnection = () => connect(target);
  return agent;
}

function connect(target: readonly string[]): Duplex {
  return new SshStream(
    spawn('ssh', ['-o', 'BatchMode=yes', '-T', ...target, 'docker', 'system', 'dial-stdio'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    }),
  );
}

/**
 * A connection to the remote daemon. It ends when ssh has ended, not with its output: only then is the reason known.
 */
class SshStream extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;
  #words = '';

  constructor(child: ChildProcessWithoutNullStreams) {
    super();
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#words = (this.#words + chunk.toString()).slice(-LAST_WORDS);
    });
    // The end of ssh is handled below.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => {
      this.destroy(error);
    });
    child.on('close', (code) => {
      this.#end(code);
    });
  }

  #end(code: number | null): void {
    if (code === 0) this.push(null);
    else
      this.destroy(
        new BenchError(
          'environment',
          `ssh could not reach the engine: exit code ${code ?? 'none'}: ${this.#words.trim()}`,
          { hint: 'Does ssh to that host work without a password, and is docker installed there?' },
        ),
      );
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#child.stdin.write(chunk, () => {
      done();
    });
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(() => {
      done();
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }
}
