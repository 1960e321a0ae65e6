import { LineCounter, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { BenchError } from '../errors.js';
import { decodeText } from './decode.js';
import { GO_GRAMMAR, parseJson } from './json.js';
import type { JsonNode } from './json.js';

/** An entry of a list in a file. */
export interface ListedEntry {
  readonly name: string;
  /** JSON path, `architectures[3]`. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/** Where a profile stands in the documents that contain one. */
const WITHIN: readonly (readonly string[])[] = [[], ['linux', 'seccomp'], ['spec'], ['spec', 'seccompProfile']];
const LIST = 'architectures';

/**
 * The entries of the list `architectures` of a profile, an OCI object, a config.json or a YAML document, with the line
 * of each; empty where there is no such list, or where it stands more than once. Never throws for a file that is none
 * of these.
 */
export function architectureEntries(bytes: Uint8Array): readonly ListedEntry[] {
  const text = decodeText(bytes);
  return fromJson(text) ?? fromYaml(text);
}

function fromJson(text: string): readonly ListedEntry[] | undefined {
  const places = new Map<JsonNode, number>();
  try {
    const document = parseJson(text, '', GO_GRAMMAR, places);
    for (const path of WITHIN) {
      const list = path.reduce<JsonNode | undefined>(member, document);
      const found = list === undefined ? undefined : member(list, LIST);
      if (found?.kind !== 'array') continue;
      const lines = new LineCount(text);
      return found.items.flatMap((node, index) => {
        const place = places.get(node);
        if (node.kind !== 'string' || place === undefined) return [];
        return [{ name: node.value, path: pathOf(path, index), line: lines.at(place) }];
      });
    }
    return [];
  } catch (error) {
    if (error instanceof BenchError) return undefined;
    throw error;
  }
}

/** Lines of rising offsets, counted once. */
class LineCount {
  #line = 1;
  #offset = 0;

  constructor(private readonly text: string) {}

  at(offset: number): number {
    for (; this.#offset < offset; this.#offset++) if (this.text[this.#offset] === '\n') this.#line += 1;
    return this.#line;
  }
}

const pathOf = (path: readonly string[], index: number): string => `${[...path, LIST].join('.')}[${index}]`;

/** A key in any case, as Go matches it; nothing where it is repeated. */
function member(node: JsonNode | undefined, key: string): JsonNode | undefined {
  if (node?.kind !== 'object') return undefined;
  const found = node.members.filter((one) => one.key.toLowerCase() === key.toLowerCase());
  return found.length === 1 ? found[0]?.value : undefined;
}

function fromYaml(text: string): readonly ListedEntry[] {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, uniqueKeys: false });
  if (document.errors.length > 0) return [];
  for (const path of WITHIN) {
    const within: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
    const list: unknown = isMap(within) ? within.get(LIST, true) : undefined;
    if (!isSeq(list)) continue;
    return list.items.flatMap((item, index) => {
      const offset = isScalar(item) ? item.range?.[0] : undefined;
      if (!isScalar(item) || typeof item.value !== 'string' || offset === undefined) return [];
      return [{ name: item.value, path: pathOf(path, index), line: lineCounter.linePos(offset).line }];
    });
  }
  return [];
}
