import type { OkRow } from '../../model/results/sample-table.js';

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
/** Their number is below 2^31. */
const MOST_AT_ONCE = 9;

/**
 * An expected text of at least eight bytes, compared eight bytes at a time, as doubles: no printable text is NaN or 0,
 * so that doubles are equal where their bytes are. The last eight bytes may overlap others.
 */
interface Expected {
  readonly length: number;
  /** The last one ends where the text does. */
  readonly words: Float64Array;
}

function expectedOf(text: string): Expected {
  const bytes = Buffer.from(text, 'latin1');
  const words = Float64Array.from({ length: Math.ceil(bytes.length / 8) }, (_, i) =>
    bytes.readDoubleLE(Math.min(8 * i, bytes.length - 8)),
  );
  return { length: bytes.length, words };
}

/** The texts of the tail one after the other: a loop over three flat arrays is faster than one over objects. */
const TAIL_TEXTS = TAIL.map(expectedOf);
const TAIL_WORDS = Float64Array.from(TAIL_TEXTS.flatMap(({ words }) => [...words]));
/** Where the words of each text start; and where those of the last one end. */
const TAIL_STARTS = Int32Array.from([...TAIL_TEXTS.keys(), TAIL_TEXTS.length], (place) =>
  TAIL_TEXTS.slice(0, place).reduce((sum, { words }) => sum + words.length, 0),
);
const TAIL_LENGTHS = Int32Array.from(TAIL_TEXTS, ({ length }) => length);

const PLAIN = /^[\x20-\x7e]+$/;

/** The least bytes of a line that is read here: every value one digit, the arm one letter, without its newline. */
export const SHORTEST_LINE = [HEAD[0], HEAD[2], ARM, 'x', INDEX, ...TAIL, '}'].join('').length + 3 + TAIL.length;

/**
 * Reads the lines of ok containers, nearly all of a long run, directly from the bytes: several times faster than
 * JSON.parse, but only for lines exactly as this program writes them. All others are left to JSON.parse.
 */
export class OkLineReader implements OkRow {
  /** End of the last line that was read, its newline included. */
  end = 0;
  block = 0;
  warmup = false;
  position = 0;
  arm = 0;
  index = 0;
  startNs = 0;
  wallNs = 0;
  userNs = 0;
  systemNs = 0;
  maxRssKiB = 0;
  minorFaults = 0;
  majorFaults = 0;
  voluntarySwitches = 0;
  involuntarySwitches = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  readonly #head = HEAD.map(expectedOf) as unknown as Readonly<Record<0 | 1 | 2, Expected>>;
  readonly #values = new Float64Array(TAIL.length);
  readonly #arms: readonly { readonly place: number; readonly text: Expected }[];
  #broken = false;

  constructor(arms: readonly string[]) {
    // Names that JSON escapes never match; JSON.parse reads their lines.
    this.#arms = arms.flatMap((name, place) =>
      PLAIN.test(name) && !/["\\]/.test(name) ? [{ place, text: expectedOf(`${ARM}${name}${INDEX}`) }] : [],
    );
  }

  /** The bytes with the next lines. */
  open(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Reads the line at `from` into the fields; false, and they mean nothing, where it is different or incomplete. */
  read(from: number): boolean {
    this.#at = from;
    if (!this.#skip(this.#head[0])) return false;
    this.#broken = false;
    this.block = this.#whole();
    this.warmup = this.#isWarmup();
    this.position = this.#whole();
    this.arm = this.#armPlace();
    this.index = this.#whole();
    if (this.#isBroken()) return false;
    if (!this.#readTail()) return false;
    const values = this.#values;
    this.startNs = values[0] ?? 0;
    this.wallNs = values[1] ?? 0;
    this.userNs = values[2] ?? 0;
    this.systemNs = values[3] ?? 0;
    this.maxRssKiB = values[4] ?? 0;
    this.minorFaults = values[5] ?? 0;
    this.majorFaults = values[6] ?? 0;
    this.voluntarySwitches = values[7] ?? 0;
    this.involuntarySwitches = values[8] ?? 0;
    if (!this.#close()) return false;
    this.end = this.#at;
    return true;
  }

  #isBroken(): boolean {
    return this.#broken;
  }

  #isWarmup(): boolean {
    if (this.#skip(this.#head[1])) return false;
    if (!this.#skip(this.#head[2])) this.#broken = true;
    return true;
  }

  #armPlace(): number {
    for (const { place, text } of this.#arms) if (this.#skip(text)) return place;
    this.#broken = true;
    return 0;
  }

  /** The numbers of the tail, each after its text: most of a line, so in one loop that keeps its place to itself. */
  #readTail(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let place = 0; place < TAIL.length; place++) {
      if (!this.#isTail(place, at)) return false;
      const start = (at += TAIL_LENGTHS[place] ?? 0);
      // As in #whole.
      let digit = (bytes[at] ?? 0) - ZERO;
      let value = 0;
      while (digit >= 0 && digit <= 9 && at < start + MOST_AT_ONCE) {
        value = (Math.imul(10, value) + digit) | 0;
        digit = (bytes[++at] ?? 0) - ZERO;
      }
      this.#values[place] = digit >= 0 && digit <= 9 ? this.#longer(value, at) : value;
      at = Math.max(at, this.#at);
      if (at === start || at - start > MOST_DIGITS || (at > start + 1 && bytes[start] === ZERO)) return false;
    }
    this.#at = at;
    return true;
  }

  /** Whether the tail's text of that place is there. */
  #isTail(place: number, at: number): boolean {
    const view = this.#view;
    const length = TAIL_LENGTHS[place] ?? 0;
    if (at + length > view.byteLength) return false;
    let word = TAIL_STARTS[place] ?? 0;
    const last = (TAIL_STARTS[place + 1] ?? 0) - 1;
    for (let from = at; word < last; word++, from += 8)
      if (view.getFloat64(from, true) !== TAIL_WORDS[word]) return false;
    return view.getFloat64(at + length - 8, true) === TAIL_WORDS[last];
  }

  /** A number of which the first digits are known, and moves behind it. */
  #longer(first: number, from: number): number {
    const bytes = this.#bytes;
    let at = from;
    let value = first;
    let digit = (bytes[at] ?? 0) - ZERO;
    while (digit >= 0 && digit <= 9) {
      value = 10 * value + digit;
      digit = (bytes[++at] ?? 0) - ZERO;
    }
    this.#at = at;
    return value;
  }

  #close(): boolean {
    const view = this.#view;
    const at = this.#at;
    if (at + 2 > view.byteLength || view.getUint16(at, true) !== END) return false;
    this.#at = at + 2;
    return true;
  }

  #skip({ length, words }: Expected): boolean {
    const view = this.#view;
    const from = this.#at;
    if (from + length > view.byteLength) return false;
    const last = words.length - 1;
    for (let i = 0; i < last; i++) if (view.getFloat64(from + 8 * i, true) !== words[i]) return false;
    if (view.getFloat64(from + length - 8, true) !== words[last]) return false;
    this.#at = from + length;
    return true;
  }

  /**
   * A whole number without a sign, as in JSON: no leading 0. A number never ends a line, so another byte follows.
   * Up to nine digits are added up as 32-bit numbers, which takes half the time of doubles.
   */
  #whole(): number {
    const bytes = this.#bytes;
    const from = this.#at;
    let at = from;
    let value = 0;
    let digit = (bytes[at] ?? 0) - ZERO;
    while (digit >= 0 && digit <= 9 && at < from + MOST_AT_ONCE) {
      value = (Math.imul(10, value) + digit) | 0;
      digit = (bytes[++at] ?? 0) - ZERO;
    }
    this.#at = at;
    if (digit >= 0 && digit <= 9) value = this.#longer(value, at);
    const digits = this.#at - from;
    if (digits === 0 || digits > MOST_DIGITS || (digits > 1 && bytes[from] === ZERO)) this.#broken = true;
    return value;
  }
}
