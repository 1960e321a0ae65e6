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
const POWERS = Float64Array.from({ length: MOST_AT_ONCE + 1 }, (_, digits) => 10 ** digits);

/**
 * An expected text of at least eight bytes, compared eight bytes at a time, as doubles: no printable text is NaN or 0,
 * so that doubles are equal where their bytes are. The last eight bytes may overlap others.
 */
interface Expected {
  readonly length: number;
  readonly words: Float64Array;
  /** Offset of each word. */
  readonly places: Int32Array;
}

function expectedOf(text: string): Expected {
  const bytes = Buffer.from(text, 'latin1');
  const places = Int32Array.from({ length: Math.ceil(bytes.length / 8) }, (_, i) => Math.min(8 * i, bytes.length - 8));
  return { length: bytes.length, words: Float64Array.from(places, (place) => bytes.readDoubleLE(place)), places };
}

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
  readonly #tail = TAIL.map(expectedOf);
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
    this.startNs = this.#named(0);
    this.wallNs = this.#named(1);
    this.userNs = this.#named(2);
    this.systemNs = this.#named(3);
    this.maxRssKiB = this.#named(4);
    this.minorFaults = this.#named(5);
    this.majorFaults = this.#named(6);
    this.voluntarySwitches = this.#named(7);
    this.involuntarySwitches = this.#named(8);
    if (this.#isBroken() || !this.#close()) return false;
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

  /** The number after the next text of the tail; where either is missing, the line is broken. */
  #named(place: number): number {
    const name = this.#tail[place];
    if (name !== undefined && this.#skip(name)) return this.#whole();
    this.#broken = true;
    return 0;
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
    for (let i = 0; i < words.length; i++)
      if (view.getFloat64(from + (places[i] ?? 0), true) !== words[i]) return false;
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
    const first = this.#digits(from);
    let at = this.#at;
    if (at === from || (at > from + 1 && bytes[from] === ZERO)) this.#broken = true;
    if (at < from + MOST_AT_ONCE) return first;
    const rest = this.#digits(at);
    const more = this.#at - at;
    at = this.#at;
    if (at - from > MOST_DIGITS) this.#broken = true;
    return first * (POWERS[more] ?? Number.NaN) + rest;
  }

  /** The number of up to nine digits at a place, and moves behind them; 0 for none. */
  #digits(from: number): number {
    const bytes = this.#bytes;
    const end = from + MOST_AT_ONCE;
    let at = from;
    let value = 0;
    let digit = (bytes[at] ?? 0) - ZERO;
    while (digit >= 0 && digit <= 9 && at < end) {
      value = (Math.imul(10, value) + digit) | 0;
      digit = (bytes[++at] ?? 0) - ZERO;
    }
    this.#at = at;
    return value;
  }
}
