import { createRequire } from 'node:module';
import type yamlModule from 'yaml';
import type { Node, Pair } from 'yaml';
import { BenchError } from '../../errors.js';
import type { JsonMember, JsonNode } from '../json.js';
import { formatCount } from '../../model/numbers.js';

// Loaded on the first YAML file, which most commands never see.
const require = createRequire(import.meta.url);

/** The library builds a tree of about 500 bytes per byte of text. */
const MOST_PARSED_BYTES = 128 * 1024;
/** Of a file with other objects besides, which are not parsed. */
const MOST_YAML_BYTES = 2 * 1024 * 1024;
const DEEP = /(?:[[{][\s"']{0,8}){100}/;
/** Aliases make few bytes into many values. */
const MOST_VALUES = 100_000;
const MOST_LEVELS = 100;
/** Of YAML 1.1, which Kubernetes reads. */
const MERGE_KEY = '<<';

/** One document of a YAML stream. */
export interface YamlPart {
  readonly text: string;
  /** Of its first line in the file, from 0. */
  readonly line: number;
}

/** The documents of a stream, told apart by their lines of `---`. */
export function yamlParts(text: string, name: string): readonly YamlPart[] {
  if (text.length > MOST_YAML_BYTES) throw tooMuch(name, 'more than 2 MiB of YAML');
  const parts: YamlPart[] = [];
  let line = 0;
  for (const part of text.split(/^(?=---(?:\s|$))/m)) {
    parts.push({ text: part, line });
    line += part.split('\n').length - 1;
  }
  return parts;
}

/**
 * A YAML document as JSON: integers are exact, aliases are resolved. Throws `input` with file and line for YAML that is
 * wrong, too large, or too deep.
 */
export function parseYaml({ text, line }: YamlPart, name: string): JsonNode {
  if (DEEP.test(text)) throw wrong(name, line + 1, 'nested too deeply', text);
  const yaml = require('yaml') as typeof yamlModule;
  const counter = new yaml.LineCounter();
  // Kubernetes reads YAML 1.1, where a leading 0 means octal and yes means true; profiles have neither.
  const document = yaml.parseDocument(text, {
    intAsBigInt: true,
    uniqueKeys: false,
    logLevel: 'silent',
    prettyErrors: false,
    lineCounter: counter,
  });
  const fault = document.errors[0];
  if (fault !== undefined)
    throw wrong(name, line + counter.linePos(fault.pos[0]).line, fault.message.split('\n')[0] ?? '', text);
  const lineOf = (node: Node | null): number => line + counter.linePos(node?.range?.[0] ?? 0).line;
  return new Converter(yaml, document, (node, fact) => wrong(name, lineOf(node), fact, text)).value(
    document.contents,
    0,
  );
}

/** Refuses documents that are too large to be parsed. */
export function assertParsable(parts: readonly YamlPart[], name: string): void {
  const bytes = parts.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (bytes > MOST_PARSED_BYTES)
    throw tooMuch(name, `more than ${MOST_PARSED_BYTES / 1024} KiB of SeccompProfiles in YAML`);
}

const tooMuch = (name: string, what: string): BenchError =>
  new BenchError('input', `${name} has ${what}`, {
    hint: 'Take one profile out. As JSON it may be larger: kubectl get seccompprofile NAME -o json',
  });

function wrong(name: string, line: number, fact: string, text: string): BenchError {
  const reason = fact.startsWith('Maximum call stack') ? 'nested too deeply' : fact;
  return new BenchError('input', `${name}: line ${line}: ${reason}`, {
    hint: text.includes('{{')
      ? 'A template is not YAML yet: render it first, for example with helm template.'
      : 'The file must be YAML as Kubernetes reads it.',
  });
}

/** Makes JSON of the library's nodes. */
class Converter {
  private values = 0;

  constructor(
    private readonly yaml: typeof yamlModule,
    private readonly document: yamlModule.Document,
    private readonly fail: (node: Node | null, fact: string) => BenchError,
  ) {}

  value(node: Node | null, level: number): JsonNode {
    this.values += 1;
    if (this.values > MOST_VALUES) throw this.fail(node, `more than ${formatCount(MOST_VALUES)} values`);
    if (level > MOST_LEVELS) throw this.fail(node, 'nested too deeply');
    const { yaml } = this;
    if (yaml.isAlias(node)) {
      const target = node.resolve(this.document);
      if (target === undefined) throw this.fail(node, `the alias *${node.source} has no anchor`);
      return this.value(target, level + 1);
    }
    if (yaml.isMap(node)) return { kind: 'object', members: this.members(node.items, node, level) };
    if (yaml.isSeq(node))
      return { kind: 'array', items: node.items.map((item) => this.value(item as Node | null, level + 1)) };
    return yaml.isScalar(node) ? this.scalar(node.value, node) : { kind: 'null' };
  }

  private members(pairs: readonly Pair[], map: Node, level: number): JsonMember[] {
    const own = new Map<string, JsonMember>();
    const merged: JsonMember[] = [];
    for (const { key, value } of pairs) {
      if (!this.yaml.isScalar(key)) throw this.fail(map, 'a key that is not a text');
      const name = String(key.value);
      const member = { key: name, value: this.value(value as Node | null, level + 1) };
      if (name === MERGE_KEY) merged.push(...this.mergedMembers(member.value, key));
      else if (own.has(name)) throw this.fail(key, `the key ${JSON.stringify(name)} twice`);
      else own.set(name, member);
    }
    // Keys of the map itself win, then those of the first map that is merged.
    for (const member of merged) if (!own.has(member.key)) own.set(member.key, member);
    return [...own.values()];
  }

  /** Of `<<: *one` and `<<: [*one, *other]`. */
  private mergedMembers(value: JsonNode, key: Node): readonly JsonMember[] {
    const maps = value.kind === 'array' ? value.items : [value];
    return maps.flatMap((map) => {
      if (map.kind === 'object') return map.members;
      throw this.fail(key, 'a merge key (<<) with something other than a map');
    });
  }

  private scalar(value: unknown, node: Node): JsonNode {
    switch (typeof value) {
      case 'string':
        return { kind: 'string', value };
      case 'boolean':
        return { kind: 'boolean', value };
      case 'bigint':
      case 'number':
        return { kind: 'number', text: String(value) };
      default:
        if (value === null || value === undefined) return { kind: 'null' };
        throw this.fail(node, 'a value that JSON does not have');
    }
  }
}
