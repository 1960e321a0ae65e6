import type { JsonNode } from '../json.js';
import { foldKey } from '../strings.js';

/** The value of a key as Go's reader finds it: spelt in any case, the last one of several. */
export const member = (node: JsonNode | undefined, key: string): JsonNode | undefined =>
  node?.kind === 'object'
    ? node.members.findLast((one) => one.key === key || foldKey(one.key) === foldKey(key))?.value
    : undefined;

/** The text of a key. */
export function textOf(node: JsonNode | undefined, key: string): string | undefined {
  const value = member(node, key);
  return value?.kind === 'string' ? value.value : undefined;
}

/** Whether a document has rules or a default action, as every profile does. */
export const hasRules = (node: JsonNode): boolean =>
  member(node, 'defaultAction') !== undefined || member(node, 'syscalls') !== undefined;

/** A key in a path, as jq takes it: `spec`, `"a-key"`. */
export const step = (key: string): string => (/^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key.slice(0, 60)));
