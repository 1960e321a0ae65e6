import { describe, expect, it } from 'vitest';
import { matching } from '../../../src/engine/docker/swarm/constraints.js';
import type { SwarmNode } from '../../../src/engine/docker/swarm/swarm.js';

const NODE: SwarmNode = {
  id: 'abc',
  name: 'node-a',
  machine: 'x86_64',
  arch: 'x86_64',
  os: 'linux',
  role: 'worker',
  state: 'ready',
  availability: 'active',
  words: '',
  labels: { disk: 'ssd' },
  engineLabels: { zone: 'north' },
};

describe('placement constraints', () => {
  it.each([
    [[], true],
    [['node.id==abc'], true],
    [['node.id != abc'], false],
    [['node.hostname==NODE-A'], true],
    [['node.role==manager'], false],
    [['node.platform.os==linux'], true],
    [['node.platform.arch!=aarch64'], true],
    [['node.labels.disk==ssd', 'engine.labels.zone==north'], true],
    [['node.labels.disk==ssd', 'engine.labels.zone!=north'], false],
    [['node.labels.none==x'], false],
    [['node.labels.none!=x'], true],
  ] as const)('%j of this node: %s', (constraints, fits) => {
    expect(matching(constraints)(NODE)).toBe(fits);
  });

  it.each(['node.role=worker', 'role==worker', 'node.role==', '', 'node.constructor==x'])('refuses "%s"', (text) => {
    expect(() => matching([text])).toThrow(`--constraint: expected KEY==VALUE or KEY!=VALUE, got "${text}"`);
  });
});
