import { describe, expect, it } from 'vitest';
import type { TriedMode } from '../../../src/model/run/time-plan.js';
import { chooseMode, pilotBlocks, planTime, timeMissing } from '../../../src/statistics/index.js';

const rule = { kind: 'time', milliseconds: 60_000, spentMs: 2_400 } as const;
const tried = (mode: TriedMode['mode'], cpu: number | null, secondsPerBlock = 0.1, wall = 0.1): TriedMode => ({
  mode,
  blocks: 40,
  secondsPerBlock,
  spread: { cpu, wall },
});

describe('the time that a run needs', () => {
  it('is for 20 blocks a tenth slower than the pilot, with what comes before and after', () => {
    // 60 s less 2.4 s before and 3.6 s after leave 54 s.
    expect(timeMissing(rule, 2.3, 1)).toBe(null);
    expect(timeMissing(rule, 2.5, 1)).toBeCloseTo(2_400 + 1.1 * 2_500 * 21 + 3_600, 6);
  });
});

describe('the pilot of a run with a time', () => {
  it('takes at most 15 % of what is left, and at most 40 blocks of each mode', () => {
    expect(pilotBlocks(rule, 0.2, 2)).toBe(20);
    expect(pilotBlocks(rule, 0.01, 2)).toBe(40);
  });

  it('is left out with one mode, or where a spread could not be seen', () => {
    expect([pilotBlocks(rule, 0.01, 1), pilotBlocks(rule, 0.4, 2)]).toEqual([0, 0]);
  });
});

describe('the mode', () => {
  it('is the one with the least spread squared times seconds', () => {
    expect(chooseMode([tried('solo', 0.05), tried('pinned', 0.04)])?.mode).toBe('pinned');
    expect(chooseMode([tried('solo', 0.05), tried('pinned', 0.04, 0.2)])?.mode).toBe('solo');
  });

  it('is the one whose spread of CPU and wall time is least together, with duet blocks that under load', () => {
    const duet: TriedMode = { ...tried('duet', 0.045, 0.1, 0.3), spread: { cpu: 0.045, wall: 0.3, duetWall: 0.02 } };
    expect(chooseMode([tried('solo', 0.05), tried('pinned', 0.04), duet])?.mode).toBe('duet');
    const blind: TriedMode = { ...duet, spread: { ...duet.spread, duetWall: null } };
    expect(chooseMode([tried('solo', 0.05), tried('pinned', 0.04), blind])?.mode).toBe('pinned');
  });

  it('is chosen by wall time where one has no CPU time', () => {
    expect(chooseMode([tried('solo', 0.01, 0.1, 0.3), tried('pinned', null, 0.1, 0.2)])?.mode).toBe('pinned');
  });

  it('is none where nothing was tried', () => {
    expect(chooseMode([])).toBe(undefined);
  });
});

describe('the plan of a run with a time', () => {
  it('has the blocks that fit and the half width by their number', () => {
    const chosen = tried('solo', 0.05);
    const plan = planTime(rule, { tried: [chosen], chosen, reason: 'narrowest', warmup: 1 });
    expect(plan.blocks).toBe(539);
    expect(plan.halfWidth.cpu).toBeCloseTo(Math.expm1((1.959964 * 0.05) / Math.sqrt(539)), 12);
  });

  it('expects no width where no spread was seen', () => {
    const chosen = tried('solo', null);
    expect(planTime(rule, { tried: [], chosen, reason: 'only', warmup: 1 }).halfWidth.cpu).toBe(null);
  });
});
