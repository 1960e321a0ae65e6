import { pathText } from './schema.js';

/** A parsed JSON text, or its fault in one line. */
export type ParsedJson =
  { readonly state: 'parsed'; readonly value: unknown } | { readonly state: 'broken'; readonly fault: string };

/** Reads UTF-8 JSON (a byte-order mark is allowed) and refuses keys that occur twice, which `JSON.parse` would drop. */
export function parseJson(bytes: Uint8Array): ParsedJson {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { state: 'broken', fault: 'expected UTF-8 text, got other bytes' };
  }
  if (text.trim() === '') return { state: 'broken', fault: 'expected a JSON object, got an empty file' };
  try {
    const value: unknown = JSON.parse(text);
    const twice = repeatedKey(text);
    if (twice !== undefined) return { state: 'broken', fault: `${twice}: expected every key once, got it twice` };
    const nul = text.includes('\\u0000') ? textWithNul(value, []) : undefined;
    return nul === undefined
      ? { state: 'parsed', value }
      : { state: 'broken', fault: `${nul}: expected text without a NUL character, which no name or argument can hold` };
  } catch (error) {
    return { state: 'broken', fault: syntaxFault(text, error) };
  }
}

/** The path of the first text with a NUL character. */
function textWithNul(value: unknown, steps: readonly (string | number)[]): string | undefined {
  if (typeof value === 'string') return value.includes('\0') ? pathText(steps) : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, one] of Object.entries(value)) {
    const found = textWithNul(one, [...steps, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function syntaxFault(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
  const before = text.slice(0, position).split('\n');
  // V8 adds a position and an excerpt, which differ between versions of Node.js.
  const what = message
    .replace(/ in JSON at position.*$/s, '')
    .replace(/,? "?\.\.\..*$/s, '')
    .replace(/ is not valid JSON$/, '');
  const column = (before.at(-1)?.length ?? 0) + 1;
  return `line ${before.length}, column ${column}: expected JSON, got a syntax error (${what})`;
}

interface Level {
  readonly keys: Set<string> | null;
  step: string | number;
}

/** The path of the first repeated key; the text must be valid JSON. */
function repeatedKey(text: string): string | undefined {
  const levels: Level[] = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}[\],]/g)) {
    const level = levels.at(-1);
    if (token === '{') levels.push({ keys: new Set(), step: '' });
    else if (token === '[') levels.push({ keys: null, step: 0 });
    else if (token === '}' || token === ']') levels.pop();
    else if (token === ',' && typeof level?.step === 'number') level.step += 1;
    else if (token.endsWith(':') && level?.keys) {
      level.step = JSON.parse(token.slice(0, -1)) as string;
      if (level.keys.has(level.step)) return pathText(levels.map(({ step }) => step));
      level.keys.add(level.step);
    }
  }
  return undefined;
}
