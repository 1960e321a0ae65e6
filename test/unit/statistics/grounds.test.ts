import { describe, expect, it } from 'vitest';
import type { Analysis, Comparison, RunWarning, TreatmentFault } from '../../../src/model/analysis/analysis.js';
import type { ArmEvidence, LoadedFilter } from '../../../src/model/run/evidence.js';
import type { Sample } from '../../../src/model/results/sample.js';
import { analyse } from '../../../src/statistics/analyse.js';
import { compareExactly } from '../../../src/statistics/runs/exact.js';
import { failDifferently, fisher } from '../../../src/statistics/verdict/failure-test.js';
import { judgeReport } from '../../../src/statistics/verdict/family.js';
import { gate } from '../../../src/statistics/verdict/gate.js';
import { treatmentFault } from '../../../src/statistics/verdict/treatment.js';
import { failedSample, planOf, sequential, sequentialRun, THREE_ARMS } from '../results/runs.js';

const seen = (sha256: string, instructions: number): LoadedFilter => ({
  state: 'seen',
  via: 'ptrace',
  programs: [{ instructions, sha256 }],
});
const evidenceOf = (arm: string, change: Partial<ArmEvidence> = {}): ArmEvidence => ({
  arm,
  policy: 'all',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_ARM'],
  specBytes: 5000,
  specSha256: 'all',
  leftOut: [],
  predicted: { state: 'built', instructions: 1600, sha256: 'p' },
  loaded: seen('big', 1600),
  seccompMode: 2,
  probe32: { outcome: 'ran', detail: '' },
  ...change,
});
const AFTER = evidenceOf('after', {
  policy: 'host',
  architectures: ['SCMP_ARCH_X86_64'],
  specBytes: 4900,
  specSha256: 'host',
  loaded: seen('small', 1000),
});
const PROOF = [evidenceOf('before'), AFTER, evidenceOf('control')];
const fault = (evidence: readonly ArmEvidence[]): TreatmentFault | null =>
  treatmentFault({ arms: THREE_ARMS, evidence }, 'after', 'before', 'control');

const analysed = (samples: readonly Sample[], blocks: number, evidence: readonly ArmEvidence[] = []): Analysis =>
  analyse({ plan: planOf(sequential(blocks)), samples, evidence }, { margin: 0.01 });
const first = ({ comparisons }: Analysis): Comparison => comparisons[0]!;

describe('treatmentFault', () => {
  it('finds nothing where the evidence shows the treatment, or shows nothing', () => {
    expect(fault(PROOF)).toBeNull();
    expect(fault([])).toBeNull();
    expect(
      fault(PROOF.map((one) => ({ ...one, loaded: { state: 'notSeen', reason: 'no permission' }, seccompMode: null }))),
    ).toBeNull();
  });

  it('finds an arm that was not shown to be cold or warm', () => {
    const cached = (containers: number, shown: number, bytes: number | null = 80): ArmEvidence[] =>
      PROOF.map((one) => ({
        ...one,
        cache: {
          state: 'warm',
          containers: one.arm === 'after' ? containers : 40,
          shown: one.arm === 'after' ? shown : 40,
          file: bytes === null ? null : { bytes, sha256: 'f' },
        },
      }));
    expect(fault(cached(40, 40))).toBeNull();
    const found = { code: 'cacheNotShown', arm: 'after', state: 'warm', shown: 38, containers: 40 };
    expect(fault(cached(40, 38))).toEqual(found);
    expect(fault(cached(40, 40, null))).toMatchObject({ code: 'cacheNotShown', arm: 'before' });
    // Stopped before its first container was looked at.
    expect(fault(cached(0, 0))).toBeNull();
  });

  it('finds an arm without its filter', () => {
    expect(fault([evidenceOf('before'), { ...AFTER, seccompMode: 0 }, evidenceOf('control')])).toEqual({
      code: 'noSeccomp',
      arm: 'after',
    });
    expect(
      fault([
        evidenceOf('before', { loaded: { state: 'seen', via: 'ptrace', programs: [] } }),
        AFTER,
        evidenceOf('control'),
      ]),
    ).toEqual({ code: 'noFilter', arm: 'before' });
  });

  it('finds arms that were to differ and do not, and a control that is no copy', () => {
    expect(fault([evidenceOf('before'), evidenceOf('after'), evidenceOf('control')])).toEqual({
      code: 'sameFilter',
      arm: 'after',
      baseline: 'before',
    });
    expect(fault([evidenceOf('before'), AFTER, evidenceOf('control', { specSha256: 'x' })])).toEqual({
      code: 'notACopy',
      control: 'control',
      baseline: 'before',
      what: 'spec',
    });
  });

  it('lets arms share a spec where something else is what differs', () => {
    const arms = [
      { name: 'before', policy: 'all' as const, runtime: '/a' },
      { name: 'after', policy: 'host' as const, runtime: '/b' },
    ];
    expect(
      treatmentFault({ arms, evidence: [evidenceOf('before'), evidenceOf('after')] }, 'after', 'before', null),
    ).toBeNull();
  });

  it('makes every comparison of the arm invalid', () => {
    const { comparisons } = analysed(
      sequentialRun(40, (_, block) => 10 + block),
      40,
      [evidenceOf('before'), evidenceOf('after'), evidenceOf('control')],
    );
    expect(new Set(comparisons.map(({ verdict, invalid }) => `${verdict} ${invalid ?? ''}`))).toEqual(
      new Set(['invalid treatment']),
    );
    expect(comparisons[0]?.reason).toEqual({
      code: 'treatment',
      fault: { code: 'sameFilter', arm: 'after', baseline: 'before' },
    });
  });
});

describe('failures', () => {
  it("are compared by Fisher's exact test", () => {
    // The lady tasting tea: 3 of 4 right has p = 34/70.
    expect(fisher({ run: 4, failed: 3 }, { run: 4, failed: 1 })).toBeCloseTo(34 / 70, 12);
    expect(fisher({ run: 4, failed: 4 }, { run: 4, failed: 0 })).toBeCloseTo(2 / 70, 12);
    expect(fisher({ run: 500, failed: 0 }, { run: 1000, failed: 0 })).toBe(1);
    expect(fisher({ run: 5000, failed: 4000 }, { run: 10_000, failed: 8000 })).toBeCloseTo(1, 2);
  });

  it('differ only beyond chance', () => {
    expect(failDifferently({ run: 500, failed: 1 }, { run: 1000, failed: 0 })).toBe(false);
    expect(failDifferently({ run: 500, failed: 9 }, { run: 1000, failed: 1 })).toBe(true);
    expect(failDifferently({ run: 0, failed: 0 }, { run: 0, failed: 0 })).toBe(false);
  });

  it('that hit one arm make its comparisons invalid', () => {
    const samples = sequentialRun(60, (_, block) => 10 + block).filter(
      ({ arm, block }) => !(arm === 'after' && block < 15),
    );
    const analysis = analysed(
      [...samples, ...Array.from({ length: 15 }, (_, block) => failedSample('after', block))],
      60,
    );
    expect(first(analysis)).toMatchObject({ verdict: 'invalid', invalid: 'failures', family: null });
    expect(first(analysis).reason).toEqual({
      code: 'failures',
      failed: 15,
      run: 60,
      othersFailed: 0,
      othersRun: 120,
    });
  });
});

describe('too few blocks', () => {
  it('are invalid where more were planned', () => {
    expect(
      first(
        analysed(
          sequentialRun(12, () => 10),
          100,
        ),
      ),
    ).toMatchObject({ verdict: 'invalid', invalid: 'tooFewBlocks' });
    expect(
      first(
        analysed(
          sequentialRun(12, () => 10),
          12,
        ),
      ),
    ).toMatchObject({ verdict: 'described', invalid: null });
  });
});

describe('exact comparisons', () => {
  it('set counts next to each other without interval or test', () => {
    expect(
      compareExactly(PROOF, 'after', 'before').map(({ quantity, value, baselineValue, verdict }) => [
        quantity,
        value,
        baselineValue,
        verdict,
      ]),
    ).toEqual([
      ['architectures', 1, 2, 'fewer'],
      ['specBytes', 4900, 5000, 'fewer'],
      ['filterInstructions', 1000, 1600, 'fewer'],
    ]);
    expect(compareExactly([], 'after', 'before').every(({ verdict }) => verdict === 'unknown')).toBe(true);
    const predicted = [
      evidenceOf('before', { loaded: { state: 'notSeen', reason: '' } }),
      evidenceOf('after', { predicted: { state: 'unknown', reason: '' }, loaded: { state: 'notSeen', reason: '' } }),
    ];
    expect(compareExactly(predicted, 'after', 'before')[2]).toMatchObject({
      value: null,
      baselineValue: 1600,
      verdict: 'unknown',
    });
    expect(
      compareExactly(
        [
          evidenceOf('before'),
          evidenceOf('after', {
            architectures: null,
            predicted: { state: 'none' },
            loaded: { state: 'notSeen', reason: '' },
          }),
        ],
        'after',
        'before',
      )[2],
    ).toMatchObject({ value: 0, verdict: 'fewer' });
  });
});

describe('the family of a report', () => {
  const withP = (analysis: Analysis, p: number): Analysis => ({
    ...analysis,
    comparisons: [
      {
        ...first(analysis),
        verdict: p <= 0.05 ? 'slower' : 'inconclusive',
        estimate: { ...first(analysis).estimate!, logRatio: 0.02, low: 0.012, high: 0.028, equivalent: false, p },
      },
    ],
  });
  const base = analysed(
    sequentialRun(40, (arm, block) => 10 + block + arm.length / 100),
    40,
  );

  it('holds all rows of all runs to one level', () => {
    const families = judgeReport([withP(base, 0.03), withP(base, 0.001), withP(base, 0.4)]).map(
      ({ comparisons }) => comparisons[0]?.family,
    );
    expect(families).toEqual([
      { p: 0.06, verdict: 'inconclusive', rows: 3 },
      { p: 0.003, verdict: 'slower', rows: 3 },
      { p: 0.4, verdict: 'inconclusive', rows: 3 },
    ]);
    expect(judgeReport([withP(base, 0.03)])[0]?.comparisons[0]).toMatchObject({
      verdict: 'slower',
      family: { verdict: 'slower', rows: 1 },
    });
  });

  it('warns of what the whole report changes, and of nothing that a smaller family did', () => {
    const alone = withP(base, 0.03);
    const holm = (analyses: readonly Analysis[]): readonly RunWarning[] =>
      analyses.flatMap(({ warnings }) => warnings.filter(({ code }) => code === 'notByHolm'));
    const together = judgeReport([alone, withP(base, 0.4)]);
    expect(holm(together)).toEqual([{ code: 'notByHolm', arm: 'after', metric: 'cpu', tests: 2, p: 0.06 }]);
    expect(holm(judgeReport(together.slice(0, 1)))).toEqual([]);
  });

  it('leaves rows out that are not tested', () => {
    const { comparisons } = analysed(
      sequentialRun(12, () => 10),
      100,
    );
    expect(comparisons.map(({ family }) => family)).toEqual([null, null, null, null, null]);
  });

  it('fails a job for a slow-down beyond the limit, and only then', () => {
    const [slow] = judgeReport([withP(base, 0.001)]);
    expect(gate([slow!], { failIfSlower: 0.01, strict: false }).state).toBe('slower');
    expect(gate([slow!], { failIfSlower: 0.02, strict: true }).state).toBe('passed');
    expect(gate([slow!], { failIfSlower: null, strict: false }).state).toBe('passed');
    expect(gate(judgeReport([withP(base, 0.04), withP(base, 0.04)]), { failIfSlower: 0, strict: false }).state).toBe(
      'unevaluated',
    );
  });

  it('fails a strict job where the primary metric of an arm is open', () => {
    expect(gate(judgeReport([withP(base, 0.4)]), { failIfSlower: null, strict: true })).toMatchObject({
      state: 'unresolved',
      comparisons: [{ metric: 'cpu' }],
    });
    expect(
      gate(
        [
          analysed(
            sequentialRun(12, () => 10),
            100,
          ),
        ],
        { failIfSlower: null, strict: true },
      ).state,
    ).toBe('unresolved');
    const wallOnly = sequentialRun(40, () => 10).map((sample) => ({ ...sample, userNs: 0 }));
    expect(gate([analysed(wallOnly, 40)], { failIfSlower: null, strict: true }).state).toBe('passed');
  });
});
