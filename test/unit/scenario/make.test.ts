import { describe, expect, it } from 'vitest';
import {
  assertArchitecture,
  containersOf,
  describePlan,
  expectedSeconds,
  makeScenario,
  sweepLevels,
} from '../../../src/scenario/index.js';

const ARMS = [
  { name: 'before', policy: 'all' },
  { name: 'after', policy: 'host' },
  { name: 'control', policy: 'all', copyOf: 'before' },
];

describe('a made scenario', () => {
  it('is 500 blocks of three arms where nothing is said', () => {
    expect(makeScenario({ kind: 'sequential' })).toEqual({
      kind: 'sequential',
      name: 'sequential-500',
      arms: ARMS,
      dialect: 'moby',
      warmup: 4,
      pauseMs: 0,
      count: 500,
    });
  });

  it('starts the whole batch at once and 20 batches per arm where nothing is said', () => {
    expect(makeScenario({ kind: 'parallel', count: 50 })).toEqual({
      kind: 'parallel',
      name: 'parallel-50',
      arms: ARMS,
      dialect: 'moby',
      warmup: 1,
      pauseMs: 0,
      count: 50,
      concurrency: 50,
      rounds: 20,
    });
  });

  it('takes every setting', () => {
    const scenario = makeScenario({
      kind: 'parallel',
      count: 20,
      concurrency: 8,
      rounds: 3,
      warmup: 0,
      pauseMs: 5,
      arms: [
        { name: 'after', policy: 'host' },
        { name: 'x', policy: 'native', profile: 'p.json' },
      ],
      profile: 'mine.json',
      dialect: 'isulad',
    });
    expect(scenario).toEqual({
      kind: 'parallel',
      name: 'parallel-20',
      profile: 'mine.json',
      dialect: 'isulad',
      warmup: 0,
      pauseMs: 5,
      count: 20,
      concurrency: 8,
      rounds: 3,
      arms: [
        { name: 'after', policy: 'host' },
        { name: 'x', policy: 'native', profile: 'p.json' },
        { name: 'control', policy: 'host', copyOf: 'after' },
      ],
    });
  });

  it.each([
    [{ count: Number.NaN }, 'count: expected a whole number from 1 to 1,000,000, got NaN'],
    [{ count: 0 }, 'count: expected a whole number from 1 to 1,000,000, got 0'],
    [{ count: 1.5 }, 'count: expected a whole number from 1 to 1,000,000, got 1.5'],
    [{ count: -3 }, 'count: expected a whole number from 1 to 1,000,000, got -3'],
    [{ count: 1e9 }, 'count: expected a whole number from 1 to 1,000,000, got 1000000000'],
    [{ count: 10, concurrency: 11 }, 'concurrency: expected a whole number from 1 to 10, got 11'],
    [{ rounds: 0 }, 'rounds: expected a whole number from 1 to 100,000, got 0'],
    [{ warmup: -1 }, 'warmup: expected a whole number from 0 to 10,000, got -1'],
    [{ pauseMs: 60_001 }, 'pauseMs: expected a whole number from 0 to 60,000, got 60001'],
    [{ arms: [] }, 'arms: expected at least one arm besides control'],
  ])('with %j is refused', (options, message) => {
    expect(() => makeScenario({ kind: 'parallel', ...options })).toThrow(message);
  });
});

describe('the levels of a sweep', () => {
  it('are distinct and ascending, with level 1 among them', () => {
    expect(sweepLevels([8, 2, 8, 4])).toEqual([1, 2, 4, 8]);
  });
});

describe('the architecture of a scenario', () => {
  const anywhere = makeScenario({ kind: 'sequential', count: 3 });

  it('does not matter where the scenario names none', () => {
    expect(() => {
      assertArchitecture(anywhere, 'riscv64');
    }).not.toThrow();
  });

  it('stops the run on another host, and only there', () => {
    const bound = { ...anywhere, name: 'case', architecture: 'aarch64' } as const;
    expect(() => {
      assertArchitecture(bound, 'aarch64');
    }).not.toThrow();
    expect(() => {
      assertArchitecture(bound, 'x86_64');
    }).toThrow(
      expect.objectContaining({
        code: 'environment',
        message: 'scenario case requires an aarch64 host (this one is x86_64)',
      }),
    );
  });
});

describe('the size of a run', () => {
  const sequential = makeScenario({ kind: 'sequential', count: 500 });
  const parallel = makeScenario({ kind: 'parallel', count: 200, rounds: 10, concurrency: 8 });

  it('counts 1,500 measured containers for 500 blocks of three arms, and warm-up apart', () => {
    expect(containersOf(sequential)).toEqual({ measured: 1500, warmup: 12 });
    expect(containersOf(parallel)).toEqual({ measured: 6000, warmup: 600 });
  });

  it('adds up containers and pauses of a sequential run', () => {
    expect(expectedSeconds(sequential, 0.04, 2)).toBeCloseTo(1512 * 0.04, 9);
    expect(expectedSeconds({ ...sequential, pauseMs: 5 }, 0.04, 64)).toBeCloseTo(1512 * 0.045, 9);
  });

  it('lets as many containers proceed as there are both cores and places in flight', () => {
    expect(expectedSeconds(parallel, 0.04, 2)).toBeCloseTo(132, 9);
    expect(expectedSeconds(parallel, 0.04, 64)).toBeCloseTo(33, 9);
    expect(expectedSeconds(parallel, 0.04, 0)).toBeCloseTo(264, 9);
  });

  it('is told in one line', () => {
    expect(describePlan(sequential, 60.4)).toBe(
      'sequential-500: 1,500 containers (500 blocks of one container per arm; arms before, after, control) and 12 to warm up, about 60 s expected.',
    );
    expect(describePlan(makeScenario({ kind: 'parallel', count: 200, concurrency: 8 }), 131)).toBe(
      'parallel-200: 12,000 containers (20 batches per arm of 200 containers, 8 in flight; arms before, after, control) and 600 to warm up, about 2 min expected.',
    );
  });

  it('says beforehand that fewer than 20 blocks bring no verdict', () => {
    expect(describePlan({ ...sequential, count: 19 }, 0.2)).toBe(
      'sequential-500: 57 containers (19 blocks of one container per arm; arms before, after, control) and 12 to warm up, under 1 s expected.\n' +
        'Fewer than 20 blocks: no verdict.',
    );
    expect(describePlan({ ...sequential, count: 20 }, 0.2)).not.toContain('Fewer');
    expect(describePlan(makeScenario({ kind: 'parallel', count: 200, rounds: 1 }), 7300)).toMatch(
      /1 batch per arm .* about 2 h 2 min expected\.\nFewer than 20 blocks: no verdict/,
    );
  });
});
