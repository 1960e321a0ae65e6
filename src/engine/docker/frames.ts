import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

const HEADER_BYTES = 8;
const STDERR = 2;
/** What a container writes beyond this is read and dropped. */
const MOST_OUTPUT_BYTES = 16 * 2 ** 20;

export interface AttachedOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Collects what a container writes, from a stream attached before it starts. */
export class OutputCollector {
  /** Resolves at the end of the stream, however it ends. */
  readonly ended: Promise<void>;
  readonly #stream: Readable;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(stream: Readable) {
    this.#stream = stream;
    this.ended = new Promise((resolve) => {
      for (const event of ['end', 'close', 'error'])
        stream.on(event, () => {
          resolve();
        });
    });
    stream.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
      if (this.#bytes <= MOST_OUTPUT_BYTES) this.#chunks.push(chunk);
    });
  }

  /** What has arrived so far. */
  get soFar(): AttachedOutput {
    return splitFrames(Buffer.concat(this.#chunks));
  }

  close(): void {
    this.#stream.destroy();
  }

  /** Waits at most `limitMs` for the end, and gives what has arrived. */
  async take(limitMs: number): Promise<AttachedOutput> {
    const over = new AbortController();
    await Promise.race([this.ended, sleep(limitMs, undefined, { signal: over.signal }).catch(() => undefined)]);
    over.abort();
    this.close();
    return this.soFar;
  }
}

/**
 * Separates stdout from stderr: each frame has a header of 8 bytes that starts with the number of the stream and ends
 * with the length (big endian).
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
