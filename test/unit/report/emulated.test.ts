import { describe, expect, it } from 'vitest';
import type { AnalysedRun } from '../../../src/model/analysis/analysis.js';
import type { ArmEvidence } from '../../../src/model/run/evidence.js';
import { leftOutOf, renderExport } from '../../../src/report/export/index.js';
import { renderTerminalOverview, renderTerminalSummary } from '../../../src/report/index.js';
import { renderMarkdown } from '../../../src/report/run/markdown.js';
import { summaryOf } from '../../../src/report/run/summary.js';
import { viewOf } from '../../../src/report/run/view.js';
import { judgeReport } from '../../../src/statistics/index.js';
import { HOST, sequential, sequentialRun } from '../results/runs.js';
import { readBencher, readCsv } from './export-formats.js';
import { runOf } from './export-runs.js';

const proof = (arm: string, specBytes: number, instructions: number, sha256: string): ArmEvidence => ({
  arm,
  policy: arm === 'after' ? 'host' : 'all',
  architectures: ['SCMP_ARCH_AARCH64'],
  specBytes,
  specSha256: sha256,
  leftOut: [],
  predicted: { state: 'built', instructions, sha256 },
  loaded: { state: 'seen', via: 'ptrace', programs: [{ instructions, sha256 }] },
  seccompMode: 2,
  probe32: { outcome: 'ran', detail: '' },
});
const evidence = [proof('before', 6000, 2600, 'b'), proof('after', 5900, 700, 'a'), proof('control', 6000, 2600, 'b')];

/**
 * 40 blocks in which `after` takes half the time, and the control differs as no honest one does: on a processor that is
 * an invalid run.
 */
const samples = sequentialRun(
  40,
  (arm, block) => (arm === 'after' ? 20 : arm === 'control' ? 60 : 40) + (block % 5) * 0.1,
);
const made = (name: string, emulated: boolean): AnalysedRun =>
  runOf(sequential(40, { pauseMs: 0 }), samples, {
    name,
    evidence,
    host: {
      ...HOST,
      machine: 'aarch64',
      ...(emulated ? { emulation: { kind: 'tcg', sign: 'a QEMU machine without any service of KVM' } } : {}),
    },
  });
const EMULATED = made('emulated', true);
const REAL = made('real', false);

describe('the analysis of an emulated run', () => {
  it('judges no time, in no metric, and checks none', () => {
    const { comparisons, controls } = EMULATED.analysis;
    expect(new Set(comparisons.filter(({ estimate }) => estimate !== null).map(({ verdict }) => verdict))).toEqual(
      new Set(['functional']),
    );
    expect(new Set(controls.map(({ state }) => state))).toEqual(new Set(['unknown']));
    expect(
      new Set(REAL.analysis.comparisons.filter(({ metric }) => metric === 'cpu').map(({ verdict }) => verdict)),
    ).toEqual(new Set(['invalid']));
  });

  it('claims nothing that rests on times, and warns of that alone', () => {
    const { diagnostics, resolution, stages, warnings } = EMULATED.analysis;
    expect([diagnostics, resolution, stages]).toEqual([[], [], []]);
    expect(summaryOf([EMULATED], []).runs[0]!.couldHaveSeen).toBeNull();
    expect(warnings).toEqual([
      { code: 'emulated', emulation: { kind: 'tcg', sign: 'a QEMU machine without any service of KVM' } },
    ]);
  });

  it('still compares what is counted', () => {
    expect(
      EMULATED.analysis.exact.map(({ quantity, value, baselineValue, verdict }) => [
        quantity,
        baselineValue,
        value,
        verdict,
      ]),
    ).toEqual([
      ['architectures', 1, 1, 'same'],
      ['specBytes', 6000, 5900, 'fewer'],
      ['filterInstructions', 2600, 700, 'fewer'],
    ]);
  });

  it('leaves its rows out of the family of a report with a real run', () => {
    const honest = runOf(
      sequential(40, { pauseMs: 0 }),
      sequentialRun(
        40,
        (arm, block) =>
          (arm === 'after' ? 20 : 40) + (block % 5) * 0.1 + (arm === 'control' && block % 2 === 0 ? 0.05 : 0),
      ),
      { evidence },
    );
    const alone = judgeReport([honest.analysis])[0]?.comparisons.map(({ family }) => family);
    const [beside, emulated] = judgeReport([honest.analysis, EMULATED.analysis]);
    expect(beside?.comparisons.map(({ family }) => family)).toEqual(alone);
    expect(new Set(emulated?.comparisons.map(({ family }) => family))).toEqual(new Set([null]));
  });
});

describe('the report of an emulated run', () => {
  it('is marked in its title, and claims no more than that it works', () => {
    const [run] = viewOf([EMULATED]).runs;
    expect(run?.title).toBe('arm64 sequential (emulated: QEMU TCG)');
    expect(run?.headlines.map(({ claim, figures }) => `${claim}: ${figures}`)).toEqual([
      'after and before both work; no verdict, because the times come from an emulator: bytes of the spec 6,000 → 5,900, BPF instructions 2,600 → 700',
    ]);
    expect(run?.host.rows).toContainEqual(['Emulation', 'QEMU TCG: a QEMU machine without any service of KVM']);
  });

  it('shows no change of time as one in the terminal, at 80 and 60 columns', () => {
    for (const columns of [80, 60]) {
      const text = renderTerminalSummary(EMULATED, { columns, colour: false, reportPath: null });
      expect(text.replaceAll(/\s+/g, ' ')).toContain('arm64 sequential (emulated: QEMU TCG)');
      expect(text.replaceAll(/\s+/g, ' ')).toContain('Functional: after and before ran under an emulator (QEMU TCG)');
      expect(text).not.toMatch(/faster|slower|could detect/);
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
    }
  });

  it('says so in Markdown and next to a real run', () => {
    expect(renderMarkdown(viewOf([EMULATED]))).toContain(
      '**Functional proof**: after and before both work; no verdict',
    );
    const both = renderTerminalOverview([REAL, EMULATED], { columns: 80, colour: false, reportPath: null });
    expect(both).toMatch(/^Invalid: /m);
    expect(both).toMatch(/^Functional: /m);
  });

  it('is distinguished from a run of a version that did not look, and from one on a processor', () => {
    const hostRow = (run: AnalysedRun): readonly string[] | undefined =>
      viewOf([run]).runs[0]?.host.rows.find(([name]) => name === 'Emulation');
    expect(hostRow(REAL)).toEqual(['Emulation', 'not checked']);
    expect(hostRow({ ...REAL, run: { ...REAL.run, host: { ...REAL.run.host, emulation: null } } })).toEqual([
      'Emulation',
      'none found',
    ]);
  });

  it('has its mark and the verdict in summary.json', () => {
    const [emulated, real] = summaryOf([EMULATED, REAL], []).runs;
    expect(emulated).toMatchObject({ emulation: { kind: 'tcg' }, verdicts: [{ arm: 'after', verdict: 'functional' }] });
    expect(real).toMatchObject({ emulation: null });
  });
});

describe('the exports of an emulated run', () => {
  it('name it as another machine, so that no history mixes the two', () => {
    const names = Object.keys(readBencher(renderExport('bencher', [EMULATED, REAL])));
    expect(names).toEqual([
      'made-up/aarch64-tcg/fake/before',
      'made-up/aarch64-tcg/fake/after',
      'made-up/aarch64-tcg/fake/control',
      'made-up/aarch64/fake/before',
      'made-up/aarch64/fake/after',
      'made-up/aarch64/fake/control',
    ]);
    expect(renderExport('gobench', [EMULATED])).toContain('/emulation=tcg/arm=after-2\t');
    expect(renderExport('gobench', [EMULATED])).toContain('emulated: its times are meaningless');
    expect(renderExport('githubBenchmark', [EMULATED])).toContain('emulated: its times are meaningless');
  });

  it('give no ratio, and say which are left out', () => {
    const measures = readBencher(renderExport('bencher', [EMULATED]))['made-up/aarch64-tcg/fake/after'] ?? {};
    expect(Object.keys(measures)).toEqual(['latency', 'cpu-time']);
    expect(leftOutOf([EMULATED])).toEqual([
      'made-up/aarch64-tcg/fake/after: its ratio to before is left out (cpu, wall), because the comparison is emulated',
    ]);
  });

  it('mark every sample in the CSV', () => {
    const rows = readCsv(renderExport('csv', [EMULATED, REAL]));
    expect([...new Set(rows.map((row) => `${row['run'] ?? ''} ${row['emulation'] ?? ''}`))]).toEqual([
      'emulated tcg',
      'real ',
    ]);
  });
});
