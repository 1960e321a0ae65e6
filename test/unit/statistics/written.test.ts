import { describe, expect, it } from 'vitest';
import type { ArmEvidence } from '../../../src/model/run/evidence.js';
import { compareExactly } from '../../../src/statistics/runs/exact.js';
import { evidenceWarnings } from '../../../src/statistics/verdict/run-warnings.js';

const evidence = (arm: string, written?: ArmEvidence['written']): ArmEvidence => ({
  arm,
  policy: 'all',
  architectures: ['SCMP_ARCH_X86_64'],
  specBytes: 10,
  specSha256: arm,
  leftOut: [],
  predicted: { state: 'none' },
  loaded: { state: 'seen', via: 'ptrace', programs: [{ instructions: 9, sha256: 'same' }] },
  seccompMode: 2,
  probe32: { outcome: 'ran', detail: '' },
  ...(written === undefined ? {} : { written }),
});
const BEFORE = evidence('before', { bytes: 300, lines: 30, sections: 3 });
const AFTER = evidence('after', { bytes: 100, lines: 10, sections: 1 });

const ARMS = [
  { name: 'before', policy: 'all' },
  { name: 'after', policy: 'host' },
] as const;

describe('what an engine writes at every start', () => {
  it('is compared exactly', () => {
    expect(
      compareExactly([BEFORE, AFTER], 'after', 'before')
        .slice(3)
        .map(({ quantity, value, baselineValue, verdict }) => [quantity, value, baselineValue, verdict]),
    ).toEqual([
      ['writtenBytes', 100, 300, 'fewer'],
      ['writtenLines', 10, 30, 'fewer'],
      ['writtenSections', 1, 3, 'fewer'],
    ]);
  });

  it('is not mentioned where nothing is written', () => {
    expect(
      compareExactly([evidence('before'), evidence('after')], 'after', 'before').map(({ quantity }) => quantity),
    ).toEqual(['architectures', 'specBytes', 'filterInstructions']);
    expect(evidenceWarnings([evidence('before'), evidence('after')], ARMS)).toEqual([
      { code: 'sameFilter', arm: 'after', baseline: 'before', written: null },
    ]);
  });

  it('is named as what filtering shrinks where the loaded filter is the same', () => {
    expect(evidenceWarnings([BEFORE, AFTER], ARMS)).toEqual([
      {
        code: 'sameFilter',
        arm: 'after',
        baseline: 'before',
        written: { baseline: { bytes: 300, sections: 3 }, arm: { bytes: 100, sections: 1 } },
      },
    ]);
  });
});
