import type { Readable } from 'node:stream';

/** Why an answer is of no use; a fault of what listens there, not of the request. */
export type FaultCode =
  /** It did not come, or not to its end, in time. */
  | 'NO_ANSWER'
  /** It leads to another address, which bench does not follow. */
  | 'REDIRECT'
  /** It is not what Docker's API answers. */
  | 'NOT_UNDERSTOOD'
  /** It does not end. */
  | 'TOO_LARGE';

/** A daemon that answers with something of no use. The message begins with the request: `GET /info: ...`. */
export class DaemonFault extends Error {
  override readonly name = 'DaemonFault';
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Far more than any answer that bench reads to its end. */
const MOST_ANSWER_BYTES = 16 * 2 ** 20;

/** A whole body. Rejects where it is cut off or larger than any answer; the stream is closed then. */
export async function bytesOf(
  stream: AsyncIterable<unknown>,
  request: string,
  mostBytes = MOST_ANSWER_BYTES,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
    total += (chunk as Buffer).length;
    if (total > mostBytes)
      throw new DaemonFault('TOO_LARGE', `${request}: the answer is larger than ${mostBytes / 2 ** 20} MiB`);
  }
  return Buffer.concat(chunks);
}

export async function textOf(stream: AsyncIterable<unknown>, request: string): Promise<string> {
  return (await bytesOf(stream, request)).toString('utf8');
}

/** The same stream, which is closed with a {@link DaemonFault} where it has not ended in time. */
export function endingWithin<Stream extends Readable>(stream: Stream, limitMs: number, request: string): Stream {
  const timer = setTimeout(() => {
    stream.destroy(new DaemonFault('NO_ANSWER', `${request}: no complete answer within ${limitMs / 1000} s`));
  }, limitMs);
  stream.once('close', () => {
    clearTimeout(timer);
  });
  return stream;
}

type FieldType = 'string' | 'number' | 'boolean' | 'object' | 'list';

/** Fields that are read without a further look, and their types; `?`: may be absent. */
type Fields = Readonly<Record<string, FieldType | `${FieldType}?`>>;

/** An answer with the fields that bench reads. Throws a {@link DaemonFault} where it is another thing. */
export function objectIn(answer: unknown, fields: Fields, request: string): object {
  if (!isObject(answer)) throw notUnderstood(request, `expected a JSON object, got ${inShort(answer)}`);
  for (const [name, type] of Object.entries(fields)) {
    const value = answer[name] ?? undefined;
    const isAbsent = value === undefined && type.endsWith('?');
    const wanted = type.replace('?', '');
    if (isAbsent || (Array.isArray(value) ? 'list' : typeof value) === wanted) continue;
    throw notUnderstood(request, `expected ${name} to be of type ${wanted}, got ${inShort(value)}`);
  }
  return answer;
}

/** A list of such answers; `null` is Go's empty list. */
export function listIn(answer: unknown, fields: Fields, request: string): readonly object[] {
  if (answer === null) return [];
  if (!Array.isArray(answer)) throw notUnderstood(request, `expected a JSON list, got ${inShort(answer)}`);
  return answer.map((each) => objectIn(each, fields, request));
}

const notUnderstood = (request: string, words: string): DaemonFault =>
  new DaemonFault('NOT_UNDERSTOOD', `${request}: ${words}`);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);

const MOST_SHOWN = 60;

/** A value as it came, on one line. */
function inShort(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = Buffer.isBuffer(value) ? value.toString('utf8') : JSON.stringify(value);
  if (text === '') return 'nothing';
  return JSON.stringify(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text);
}
