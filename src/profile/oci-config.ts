import type { JsonNode } from './json.js';

/**
 * linux.seccomp where the document is an OCI config.json (null where that has none: no seccomp), else the document
 * itself.
 */
export function seccompOf(document: JsonNode): JsonNode {
  const isConfig =
    member(document, 'ociVersion') !== undefined &&
    member(document, 'defaultAction') === undefined &&
    member(document, 'syscalls') === undefined;
  if (!isConfig) return document;
  const linux = member(document, 'linux');
  return (linux === undefined ? undefined : member(linux, 'seccomp')) ?? { kind: 'null' };
}

/** The last of equal keys, as Go reads them. */
const member = (node: JsonNode, key: string): JsonNode | undefined =>
  node.kind === 'object' ? node.members.findLast((one) => one.key === key)?.value : undefined;
