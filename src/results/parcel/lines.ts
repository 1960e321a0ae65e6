import { BenchError, invalidValue } from '../../errors.js';
import { END, HEAD, MOST, PART, sha256, type Head, type PackedEnd } from './format.js';

/** What a job's output has of parcels, read once from its beginning to its end. */
export interface ParcelLines {
  readonly heads: readonly Head[];
  /** The base64 text of each part, by parcel and number. */
  readonly parts: ReadonlyMap<number, ReadonlyMap<number, string>>;
  /** Absent where the output ends before the job did. */
  readonly end?: PackedEnd;
  /** Number of heads, also of those that are not taken. */
  readonly sent: number;
  /** What is wrong with heads, one line each. */
  readonly faults: readonly string[];
}

export function readLines(output: string): ParcelLines {
  const reader = new LineReader();
  for (let at = 0; at < output.length;) {
    const next = output.indexOf('\n', at);
    const end = next === -1 ? output.length : next;
    reader.take(output.slice(at, end));
    at = end + 1;
  }
  return reader.result();
}

class LineReader {
  readonly #heads = new Map<number, Head>();
  readonly #names = new Set<string>();
  readonly #parts = new Map<number, Map<number, string>>();
  readonly #faults: string[] = [];
  #sent = 0;
  #end: PackedEnd | undefined;

  take(line: string): void {
    if (line.startsWith(`${PART} `)) this.#takePart(line.slice(PART.length + 1));
    else if (line.startsWith(`${HEAD} `)) this.#takeHead(line.slice(HEAD.length + 1));
    else if (line.startsWith(`${END} `)) this.#end = readEnd(line.slice(END.length + 1));
  }

  result(): ParcelLines {
    const more = this.#sent - MOST.parcels;
    const faults =
      more > 0 ? [...this.#faults, `${more} more results folders: ${MOST.parcels} are taken`] : this.#faults;
    const heads = [...this.#heads.values()];
    const [parts, sent, end] = [this.#parts, this.#sent, this.#end];
    return { heads, parts, sent, faults, ...(end === undefined ? {} : { end }) };
  }

  #takeHead(text: string): void {
    this.#sent += 1;
    if (this.#sent > MOST.parcels) return;
    try {
      const head = readHead(text);
      const isTaken = this.#heads.has(head.index) || this.#names.has(head.name);
      if (isTaken) throw new BenchError('input', `${head.name}: it was sent twice`);
      this.#heads.set(head.index, head);
      this.#names.add(head.name);
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      this.#faults.push(error.message);
    }
  }

  /** Parts may come in any order, also before their head. */
  #takePart(text: string): void {
    const [index = '', part = '', content = ''] = text.split(' ', 3);
    if (!isBelow(Number(index), MOST.parcels) || !isBelow(Number(part), MOST.parts)) return;
    const own = this.#parts.get(Number(index)) ?? new Map<number, string>();
    own.set(Number(part), content);
    this.#parts.set(Number(index), own);
  }
}

const isBelow = (value: unknown, limit: number): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < limit;

/** The last end counts: a line that is cut, or nonsense, is none. */
function readEnd(text: string): PackedEnd | undefined {
  try {
    const { exitCode, words, results } = JSON.parse(text) as Partial<Record<keyof PackedEnd, unknown>>;
    if (!isBelow(exitCode, 256) || typeof words !== 'string' || !isBelow(results, 1e9)) return undefined;
    return { exitCode: exitCode as number, words: words.slice(0, MOST_WORDS), results: results as number };
  } catch {
    return undefined;
  }
}

const MOST_WORDS = 4000;

/** As the names of results folders are; never one that leads elsewhere. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,249}$/;

function readHead(text: string): Head {
  const head = parsedObject(text, 'parcel') as Partial<Record<keyof Head, unknown>>;
  const fits =
    head.format === 1 &&
    isBelow(head.index, MOST.parcels) &&
    typeof head.name === 'string' &&
    NAME.test(head.name) &&
    isBelow(head.parts, MOST.parts + 1) &&
    typeof head.sha256 === 'string';
  if (!fits) throw invalidValue('parcel', 'a head of format 1', text.slice(0, 200), { code: 'input' });
  return head as Head;
}

/** The gzipped bytes of a parcel. Throws `input` where they are not all there, or not those that were sent. */
export function bytesOf({ index, name, parts, sha256: wanted }: Head, lines: Pick<ParcelLines, 'parts'>): Buffer {
  const came = lines.parts.get(index) ?? new Map<number, string>();
  const numbers = Array.from({ length: parts }, (_, part) => part);
  const missing = numbers.filter((part) => !came.has(part));
  if (missing.length > 0) {
    const got = `${parts - missing.length} (part ${(missing[0] ?? 0) + 1} is missing)`;
    throw invalidValue(name, `${parts} parts`, got, { code: 'input' });
  }
  const bytes = Buffer.from(numbers.map((part) => came.get(part) ?? '').join(''), 'base64');
  const got = sha256(bytes);
  if (got !== wanted) throw invalidValue(name, `SHA-256 ${wanted.slice(0, 64)} of the parcel`, got, { code: 'input' });
  return bytes;
}

/** Throws `input` for any other text. */
export function parsedObject(text: string, what: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw invalidValue(what, 'a JSON object', text.slice(0, 80), { code: 'input' });
}
