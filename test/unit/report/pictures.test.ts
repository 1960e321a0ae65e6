import { describe, expect, it } from 'vitest';
import type { AnalysedRun, Comparison } from '../../../src/model/analysis/analysis.js';
import { QUESTIONS } from '../../../src/report/charts/picture.js';
import { picturesOf } from '../../../src/report/pictures/of-run.js';
import { headlinesOf } from '../../../src/report/run/headlines.js';
import { PUBLISHED_CASES } from '../../../src/report/run/published.js';
import { EXAMPLE, STAGED } from './example.js';
import { NOTHING, SEQUENTIAL } from './fixtures.js';

const all = picturesOf(STAGED, '', PUBLISHED_CASES[0]);
const specOf = (id: string) => all.find((picture) => picture.id === id)?.spec;

describe('the pictures of a run', () => {
  it('come in the order of the questions, each with a sentence and its numbers', () => {
    expect(all.map(({ id }) => id)).toEqual([
      'change',
      'distributions',
      'time',
      'stages',
      'parts',
      'price',
      'power',
      'published-x86_64-sequential',
      'bars',
    ]);
    const places = all.map(({ question }) => QUESTIONS.indexOf(question));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(all.filter(({ sentence }) => !/^\S.*\.$/.test(sentence))).toEqual([]);
    expect(all.filter(({ numbers }) => numbers.rows.length === 0 || numbers.columns.length < 2)).toEqual([]);
    expect(all.filter(({ numbers }) => numbers.rows.some((row) => row.length !== numbers.columns.length))).toEqual([]);
  });

  it('are in the published look for published scenarios only', () => {
    expect(picturesOf(EXAMPLE, '', undefined).filter(({ question }) => question === 'published')).toEqual([]);
  });

  it('are only the change where no block is complete', () => {
    expect(picturesOf(NOTHING, '', undefined).map(({ id }) => id)).toEqual(['change']);
  });

  it('colour a change by its verdict', () => {
    const spec = specOf('change');
    expect(spec?.kind === 'rows' ? spec.rows.map(({ role, tone }) => [role, tone]) : null).toEqual([
      ['compared', 'faster'],
      ['compared', 'faster'],
      ['control', undefined],
      ['control', undefined],
    ]);
  });

  it('show every violin whole', () => {
    const spec = specOf('distributions');
    if (spec?.kind !== 'distribution') throw new Error('expected distributions');
    const ends = spec.rows.flatMap(({ density }) =>
      density === null ? [] : [Math.max(0, density.from), density.from + (density.heights.length - 1) * density.step],
    );
    expect(ends).toHaveLength(6);
    expect(ends.filter((end) => end < spec.axis.min || end > spec.axis.max)).toEqual([]);
  });

  it('show every start over time, with the warm-up before block 0 and every outlier', () => {
    const spec = specOf('time');
    if (spec?.kind !== 'time') throw new Error('expected the run over time');
    expect(spec.arms.map(({ label, points }) => [label, points.length, points.filter(([x]) => x < 0).length])).toEqual([
      ['before', 104, 4],
      ['after', 104, 4],
      ['control', 104, 4],
    ]);
    expect(spec.arms.map(({ outliers, clipped }) => outliers.length + clipped.length)).toEqual([1, 0, 1]);
    expect(spec.changes.map(({ estimate }) => estimate?.value.toFixed(1))).toEqual(['-56.3']);
  });

  it('name the part that takes most of the work in one process, and how much of it is filter', () => {
    const picture = all.find(({ id }) => id === 'parts');
    expect(picture?.sentence).toMatch(/^The largest part is to build the filter: 40\.0 ms for before/);
    expect(picture?.numbers.rows[0]).toContain('42.5 ms, 99 % filter');
  });

  it('set what a start costs against the instructions that were seen loaded, and name no reason', () => {
    expect(all.find(({ id }) => id === 'price')?.sentence).toMatch(
      /^after loads [\d,]+ instructions, before [\d,]+, and a start takes 49\.\d ms \[4[89]\.\d, 50\.\d\] less\.$/,
    );
  });

  it('tell how many blocks the margin would take', () => {
    expect(all.find(({ id }) => id === 'power')?.sentence).toBe(
      '100 blocks find a change of 1.8 % in 80 of 100 runs; a change of the margin, 1 %, takes about 330.',
    );
  });

  it('tell blocks of the arm that needs the most, by its name where there are others, in the order of the arms', () => {
    const [after] = EXAMPLE.analysis.power;
    const wider = {
      ...after!,
      arm: 'wider',
      points: after!.points.map((point) => ({ ...point, detectable80: 2 * point.detectable80 })),
    };
    const two = { ...EXAMPLE, analysis: { ...EXAMPLE.analysis, power: [after!, wider] } };
    const picture = picturesOf(two, '', undefined).find(({ id }) => id === 'power');
    expect(picture?.sentence).toContain('find a change of 3.6 % of wider in 80 of 100 runs');
    expect(picture?.spec.kind === 'power' && picture.spec.lines.map(({ label }) => label.split(':')[0])).toEqual([
      'after',
      'wider',
    ]);
  });

  it('have numbers with the decimals of their intervals', () => {
    expect(all.find(({ id }) => id === 'change')?.numbers.rows.map((row) => row.slice(2))).toEqual([
      ['−56.3', '−56.9', '−55.8'],
      ['−53.9', '−54.7', '−53.1'],
      ['−0.5', '−2.1', '1.1'],
      ['−0.7', '−3.0', '1.6'],
    ]);
  });
});

describe('the answer', () => {
  const answerOf = (analysed: AnalysedRun) => headlinesOf(analysed)[0];
  const judged = (more: Partial<Comparison>): AnalysedRun => ({
    ...EXAMPLE,
    analysis: {
      ...EXAMPLE.analysis,
      comparisons: EXAMPLE.analysis.comparisons.map((one) => ({ ...one, ...more })),
    },
  });

  it('says how many times as fast, the medians, what is saved per start and at a rate', () => {
    expect(answerOf(EXAMPLE)).toMatchObject({
      answer:
        'after starts 2.3 times as fast as before: 87.0 → 38.3 ms CPU, 49.3 ms saved per start [48.6, 50.1]; at 1,000 starts an hour 49 s of CPU.',
      rests:
        '100 paired blocks in shuffled order (seed 20211230); control, a copy of before, agrees (−0.5 % [−2.1, 1.1], p = 0.52); no container failed',
      next: 'Repeat with another `--seed` before you publish it.',
    });
  });

  it('says a small change in percent', () => {
    const estimate = { ...EXAMPLE.analysis.comparisons[0]!.estimate!, logRatio: -0.021, low: -0.031, high: -0.011 };
    expect(answerOf(judged({ estimate }))?.answer).toMatch(/^after takes 2\.1 % less CPU time than before: 87\.0 → /);
  });

  it('claims no saving where nothing was decided', () => {
    for (const verdict of ['equivalent', 'inconclusive', 'described', 'invalid'] as const)
      expect(answerOf(judged({ verdict }))?.answer).not.toMatch(/saved|times as fast/);
  });

  it('has no figures it does not know', () => {
    expect(answerOf(SEQUENTIAL)?.answer).toBe(
      'after starts 1.7 times as fast as before: 48.2 → 28.0 ms CPU, −42.1 % [−42.9, −41.3].',
    );
  });
});
