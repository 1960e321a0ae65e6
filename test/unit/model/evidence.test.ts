import { describe, expect, it } from 'vitest';
import { loadSameFilter, samePrediction } from '../../../src/model/run/evidence.js';
import type { ArmEvidence, FilterFacts, PredictedFilter } from '../../../src/model/run/evidence.js';

const facts = (instructions: number, sha256: string): FilterFacts => ({ instructions, sha256 });
const built = (sha256: string): PredictedFilter => ({ state: 'built', instructions: 10, sha256 });
const seen = (...programs: readonly FilterFacts[]): ArmEvidence['loaded'] => ({
  state: 'seen',
  via: 'ptrace',
  programs,
});
const arm = (loaded: ArmEvidence['loaded'], predicted: PredictedFilter = built('p')): ArmEvidence => ({
  arm: 'x',
  policy: 'all',
  architectures: [],
  specBytes: 1,
  specSha256: 's',
  leftOut: [],
  predicted,
  loaded,
  seccompMode: 2,
  probe32: { outcome: 'ran', detail: '' },
});

describe('whether two arms load the same filter', () => {
  it('is so where the same programs were seen in the same order, regardless of the prediction', () => {
    expect(
      loadSameFilter(arm(seen(facts(1, 'a'), facts(2, 'b'))), arm(seen(facts(1, 'a'), facts(2, 'b')), built('q'))),
    ).toBe(true);
    expect(loadSameFilter(arm(seen()), arm(seen()))).toBe(true);
  });

  it("is so where a runtime's own stub differs in its bytes alone, around the same libseccomp program", () => {
    expect(loadSameFilter(arm(seen(facts(12, 'a'))), arm(seen(facts(12, 'b'))))).toBe(true);
    expect(loadSameFilter(arm(seen(facts(12, 'a'))), arm(seen(facts(12, 'b')), built('q')))).toBe(false);
  });

  it('is not so where the lengths differ, or the number of programs', () => {
    expect(loadSameFilter(arm(seen(facts(12, 'a'))), arm(seen(facts(13, 'b'))))).toBe(false);
    expect(loadSameFilter(arm(seen(facts(12, 'a'))), arm(seen(facts(12, 'a'), facts(12, 'a'))))).toBe(false);
  });

  it('is unknown where one of them was not seen', () => {
    const notSeen = arm({ state: 'notSeen', reason: 'r' });
    expect([loadSameFilter(notSeen, arm(seen())), loadSameFilter(arm(seen()), notSeen)]).toEqual([null, null]);
  });
});

describe('whether two arms are predicted the same filter', () => {
  it('is so for the same program or none on either side, never for what is unknown', () => {
    const predicted = (a: PredictedFilter, b: PredictedFilter): boolean =>
      samePrediction(arm(seen(), a), arm(seen(), b));
    const unknown: PredictedFilter = { state: 'unknown', reason: 'r' };
    expect([
      predicted(built('p'), built('p')),
      predicted({ state: 'none' }, { state: 'none' }),
      predicted(built('p'), built('q')),
      predicted(built('p'), { state: 'none' }),
      predicted(unknown, unknown),
    ]).toEqual([true, true, false, false, false]);
  });
});
