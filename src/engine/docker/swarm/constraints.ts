import { invalidValue } from '../../../errors.js';
import type { SwarmNode } from './swarm.js';

const FIELDS: Readonly<Record<string, (node: SwarmNode) => string>> = {
  'node.id': ({ id }) => id,
  'node.hostname': ({ name }) => name,
  'node.role': ({ role }) => role,
  'node.platform.os': ({ os }) => os,
  'node.platform.arch': ({ arch }) => arch,
};

/**
 * Reads placement constraints as `docker service create --constraint` takes them and gives the test for a node.
 * Throws `usage`.
 */
export function matching(constraints: readonly string[]): (node: SwarmNode) => boolean {
  const tests = constraints.map(parse);
  return (node) => tests.every((test) => test(node));
}

function parse(text: string): (node: SwarmNode) => boolean {
  const [, key, operator, value] = /^\s*([A-Za-z0-9_.\-/]+)\s*(==|!=)\s*(\S.*?)\s*$/.exec(text) ?? [];
  const read = key === undefined ? undefined : reader(key);
  if (read === undefined || value === undefined) {
    throw invalidValue('--constraint', 'KEY==VALUE or KEY!=VALUE', `"${text}"`, {
      hint: `KEY is ${Object.keys(FIELDS).join(', ')}, node.labels.NAME or engine.labels.NAME.`,
    });
  }
  // Swarm ignores case, and a missing label counts as empty.
  return (node) => (read(node).toLowerCase() === value.toLowerCase()) === (operator === '==');
}

function reader(key: string): ((node: SwarmNode) => string) | undefined {
  const label = /^(node|engine)\.labels\.(.+)$/.exec(key);
  if (label !== null) return (node) => (label[1] === 'node' ? node.labels : node.engineLabels)[label[2] ?? ''] ?? '';
  return Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined;
}
