import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../src/model/results/sample.js';
import { referenceOf } from '../../../src/model/run/scenario.js';
import type { ArmDefinition, Scenario } from '../../../src/model/run/scenario.js';
import { analyse } from '../../../src/statistics/analyse.js';
import { compareRuns } from '../../../src/statistics/runs/between.js';
import { gate } from '../../../src/statistics/verdict/gate.js';
import { rolesOf } from '../../../src/statistics/verdict/roles.js';
import { okSample, planOf, sequential } from '../results/runs.js';
import { AFTER_MS, BEFORE_MS, CONTROL_MS } from './recording.js';

const ARMS: readonly ArmDefinition[] = [
  { name: 'before', policy: 'all', cache: 'warm' },
  { name: 'after', policy: 'host', cache: 'warm' },
  { name: 'control', policy: 'all', copyOf: 'before', cache: 'warm' },
  { name: 'before-cold', policy: 'all', cache: 'cold', against: 'before-cold' },
  { name: 'after-cold', policy: 'host', cache: 'cold', against: 'before-cold' },
];
const BLOCKS = 40;
const scenario = (arms: readonly ArmDefinition[] = ARMS): Scenario => ({ ...sequential(BLOCKS), arms });

/** Cold starts take ten times as long, and the second arm only there takes longer than the first. */
const MS: Readonly<Record<string, (block: number) => number>> = {
  before: (block) => BEFORE_MS[block]!,
  control: (block) => CONTROL_MS[block]!,
  after: (block) => CONTROL_MS[(block + 1) % BLOCKS]!,
  'before-cold': (block) => 10 * BEFORE_MS[block]!,
  'after-cold': (block) => 10 * AFTER_MS[block]!,
};
const samples = (arms: readonly ArmDefinition[] = ARMS): readonly Sample[] =>
  Array.from({ length: BLOCKS }, (_, block) =>
    arms.map(({ name }, position) => {
      const ms = MS[name]!(block);
      return okSample(name, block, { position, userNs: ms * 1e6, systemNs: 0, wallNs: ms * 2e6 });
    }),
  ).flat();

describe('an arm that names the arm it is compared with', () => {
  it('is compared with that one, and one that names itself with none', () => {
    expect(ARMS.map(({ name }) => referenceOf(ARMS, name))).toEqual([
      null,
      { baseline: 'before', control: 'control' },
      null,
      null,
      { baseline: 'before-cold', control: undefined },
    ]);
    expect(rolesOf({ arms: ARMS })).toEqual({
      baseline: 0,
      control: 2,
      compared: [
        { arm: 1, baseline: 0, control: 2 },
        { arm: 4, baseline: 3, control: null },
      ],
    });
  });

  it('is compared with the baseline where there is no such arm', () => {
    const arms = [...ARMS.slice(0, 3), { name: 'other', policy: 'native', against: 'gone' }] as const;
    expect(referenceOf(arms, 'other')).toEqual({ baseline: 'before', control: 'control' });
  });
});

describe('an analysis of warm arms and their cold twins', () => {
  const analysis = analyse({ plan: planOf(scenario()), samples: samples(), evidence: [] }, { margin: 0.01 });
  const ofCpu = analysis.comparisons.filter(({ metric }) => metric === 'cpu');

  it('judges each pair by itself, the cold one without a copy', () => {
    expect(ofCpu.map(({ arm, baseline, control }) => [arm, baseline, control])).toEqual([
      ['after', 'before', 'control'],
      ['after-cold', 'before-cold', null],
    ]);
    expect(ofCpu[1]?.verdict).toBe('slower');
    expect(ofCpu[0]?.verdict).not.toBe('slower');
    expect(ofCpu[1]?.estimate?.method).toBe('trimmed-one');
    expect(analysis.exact.map(({ arm, baseline }) => `${arm} ${baseline}`)).toContain('after-cold before-cold');
  });

  it('gives the warm pair what it has without the twins', () => {
    const alone = ARMS.slice(0, 3);
    const run = { plan: planOf(scenario(alone)), samples: samples(alone), evidence: [] };
    const [first] = analyse(run, { margin: 0.01 }).comparisons;
    expect(ofCpu[0]?.estimate).toEqual(first?.estimate);
  });

  it('judges all pairs together, and lets a gate fail by the cold one', () => {
    expect(new Set(analysis.comparisons.flatMap(({ family }) => (family === null ? [] : [family.rows]))).size).toBe(1);
    const outcome = gate([analysis], { failIfSlower: 0.1, strict: false });
    expect(outcome.state === 'slower' ? outcome.comparisons.map(({ arm }) => arm) : []).toContain('after-cold');
  });

  it('never compares cold starts with warm ones', () => {
    expect(analysis.comparisons.some(({ arm }) => arm === 'before-cold')).toBe(false);
    expect(analysis.comparisons.some(({ arm, baseline }) => arm.endsWith('-cold') !== baseline.endsWith('-cold'))).toBe(
      false,
    );
  });

  it('has an effect of its own between runs too', () => {
    const run = { plan: planOf(scenario()), samples: samples() };
    const { rows } = compareRuns(run, run, 0.01);
    expect(rows.filter(({ kind, metric }) => kind === 'effect' && metric === 'cpu').map(({ arm }) => arm)).toEqual([
      'after',
      'after-cold',
    ]);
  });
});
