import { closest, invalidValue, type BenchError } from '../errors.js';
import { errnoNumber } from '../model/filter/errno.js';
import type { OddKey } from '../model/profile/profile.js';
import type { Uint64 } from '../model/profile/seccomp.js';
import type { JsonNode } from './json.js';
import { foldKey } from './strings.js';

/** One pass over a file: which keys were odd. */
export interface Reading {
  readonly fileName: string;
  readonly oddKeys: OddKey[];
  /** Whether a reader that takes the first of equal keys, or only exact names, reads something else. */
  keysMatter: boolean;
}

/** Reads the value of a key over `target`, so that repeated keys merge. */
export type ReadField<T> = (target: T, node: JsonNode, path: string, reading: Reading) => void;

/** The keys that an object may have, by exact and by folded name. */
export interface FieldTable<T> {
  readonly exact: ReadonlyMap<string, ReadField<T>>;
  readonly folded: ReadonlyMap<string, string>;
}

/** Builds the table of an object's keys. */
export function fieldTable<T>(fields: Readonly<Record<string, ReadField<T>>>): FieldTable<T> {
  const names = Object.keys(fields);
  return { exact: new Map(Object.entries(fields)), folded: new Map(names.map((name) => [foldKey(name), name])) };
}

/** Reads an object's members into `target` by Go's rules for keys. */
export function readMembers<T>(
  table: FieldTable<T>,
  target: T,
  node: JsonNode & { kind: 'object' },
  path: string,
  reading: Reading,
): void {
  const seen = new Set<string>();
  for (const member of node.members) {
    const memberPath = path === '' ? pathStep(member.key) : `${path}.${pathStep(member.key)}`;
    const name = table.exact.has(member.key) ? member.key : table.folded.get(foldKey(member.key));
    if (name === undefined) {
      reading.oddKeys.push({ path: memberPath, reason: reasonFor(member.key, [...table.exact.keys()]) });
      continue;
    }
    if (name !== member.key) reading.keysMatter = true;
    if (seen.has(name)) {
      reading.keysMatter = true;
      reading.oddKeys.push({
        path: memberPath,
        reason: 'a repeated key: merged into the earlier value, as in Go',
      });
    }
    seen.add(name);
    table.exact.get(name)?.(target, member.value, memberPath, reading);
  }
}

/** Errnos by name. Source: pkg/seccomp of containers/common. */
const PODMAN_KEYS: ReadonlySet<string> = new Set(['errno', 'defaultErrno']);

function reasonFor(key: string, known: readonly string[]): string {
  if (PODMAN_KEYS.has(key)) return "only Podman's reader has it (containers/common)";
  const near = closest(key, known);
  return near === undefined ? 'there is no such field' : `there is no such field (did you mean ${near}?)`;
}

/** A key as a step of a JSON path. */
export const pathStep = (key: string): string => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key));

/** A string; null keeps the earlier value. */
export function readText<T extends string | null>(node: JsonNode, path: string, old: T, reading: Reading): T | string {
  if (node.kind === 'null') return old;
  if (node.kind !== 'string') throw mismatch(reading, path, 'a string', node);
  return node.value;
}

const MAX_UINT64 = 18446744073709551615n;

/** An unsigned 64-bit integer in plain decimal digits. */
export function readUint64(node: JsonNode, path: string, reading: Reading): Uint64 {
  if (node.kind === 'number' && /^[0-9]+$/.test(node.text)) {
    const exact = BigInt(node.text);
    if (exact <= MAX_UINT64) return exact <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(exact) : exact;
  }
  throw mismatch(reading, path, `an integer from 0 to ${MAX_UINT64.toString()}`, node, hintFor(node));
}

/** Names of errnos are what people write instead of a number. */
function hintFor(node: JsonNode): string | undefined {
  const number = node.kind === 'string' ? errnoNumber(node.value) : undefined;
  return number === undefined ? undefined : `Write the number: ${number} on x86 and Arm.`;
}

/** The error for a value of the wrong kind, with file and JSON path. */
export function mismatch(
  reading: Pick<Reading, 'fileName'>,
  path: string,
  expected: string,
  node: JsonNode,
  hint = "A profile has the format of Docker's seccomp profiles, or of linux.seccomp in an OCI config.json.",
): BenchError {
  const place = path === '' ? reading.fileName : `${reading.fileName}: ${path}`;
  return invalidValue(place, expected, describe(node), {
    code: 'input',
    hint,
  });
}

const LONGEST_SHOWN = 60;

function describe(node: JsonNode): string {
  switch (node.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return String(node.value);
    case 'number':
      return shorten(node.text);
    case 'string':
      return shorten(JSON.stringify(node.value));
    case 'array':
      return 'an array';
    case 'object':
      return 'an object';
  }
}

const shorten = (text: string): string => (text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text);
