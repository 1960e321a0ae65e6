import { describe, expect, it } from 'vitest';
import { comparing } from '../../../src/experiment/record/compared.js';
import type { Sample } from '../../../src/model/results/sample.js';
import type { ArmDefinition } from '../../../src/model/run/scenario.js';

const ARMS = [
  { name: 'control', policy: 'all', copyOf: 'before' },
  { name: 'before', policy: 'all' },
  { name: 'after', policy: 'host' },
] as readonly ArmDefinition[];

const sample = (arm: string, index: number, times: object): Sample =>
  ({ kind: 'container', block: 0, warmup: false, position: 0, arm, index, startNs: 0, ...times }) as unknown as Sample;
const ok = (arm: string, wallNs: number, userNs: number, index = 0): Sample =>
  sample(arm, index, { state: 'ok', wallNs, userNs, systemNs: userNs });

describe('how a block came out', () => {
  const compare = comparing({ arms: ARMS });

  it('is the CPU time of all containers of the first arm that is compared, over the baseline', () => {
    const block = [
      ok('before', 9, 4),
      ok('before', 9, 4, 1),
      ok('after', 9, 1),
      ok('after', 9, 1, 1),
      ok('control', 9, 7),
    ];
    expect(compare(block)).toEqual({ kind: 'blockCompared', arm: 'after', metric: 'cpu', logRatio: Math.log(4 / 16) });
  });

  it('is the wall time where there is no CPU time', () => {
    expect(compare([ok('before', 10, 0), ok('after', 5, 0)])).toMatchObject({
      metric: 'wall',
      logRatio: Math.log(0.5),
    });
  });

  it('is not told where a container failed, or nothing is compared', () => {
    const failed = sample('after', 0, { state: 'failed', cause: 'exit code 1', stderr: '' });
    expect(compare([ok('before', 9, 4), failed])).toBeNull();
    expect(compare([ok('before', 9, 4)])).toBeNull();
    expect(comparing({ arms: ARMS.slice(0, 2) })([ok('before', 9, 4), ok('control', 9, 4)])).toBeNull();
  });
});
