import { describe, expect, it } from 'vitest';
import { describeWork } from '../../../src/cli/output/work.js';
import { makeScenario } from '../../../src/scenario/index.js';

const sequential = makeScenario({ kind: 'sequential', count: 500 });

describe('the announcement of a run', () => {
  it('has its size and the expected time in one line', () => {
    expect(describeWork(sequential, 60.4)).toBe(
      'sequential-500: 1,500 containers (500 blocks of one container per arm; arms before, after, control) ' +
        'and 12 to warm up, about 61 s expected.',
    );
    expect(describeWork(makeScenario({ kind: 'parallel', count: 200, concurrency: 8 }), 131)).toBe(
      'parallel-200: 12,000 containers (20 batches per arm of 200 containers, 8 in flight; ' +
        'arms before, after, control) and 600 to warm up, about 2 min expected.',
    );
  });

  it('warns before the first container that fewer than 20 blocks give no verdict', () => {
    expect(describeWork({ ...sequential, count: 19 }, 0.2)).toBe(
      'sequential-500: 57 containers (19 blocks of one container per arm; arms before, after, control) ' +
        'and 12 to warm up, under 1 s expected.\nFewer than 20 blocks: no verdict.',
    );
    expect(describeWork({ ...sequential, count: 20 }, 0.2)).not.toContain('Fewer');
    expect(describeWork(makeScenario({ kind: 'parallel', count: 200, rounds: 1 }), 7300)).toMatch(
      /1 batch per arm .* about 2\.0 h expected\.\nFewer than 20 blocks: no verdict\./,
    );
  });

  it('does not take the longest run for the expected one where a rule may end it earlier', () => {
    const halfWidth = { kind: 'halfWidth', width: 0.005 } as const;
    expect(describeWork(sequential, 60.4, [halfWidth])).toBe(
      'sequential-500: at most 1,500 containers (500 blocks of one container per arm; arms before, after, control) ' +
        'and 12 to warm up, about 61 s at most.',
    );
    expect(describeWork(sequential, 600, [{ kind: 'budget', milliseconds: 30_000 }])).toContain(
      ', about 30 s at most.',
    );
  });
});
