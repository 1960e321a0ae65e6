import { describe, expect, it } from 'vitest';
import type { CapacityResult } from '../../../src/model/results/capacity.js';
import { capacityReport, capacitySentences } from '../../../src/report/index.js';
import { renderCapacityCsv } from '../../../src/report/export/index.js';
import { analyseCapacity } from '../../../src/statistics/index.js';
import { capacityRun, crowdUnder, KERNEL } from '../results/capacity-run.js';

const analysed = (run: CapacityResult) => analyseCapacity(run);
const said = (run: CapacityResult): string => capacitySentences(analysed(run)).join('\n');

describe('the memory of a filter', () => {
  it('is the difference between tasks with it and tasks without it, by part', () => {
    const { memory, points } = analysed(capacityRun());
    const exact = (bytes: number) => ({ state: 'measured', value: { bytes, low: bytes, high: bytes } });
    expect(memory.program).toEqual(exact(12_288));
    expect(memory.slab).toEqual(exact(9000));
    expect(memory.charged.bytes).toEqual(exact(14_484));
    expect(memory.charged.parts.vmalloc).toEqual({ state: 'notMeasured', reason: 'noCgroup' });
    expect(points.map(({ filters }) => filters)).toEqual([25, 50, 75, 100]);
    expect(points.map(({ program }) => program)).toEqual([25, 50, 75, 100].map((count) => exact(12_288 * count)));
  });

  it('is told in words: what a container is charged, how many containers and execs fit, how many stack', () => {
    const text = said(capacityRun());
    expect(text).toContain(
      "14.1 KiB per filter is charged to the cgroup of its task and counts towards a container's memory limit. The program is part of that, the JIT image is not.",
    );
    expect(text).toMatch(
      /That is room for 44,[\d,]+ to 44,[\d,]+ more containers with this filter, or 22,[\d,]+ to 22,[\d,]+ with 1 exec in each, or /,
    );
    expect(text).toContain('One task can load 32 filters like this one; the kernel refuses the next with ENOMEM');
    expect(text).toContain(
      'The refused task goes on: the same filter is refused again, and one of a single instruction still loads.',
    );
  });

  it('is charged to no container where the kernel charges nothing', () => {
    const flat = (): { kernel: number; slab: null; vmalloc: null; percpu: null } => ({
      kernel: 32_000_000,
      slab: null,
      vmalloc: null,
      percpu: null,
    });
    expect(said(capacityRun({ ...KERNEL, charged: flat }))).toContain(
      'None of it is charged to the cgroup of its task',
    );
  });

  it('does not count into billions where memory ends before the limit does, as on arm64', () => {
    const made = capacityRun();
    const run = { ...made, plan: { ...made.plan, limit: 68_169_519_595_520 } };
    const text = said(run);
    expect(text).toContain("of kernel memory; memory ends long before this machine's limit.");
    expect(text).toContain('net.core.bpf_jit_limit is 62.0 TiB (68,169,519,595,520 bytes)');
    expect(text).not.toContain('That is room for');
    expect(capacityReport(analysed(run), run).pictures.map(({ id }) => id)).not.toContain('limit');
  });

  it('says of an image that may be charged too nothing but the program', () => {
    const charged = (filters: number) => ({ kernel: 30_000 * filters, slab: 0, vmalloc: 12_288 * filters, percpu: 0 });
    const text = said(capacityRun({ ...KERNEL, charged }));
    expect(text).toContain('The program is part of that.');
    expect(text).not.toContain('the JIT image is not');
    expect(
      capacityReport(analysed(capacityRun({ ...KERNEL, charged })), capacityRun()).tables.map(({ title }) => title),
    ).toContain("Charged to a container's cgroup");
  });

  it('says what was not measured, and why', () => {
    const run = capacityRun({ ...KERNEL, charged: () => 'noCgroup' });
    expect(said(run)).toContain('bench may not make a cgroup with a memory controller here');
    expect(said({ ...run, plan: { ...run.plan, limit: null } })).toContain('are measured with --until-refused');
    expect(said({ ...run, plan: { ...run.plan, jit: false } })).toContain('This kernel interprets filters');
  });

  it('takes the counts of the last try', () => {
    const disturbed = { kind: 'counted', attempt: 1, limit: 1_048_576, crowd: crowdUnder(KERNEL, 0) } as const;
    const { room, counted } = analysed(capacityRun(KERNEL, [disturbed]));
    expect([room, counted.length]).toEqual([{ state: 'notMeasured', reason: 'disturbed' }, 1]);
  });

  it('differs from the prediction in words and as a finding, where it does', () => {
    const run = capacityRun();
    const samples = run.samples.map((sample) =>
      sample.kind === 'stack' ? { ...sample, trial: { ...sample.trial, loaded: 31 } } : sample,
    );
    expect(said({ ...run, samples })).toContain('31 filters like this one, not the 32 that are predicted');
    const states = (one: CapacityResult) => capacityReport(analysed(one), one).findings.map(({ state }) => state);
    expect([states(run), states({ ...run, samples })]).toEqual([
      ['holds', 'holds'],
      ['holds', 'fails'],
    ]);
  });

  it('is drawn by the number of filters, with the limit as a line', () => {
    const { pictures } = capacityReport(analysed(capacityRun()), capacityRun());
    expect(pictures.map(({ id }) => id)).toEqual(['memory', 'limit']);
    const [growth, limit] = pictures.map(({ spec }) => (spec.kind === 'lines' ? spec : null));
    expect(growth?.lines.map(({ label }) => label)).toEqual([
      'program',
      'JIT image (from counts)',
      'other',
      "charged to the tasks' cgroup",
    ]);
    expect(limit?.lines.filter(({ role }) => role === 'limit').map(({ values }) => new Set(values).size)).toEqual([1]);
  });

  it('is exported with one record for every crowd', () => {
    const run = capacityRun();
    const lines = renderCapacityCsv(run).trimEnd().split('\r\n');
    expect(lines).toHaveLength(1 + run.samples.length);
    const widths = new Set(lines.map((line) => line.split(',').length));
    expect([...widths]).toEqual([19]);
  });
});
