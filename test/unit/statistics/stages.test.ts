import { describe, expect, it } from 'vitest';
import type { ArmEvidence, InProcessTimes } from '../../../src/model/run/evidence.js';
import type { OkSample } from '../../../src/model/results/sample.js';
import type { StagesNs } from '../../../src/model/container/stages.js';
import { compareStages } from '../../../src/statistics/runs/stages.js';
import { failedSample, okSample, parallel, sequential } from '../results/runs.js';

const staged = (arm: string, block: number, stagesMs: StagesNs): OkSample => {
  const stagesNs = Object.fromEntries(Object.entries(stagesMs).map(([stage, ms]) => [stage, ms * 1e6])) as StagesNs;
  return okSample(arm, block, { stagesNs, wallNs: Object.values(stagesNs).reduce((sum, ns) => sum + ns, 0) });
};

/** Create takes 40 ms before and 10 after, remove 5 and 6; the control is 2 ms off in create. */
const block = (index: number, noiseMs: number): OkSample[] => [
  staged('before', index, { create: 40 + noiseMs, remove: 5 }),
  staged('after', index, { create: 10 - noiseMs, remove: 6 }),
  staged('control', index, { create: 42 + noiseMs, remove: 5 }),
];
const evidenceOf = (arm: string, inProcess?: InProcessTimes): ArmEvidence => ({
  arm,
  policy: 'all',
  architectures: [],
  specBytes: 10,
  specSha256: arm,
  leftOut: [],
  predicted: { state: 'none' },
  loaded: { state: 'notSeen', reason: '' },
  seccompMode: 2,
  probe32: { outcome: 'ran', detail: '' },
  ...(inProcess === undefined ? {} : { inProcess }),
});
const twoBlocks = [...block(0, 1), ...block(1, -1)];

describe('stages', () => {
  it('are compared as means of paired differences to baseline and control, which add up to the whole', () => {
    const [after] = compareStages(sequential(2), twoBlocks);
    expect(after).toMatchObject({ arm: 'after', baseline: 'before', blocks: 2 });
    expect(
      after!.stages.map(({ stage, baselineNs, armNs, differenceNs }) => [stage, baselineNs, armNs, differenceNs]),
    ).toEqual([
      ['create', 41e6, 10e6, -31e6],
      ['remove', 5e6, 6e6, 1e6],
    ]);
    expect(after!.total).toMatchObject({ baselineNs: 46e6, armNs: 16e6, differenceNs: -30e6 });
    expect(after!.stages.reduce((sum, { differenceNs }) => sum + differenceNs, 0)).toBe(after!.total.differenceNs);
    expect(after!.stages.map(({ share }) => share)).toEqual([31 / 30, -1 / 30]);
  });

  it('have the t interval of their mean', () => {
    // Differences of -33 and -29 ms: mean -31, standard error 2, t(0.975; 1) = 12.7062.
    const create = compareStages(sequential(2), twoBlocks)[0]!.stages[0]!;
    expect([create.lowNs / 1e6, create.highNs / 1e6]).toEqual([
      expect.closeTo(-31 - 12.7062 * 2, 3),
      expect.closeTo(-31 + 12.7062 * 2, 3),
    ]);
    expect(compareStages(sequential(1), block(0, 0))[0]!.stages[0]).toMatchObject({
      differenceNs: -31e6,
      lowNs: -Infinity,
      highNs: Infinity,
    });
  });

  it('name the one in which the difference lies, only beyond chance', () => {
    const many = Array.from({ length: 20 }, (_, index) => block(index, index % 2 === 0 ? 0.5 : -0.5)).flat();
    expect(compareStages(sequential(20), many)[0]).toMatchObject({
      largest: 'create',
      blocks: 20,
    });
    expect(compareStages(sequential(2), [...block(0, 5), ...block(1, -5)])[0]).toMatchObject({
      largest: null,
      blocks: 2,
    });
  });

  it('say how much of it the same work in one process explains, where the whole is clear', () => {
    const inProcess = (buildNs: number) => ({ convertNs: 1e6, serialiseNs: 1e6, buildNs, loadNs: 1e6 });
    const evidence = [
      evidenceOf('before', inProcess(30e6)),
      evidenceOf('after', inProcess(6e6)),
      evidenceOf('control'),
    ];
    const many = Array.from({ length: 20 }, (_, index) => block(index, index % 2 === 0 ? 0.5 : -0.5)).flat();
    const [after] = compareStages(sequential(20), many, evidence);
    expect(after!.explained).toEqual({ differenceNs: -24e6, share: 0.8 });
    expect(compareStages(sequential(20), many, evidence.slice(1))[0]!.explained).toBeNull();
    expect(compareStages(sequential(2), [...block(0, 5), ...block(1, -5)], evidence)[0]!.explained).toBeNull();
  });

  it('use blocks alone in which every arm reported its stages, and no warm-up', () => {
    const samples = [
      ...block(0, 0),
      staged('before', 1, { create: 1 }),
      failedSample('after', 1),
      staged('control', 1, { create: 1 }),
      ...block(2, 0).map((sample) => ({ ...sample, warmup: true })),
    ];
    expect(compareStages(sequential(3), samples)[0]?.blocks).toBe(1);
    expect(compareStages(sequential(3), [okSample('before', 0), okSample('after', 0), okSample('control', 0)])).toEqual(
      [],
    );
    expect(compareStages(parallel(2, 2), [])).toEqual([]);
  });

  it('have no shares where nothing differs', () => {
    const same = ['before', 'after', 'control'].map((arm) => staged(arm, 0, { create: 10 }));
    expect(compareStages(sequential(1), same)[0]!.stages[0]!.share).toBeNull();
  });
});
