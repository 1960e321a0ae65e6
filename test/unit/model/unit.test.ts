import { describe, expect, it } from 'vitest';
import { countedThing, timedThing, unitOf } from '../../../src/model/run/scenario.js';
import { probesIn, probesPerSecond } from '../../../src/model/run/unit.js';
import { makeScenario } from '../../../src/scenario/index.js';

describe('probes', () => {
  it.each([
    ['100@10s', { containers: 100, everyMs: 10_000 }],
    [' 1@1ms ', { containers: 1, everyMs: 1 }],
    ['1000000@24h', { containers: 1_000_000, everyMs: 86_400_000 }],
    ['3@1.5s', { containers: 3, everyMs: 1500 }],
    ['7@2m', { containers: 7, everyMs: 120_000 }],
  ])('are read from %j', (text, probes) => {
    expect(probesIn(text)).toEqual(probes);
  });

  it.each([
    '',
    '100',
    '@10s',
    '100@',
    '100@10',
    '0@10s',
    '1000001@10s',
    '100@0s',
    '100@0.5ms',
    '1@0.0001s',
    '100@24.1h',
    '-1@10s',
    '1.5@10s',
    '100@10s@1s',
    '100@10d',
  ])('are refused in %j', (text) => {
    expect(probesIn(text)).toBeUndefined();
  });

  it('come so often in a second over all containers', () => {
    expect(probesPerSecond({ containers: 100, everyMs: 10_000 })).toBe(10);
  });
});

describe('the unit of a scenario', () => {
  it('is the start of a container unless execs are timed', () => {
    const [starts, batches, execs] = [
      makeScenario({ kind: 'sequential', count: 3 }),
      makeScenario({ kind: 'parallel', count: 3 }),
      makeScenario({ kind: 'exec', count: 3, probes: { containers: 2, everyMs: 5 } }),
    ];
    expect([starts, batches, execs].map(unitOf)).toEqual(['start', 'start', 'exec']);
    expect([starts, execs].map(countedThing)).toEqual(['container', 'exec']);
    expect([starts, execs].map(timedThing)).toEqual(['start', 'exec']);
    expect(execs).toMatchObject({ kind: 'sequential', name: 'exec-3', probes: { containers: 2, everyMs: 5 } });
  });
});
