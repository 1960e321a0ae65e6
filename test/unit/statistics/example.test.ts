import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readResultFolder } from '../../../src/results/index.js';
import { analyse } from '../../../src/statistics/index.js';

const ROOT = resolve(import.meta.dirname, '../../..');

/** Every number by its path, such as `comparisons.0.estimate.logRatio`. */
function numbersOf(value: unknown, path = ''): readonly (readonly [string, number])[] {
  if (typeof value === 'number') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => numbersOf(one, path === '' ? key : `${path}.${key}`));
}

/** Numbers that used to be part of a sentence only, and what pictures draw; nothing that had its own path moved. */
const ADDED = [
  /^comparisons\.\d+\.reason\./,
  /^diagnostics\.\d+\.(?:shrinksBy|logRatio)$/,
  /^warnings\./,
  /^(?:series|power|added)\./,
  // Page faults.
  /^(?:comparisons|controls)\.4\./,
  /^resolution\.3\./,
];

describe('the analysis of the recorded example', () => {
  const expected = JSON.parse(
    readFileSync(resolve(ROOT, 'test/fixtures/example-analysis-numbers.json'), 'utf8'),
  ) as Record<string, number>;
  const found = new Map(
    numbersOf(analyse(readResultFolder(resolve(ROOT, 'results/example-x86_64-runc')), { margin: 0.01 })),
  );

  it('has every number it had, at the same place and exactly equal', () => {
    expect(Object.keys(expected).length).toBeGreaterThan(200);
    expect(Object.fromEntries(Object.keys(expected).map((path) => [path, found.get(path)]))).toEqual(expected);
  });

  it('has no other number but those that were part of a sentence, those of pictures and of page faults', () => {
    const others = [...found.keys()].filter((path) => !(path in expected));
    expect(others.filter((path) => !ADDED.some((pattern) => pattern.test(path)))).toEqual([]);
  });
});
