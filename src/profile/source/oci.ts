import type { OddKey } from '../../model/profile/profile.js';
import type { JsonMember, JsonNode } from '../json.js';
import { foldKey } from '../strings.js';

/** A document without the keys that only Docker's format has. */
export interface Stripped {
  readonly node: JsonNode;
  readonly ignored: readonly OddKey[];
  /** The names of these keys, each once. */
  readonly names: readonly string[];
}

const named = (names: readonly string[]): ReadonlyMap<string, string> =>
  new Map(names.map((name) => [foldKey(name), name]));

/** Keys of Docker's format that the OCI runtime specification does not have; its readers skip unknown keys. */
const PROFILE_KEYS = named(['archMap']);
const RULE_KEYS = named(['name', 'comment', 'includes', 'excludes']);
const SYSCALLS = foldKey('syscalls');

/**
 * A profile as the reader of an OCI runtime sees it: without the keys of Docker's format, whatever their values.
 * `base` is the path of the profile in its file, with a dot at the end.
 */
export function withoutDockerKeys(document: JsonNode, base: string): Stripped {
  const ignored: OddKey[] = [];
  const names = new Set<string>();
  const strip = (node: JsonNode, keys: ReadonlyMap<string, string>, path: string): JsonNode => {
    if (node.kind !== 'object') return node;
    const members = node.members.filter(({ key }) => {
      const name = keys.get(foldKey(key));
      if (name === undefined) return true;
      names.add(name);
      ignored.push({ path: `${path}${key}`, reason: "only Docker's format has it" });
      return false;
    });
    return { kind: 'object', members };
  };
  const rules = ({ key, value }: JsonMember): JsonMember => {
    if (foldKey(key) !== SYSCALLS || value.kind !== 'array') return { key, value };
    const items = value.items.map((item, index) => strip(item, RULE_KEYS, `${base}${key}[${index}].`));
    return { key, value: { kind: 'array', items } };
  };
  const top = strip(document, PROFILE_KEYS, base);
  const node: JsonNode = top.kind === 'object' ? { kind: 'object', members: top.members.map(rules) } : top;
  return { node, ignored, names: [...names] };
}
