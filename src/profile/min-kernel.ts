import type { MinKernel } from '../model/profile/profile.js';
import type { JsonNode } from './json.js';
import { mismatch, type Reading } from './reading.js';

const EXPECTED = 'a kernel version of two numbers from 0 to 255 like "4.8"';
const MAX_PART = 255;

/**
 * `minKernel` by moby's rules: a string of exactly two decimal parts up to 255, not 0.0. "" changes nothing, so alone
 * it is 0.0, which every kernel meets; null removes the condition.
 */
export function readMinKernel(node: JsonNode, path: string, old: MinKernel | null, reading: Reading): MinKernel | null {
  if (node.kind === 'null') return null;
  if (node.kind !== 'string') throw mismatch(reading, path, EXPECTED, node);
  if (node.value === '') return old ?? { kernel: 0, major: 0 };
  const version = parseMinKernel(node.value);
  if (version === null) throw mismatch(reading, path, EXPECTED, node);
  return version;
}

/** The version in a non-empty `minKernel`; `null` where moby refuses it. */
export function parseMinKernel(text: string): MinKernel | null {
  const parts = /^([0-9]+)\.([0-9]+)$/.exec(text);
  if (parts === null) return null;
  const [kernel, major] = [Number(parts[1]), Number(parts[2])];
  return kernel > MAX_PART || major > MAX_PART || kernel + major === 0 ? null : { kernel, major };
}
