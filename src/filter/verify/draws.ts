import { createCipheriv, createHash } from 'node:crypto';

const WORDS = 512;
const WORD_BYTES = 8;

/** Random words, the same for the same seed on every machine: the key stream of AES-128 in counter mode. */
export class Draws {
  readonly #cipher;
  #words = Buffer.alloc(0);
  #at = 0;

  constructor(seed: number) {
    const key = createHash('sha256').update(String(seed)).digest().subarray(0, 16);
    this.#cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  }

  /** 0 to 2^64-1. */
  word(): bigint {
    if (this.#at === this.#words.length) {
      this.#words = this.#cipher.update(Buffer.alloc(WORDS * WORD_BYTES));
      this.#at = 0;
    }
    this.#at += WORD_BYTES;
    return this.#words.readBigUInt64LE(this.#at - WORD_BYTES);
  }

  /** 0 to `end` - 1; for the small ends here the bias of the remainder means nothing. */
  below(end: number): number {
    return Number(this.word() % BigInt(end));
  }

  /** One of some things. Throws for none. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(Math.max(1, items.length))];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }
}
