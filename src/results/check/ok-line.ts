import type { OkSample } from '../../model/results/sample.js';

/** The texts between the values in the line of an ok container, as JSON.stringify writes it. */
const HEAD = ['{"kind":"container","block":', ',"warmup":false,"position":', ',"warmup":true,"position":'] as const;
const ARM = ',"arm":"';
const INDEX = '","index":';
const TAIL = [
  ',"state":"ok","startNs":',
  ',"wallNs":',
  ',"userNs":',
  ',"systemNs":',
  ',"maxRssKiB":',
  ',"minorFaults":',
  ',"majorFaults":',
  ',"voluntarySwitches":',
  ',"involuntarySwitches":',
] as const;
/** `}` and a newline, little-endian. */
const END = 0x0a7d;

const ZERO = 0x30;
/** Longer numbers might not be exact. */
const MOST_DIGITS = 15;
const WRONG = -1;

/** An expected text of at least four bytes, compared four bytes at a time; the last four may overlap others. */
interface Expected {
  readonly length: number;
  readonly words: Int32Array;
  /** Offset of each word. */
  readonly places: Int32Array;
}

function expectedOf(text: string): Expected {
  const bytes = Buffer.from(text, 'latin1');
  const places = Int32Array.from({ length: Math.ceil(bytes.length / 4) }, (_, i) => Math.min(4 * i, bytes.length - 4));
  return { length: bytes.length, words: Int32Array.from(places, (place) => bytes.readInt32LE(place)), places };
}

const PLAIN = /^[\x20-\x7e]+$/;

/**
 * Reads the lines of ok containers, nearly all of a long run, directly from the bytes: several times faster than
 * JSON.parse, but only for lines exactly as this program writes them. All others are left to JSON.parse.
 */
export class OkLineReader {
  /** End of the last line that was read, its newline included. */
  end = 0;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  readonly #head = HEAD.map(expectedOf) as unknown as Readonly<Record<0 | 1 | 2, Expected>>;
  readonly #tail = TAIL.map(expectedOf);
  readonly #arms: readonly { readonly name: string; readonly text: Expected }[];
  #broken = false;

  constructor(arms: readonly string[]) {
    // Names that JSON escapes never match; JSON.parse reads their lines.
    this.#arms = arms
      .filter((name) => PLAIN.test(name) && !/["\\]/.test(name))
      .map((name) => ({ name, text: expectedOf(`${ARM}${name}${INDEX}`) }));
  }

  /** The bytes with the next lines. */
  open(bytes: Uint8Array): void {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The sample in the line at `from`; `null` where the line is different or incomplete. */
  read(from: number): OkSample | null {
    this.#at = from;
    const block = this.#skip(this.#head[0]) ? this.#whole() : WRONG;
    const warmup = block === WRONG ? null : this.#warmup();
    const position = warmup === null ? WRONG : this.#whole();
    const arm = position === WRONG ? null : this.#arm();
    const index = arm === null ? WRONG : this.#whole();
    if (warmup === null || arm === null || index === WRONG) return null;
    this.#broken = false;
    // Not through an array of doubles, where every number would become a separate object.
    const sample: OkSample = {
      kind: 'container',
      block,
      warmup,
      position,
      arm,
      index,
      state: 'ok',
      startNs: this.#named(0),
      wallNs: this.#named(1),
      userNs: this.#named(2),
      systemNs: this.#named(3),
      maxRssKiB: this.#named(4),
      minorFaults: this.#named(5),
      majorFaults: this.#named(6),
      voluntarySwitches: this.#named(7),
      involuntarySwitches: this.#named(8),
    };
    if (this.#isBroken() || !this.#close()) return null;
    this.end = this.#at;
    return sample;
  }

  #isBroken(): boolean {
    return this.#broken;
  }

  #warmup(): boolean | null {
    return this.#skip(this.#head[1]) ? false : this.#skip(this.#head[2]) ? true : null;
  }

  #arm(): string | null {
    for (const { name, text } of this.#arms) if (this.#skip(text)) return name;
    return null;
  }

  /** The number after the next text of the tail; where either is missing, the line is broken. */
  #named(place: number): number {
    const name = this.#tail[place];
    const value = name !== undefined && this.#skip(name) ? this.#whole() : WRONG;
    if (value === WRONG) this.#broken = true;
    return value;
  }

  #close(): boolean {
    const view = this.#view;
    const at = this.#at;
    if (at + 2 > view.byteLength || view.getUint16(at, true) !== END) return false;
    this.#at = at + 2;
    return true;
  }

  #skip({ length, words, places }: Expected): boolean {
    const view = this.#view;
    const from = this.#at;
    if (from + length > view.byteLength) return false;
    for (let i = 0; i < words.length; i++) if (view.getInt32(from + (places[i] ?? 0), true) !== words[i]) return false;
    this.#at = from + length;
    return true;
  }

  /** A whole number without a sign, as in JSON: no leading 0. A number never ends a line, so another byte follows. */
  #whole(): number {
    const view = this.#view;
    const from = this.#at;
    const last = view.byteLength;
    let at = from;
    let value = 0;
    let digit = at < last ? view.getUint8(at) - ZERO : WRONG;
    const first = digit;
    while (digit >= 0 && digit <= 9) {
      value = 10 * value + digit;
      digit = ++at < last ? view.getUint8(at) - ZERO : WRONG;
    }
    const digits = at - from;
    if (digits === 0 || digits > MOST_DIGITS || (digits > 1 && first === 0)) return WRONG;
    this.#at = at;
    return value;
  }
}
