import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

const HEADER_BYTES = 8;
const STDERR = 2;

export interface AttachedOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Keeps what a container writes, from a stream that was attached before it started. */
export class OutputCollector {
  /** Resolves at the end of the stream, however it ends. */
  readonly ended: Promise<void>;
  readonly #stream: Readable;
  readonly #chunks: Buffer[] = [];

  constructor(stream: Readable) {
    this.#stream = stream;
    this.ended = new Promise((resolve) => {
      for (const event of ['end', 'close', 'error'])
        stream.on(event, () => {
          resolve();
        });
    });
    stream.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
    });
  }

  /** What came until now. */
  get soFar(): AttachedOutput {
    return splitFrames(Buffer.concat(this.#chunks));
  }

  close(): void {
    this.#stream.destroy();
  }

  /** Waits for the end, at most `limitMs`, and gives what came. */
  async take(limitMs: number): Promise<AttachedOutput> {
    const over = new AbortController();
    await Promise.race([this.ended, sleep(limitMs, undefined, { signal: over.signal }).catch(() => undefined)]);
    over.abort();
    this.close();
    return this.soFar;
  }
}

/**
 * Tells stdout from stderr: each frame has a header of 8 bytes, the stream's number first and the length (big endian)
 * last.
 */
export function splitFrames(bytes: Buffer): AttachedOutput {
  const texts = { stdout: '', stderr: '' };
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 4);
    texts[bytes[at] === STDERR ? 'stderr' : 'stdout'] += bytes.toString(
      'utf8',
      at + HEADER_BYTES,
      Math.min(end, bytes.length),
    );
    at = end;
  }
  return texts;
}
