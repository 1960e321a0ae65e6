import { invalidValue } from '../errors.js';
import { escapeEnd, unescapeAsGo, type Unescape } from './strings.js';

/** One `"key": value` of an object; equal keys stay separate. */
export interface JsonMember {
  readonly key: string;
  readonly value: JsonNode;
}

/** A JSON value without loss: numbers keep their text, objects all their members. */
export type JsonNode =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: JsonNode[] }
  | { readonly kind: 'object'; readonly members: JsonMember[] };

/** Finds the profile in a larger document, and takes out what its form does not have. */
export type Within = (document: JsonNode) => JsonNode;

/** What a parser of JSON accepts beyond RFC 8259, and how it decodes a string's raw text. */
export interface JsonGrammar {
  readonly unescape: Unescape;
  /** Deeper nesting is refused. */
  readonly maxDepth: number;
  /** The characters between values. */
  readonly space: string;
  /** Whether block and line comments are space. */
  readonly comments: boolean;
  /** What to do about a file with another syntax. */
  readonly hint: string;
}

/** Go's encoding/json: no byte order mark, comments, trailing commas or raw control characters in strings. */
export const GO_GRAMMAR: JsonGrammar = {
  unescape: unescapeAsGo,
  maxDepth: 10_000,
  space: ' \n\r\t',
  comments: false,
  hint: 'The file must be plain JSON: no comments, no trailing commas, no byte order mark.',
};

type Frame =
  | { readonly kind: 'array'; readonly node: JsonNode; readonly items: JsonNode[] }
  | { readonly kind: 'object'; readonly node: JsonNode; readonly members: JsonMember[]; key: string };

/**
 * Parses JSON by the grammar of one parser. Throws `input` with file, line and column. It does not recurse, so depth
 * costs no stack. Where `places` is given, the offset of every string that is a value is put there.
 */
export function parseJson(
  text: string,
  fileName: string,
  grammar: JsonGrammar = GO_GRAMMAR,
  places?: Map<JsonNode, number>,
): JsonNode {
  return new JsonParser(text, fileName, grammar, places).document();
}

class JsonParser {
  private at = 0;
  private readonly frames: Frame[] = [];

  constructor(
    private readonly text: string,
    private readonly fileName: string,
    private readonly grammar: JsonGrammar,
    private readonly places?: Map<JsonNode, number>,
  ) {}

  document(): JsonNode {
    this.skipSpace();
    if (this.at >= this.text.length) this.fail('a JSON object');
    for (;;) {
      const value = this.value();
      const root = value === undefined ? undefined : this.close(value);
      if (root !== undefined) return root;
    }
  }

  /** Reads a scalar or an empty container; opens any other container and returns nothing. */
  private value(): JsonNode | undefined {
    this.skipSpace();
    const char = this.text[this.at];
    if (char === '{') return this.openObject();
    if (char === '[') return this.openArray();
    if (char === '"') return this.textNode();
    if (char === 't') return this.literal('true', { kind: 'boolean', value: true });
    if (char === 'f') return this.literal('false', { kind: 'boolean', value: false });
    if (char === 'n') return this.literal('null', { kind: 'null' });
    return this.number();
  }

  /** Adds a finished value to its container; returns the document after the last value. */
  private close(finished: JsonNode): JsonNode | undefined {
    let value = finished;
    for (;;) {
      const frame = this.frames.at(-1);
      this.skipSpace();
      if (frame === undefined) return this.end(value);
      if (frame.kind === 'array') frame.items.push(value);
      else frame.members.push({ key: frame.key, value });
      const char = this.text[this.at];
      if (char === ',') {
        this.at += 1;
        if (frame.kind === 'object') frame.key = this.key();
        return undefined;
      }
      if (char !== (frame.kind === 'array' ? ']' : '}'))
        this.fail(frame.kind === 'array' ? "',' or ']'" : "',' or '}'");
      this.at += 1;
      this.frames.pop();
      value = frame.node;
    }
  }

  private end(value: JsonNode): JsonNode {
    if (this.at < this.text.length) this.fail('nothing after the JSON value');
    return value;
  }

  private openObject(): JsonNode | undefined {
    const members: JsonMember[] = [];
    const node: JsonNode = { kind: 'object', members };
    this.enter();
    if (this.text[this.at] === '}') return this.leave(node);
    this.frames.push({ kind: 'object', node, members, key: this.key() });
    return undefined;
  }

  private openArray(): JsonNode | undefined {
    const items: JsonNode[] = [];
    const node: JsonNode = { kind: 'array', items };
    this.enter();
    if (this.text[this.at] === ']') return this.leave(node);
    this.frames.push({ kind: 'array', node, items });
    return undefined;
  }

  private enter(): void {
    const { maxDepth } = this.grammar;
    if (this.frames.length >= maxDepth) this.fail(`at most ${maxDepth} nested levels`, 'No profile has that many.');
    this.at += 1;
    this.skipSpace();
  }

  private leave(node: JsonNode): JsonNode {
    this.at += 1;
    return node;
  }

  private key(): string {
    this.skipSpace();
    if (this.text[this.at] !== '"') this.fail('a key in double quotes');
    const key = this.string();
    this.skipSpace();
    if (this.text[this.at] !== ':') this.fail("':' after the key");
    this.at += 1;
    return key;
  }

  private string(): string {
    const start = this.at + 1;
    for (this.at = start; ; this.at += 1) {
      const code = this.text.charCodeAt(this.at);
      if (code === 0x22) break;
      if (Number.isNaN(code)) this.fail('the closing double quote of a string');
      if (code < 0x20) this.fail('control characters in strings to be escaped');
      if (code === 0x5c) this.skipEscape();
    }
    this.at += 1;
    return this.grammar.unescape(this.text.slice(start, this.at - 1));
  }

  private textNode(): JsonNode {
    const start = this.at;
    const node: JsonNode = { kind: 'string', value: this.string() };
    this.places?.set(node, start);
    return node;
  }

  private skipEscape(): void {
    const end = escapeEnd(this.text, this.at);
    if (end === undefined) this.fail('a valid escape sequence in a string');
    this.at = end - 1;
  }

  private number(): JsonNode {
    const pattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
    pattern.lastIndex = this.at;
    const text = pattern.exec(this.text)?.[0];
    if (text === undefined) this.fail('a JSON value');
    this.at += text.length;
    // "01", "1." and "1e" leave a rest that is not valid after a number.
    if (/[0-9.eE+-]/.test(this.text[this.at] ?? '')) this.fail('a JSON number');
    return { kind: 'number', text };
  }

  private literal(word: string, node: JsonNode): JsonNode {
    if (!this.text.startsWith(word, this.at)) this.fail('a JSON value');
    this.at += word.length;
    return node;
  }

  private skipSpace(): void {
    const { space, comments } = this.grammar;
    for (;;) {
      const char = this.text[this.at];
      if (char === undefined) return;
      if (space.includes(char)) this.at += 1;
      else if (!comments || char !== '/' || !this.skipComment()) return;
    }
  }

  /** Skips a comment, which may end with the text; says whether there is one. */
  private skipComment(): boolean {
    const close = { '*': '*/', '/': '\n' }[this.text[this.at + 1] ?? ''];
    if (close === undefined) return false;
    const end = this.text.indexOf(close, this.at + 2);
    this.at = end === -1 ? this.text.length : end + close.length;
    return true;
  }

  private fail(expected: string, hint = this.grammar.hint): never {
    let line = 1;
    let column = this.at + 1;
    for (let end = this.text.indexOf('\n'); end !== -1 && end < this.at; end = this.text.indexOf('\n', end + 1)) {
      line += 1;
      column = this.at - end;
    }
    const point = this.text.codePointAt(this.at);
    const got = point === undefined ? (this.text.trim() === '' ? 'an empty file' : 'the end of the file') : show(point);
    throw invalidValue(`${this.fileName}: line ${line}, column ${column}`, expected, got, {
      code: 'input',
      hint,
    });
  }
}

/** A character in a form for messages. */
function show(point: number): string {
  const printable = point > 0x20 && (point < 0x7f || point > 0xa0) && point !== 0xfeff && point !== 0xfffd;
  return printable
    ? `'${String.fromCodePoint(point)}'`
    : `the character U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
}
