import { createCanvas, loadImage } from 'canvas';
import { beforeAll, describe, expect, it } from 'vitest';
import { draw } from '../../../src/report/canvas.js';
import type { DrawnChart } from '../../../src/report/canvas.js';
import { barAxis, dotAxis, tickText } from '../../../src/report/charts/axis.js';
import { configure } from '../../../src/report/charts/configure.js';
import { frameOf, shortenedTo } from '../../../src/report/charts/frame.js';
import { brokenAt, heightFor, rowsMeasures } from '../../../src/report/charts/look.js';
import type { ChartSpec } from '../../../src/report/charts/spec.js';
import { PUBLISHED_CASES } from '../../../src/report/run/published.js';
import { changeRows } from '../../../src/report/pictures/change.js';
import { picturesOf } from '../../../src/report/pictures/of-run.js';
import { measuredBars, publishedBars } from '../../../src/report/pictures/published-bars.js';
import { EXAMPLE, STAGED } from './example.js';
import { FAILURES, FEW, FOUND, NOTHING, PARALLEL, SEQUENTIAL } from './fixtures.js';
import { comparisonOf, estimateOf } from './make-run.js';

describe('the axis of bars', () => {
  it('starts at zero whatever the values are', () => {
    expect([barAxis([57, 56.671]), barAxis([29.812, 19.144]), barAxis([0, 0])]).toEqual([
      { min: 0, max: 60, step: 10 },
      { min: 0, max: 35, step: 5 },
      { min: 0, max: 1, step: 0.2 },
    ]);
  });
});

describe('the axis of dots', () => {
  it('holds every value, starts at zero where that is near and never goes below where no value does', () => {
    expect(dotAxis([0.1, 9.8])).toEqual({ min: 0, max: 12, step: 2 });
    expect(dotAxis([0.99, 4.02])).toEqual({ min: 0, max: 5, step: 1 });
    expect(dotAxis([-42.9, 1])).toEqual({ min: -50, max: 10, step: 10 });
    expect(dotAxis([5])).toEqual({ min: 4.6, max: 5.4, step: 0.1 });
  });

  it('writes ticks with the decimals of the step and a true minus', () => {
    expect([
      tickText(-0.5, { min: -1, max: 1, step: 0.5 }),
      tickText(10, { min: 0, max: 20, step: 5 }),
      tickText(56.5, { min: 56, max: 57, step: 0.05 }),
      tickText(2500, { min: 0, max: 3000, step: 500 }),
    ]).toEqual(['−0.5', '10', '56.50', '2,500']);
  });
});

describe('what a chart says', () => {
  it('gives every arm one colour and one shape in all charts', () => {
    const look = { width: 824, height: 540, theme: 'light' } as const;
    const series = { points: [[1, 2]], spans: [], outliers: [], clipped: [], trend: [[1, 2]] } as const;
    const arms = [
      { ...series, label: 'before', role: 'baseline', place: 0 },
      { ...series, label: 'after', role: 'compared', place: 0 },
    ] as const;
    const axis = { min: 0, max: 4, step: 1 };
    const words = { id: 'x', title: '', subtitle: '', xTitle: '', yTitle: '', axis };
    const time = configure(
      { ...words, kind: 'time', x: { min: 0, max: 4 }, changeAxis: axis, changeTitle: '', arms, changes: [] },
      look,
    );
    const values = { dash: 0, values: [1], low: [], high: [] };
    const lines = configure(
      { ...words, kind: 'lines', labels: ['1'], lines: arms.map((arm) => ({ ...arm, ...values })) },
      look,
    );
    const seen = (configuration: ReturnType<typeof configure>) =>
      configuration.data.datasets
        .filter(({ label }) => label !== '')
        .map((one) => [one.label, one.borderColor, 'pointStyle' in one && one.pointStyle]);
    expect(seen(time)).toEqual([
      ['before', '#4b5563', 'circle'],
      ['after', '#2563c9', 'rect'],
    ]);
    expect(seen(lines)).toEqual(seen(time));
  });

  it('shortens a name in the legend that is longer than the picture is wide, at neither end', () => {
    expect([shortenedTo('before', 20), shortenedTo('the-policy-of-the-payments-team: 3 %', 20)]).toEqual([
      'before',
      'the-pol\u2026ts-team: 3 %',
    ]);
    const { legend } = frameOf({ title: '', subtitle: '' }, { width: 320, height: 400, theme: 'light' }).plugins;
    const item = { text: 'x'.repeat(80) };
    expect([legend.labels.filter(item), item.text.length < 40, legend.labels.filter({ text: '' })]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('names the margin of what is equal, and what all rows together do not confirm', () => {
    expect(
      changeRows([FOUND], 'change', 'Change')
        .rows.slice(0, 2)
        .map(({ text }) => text),
    ).toEqual(['+0.9 % [+0.1, +1.7]  slower, not after Holm', '+0.2 % [−0.3, +0.7]  equivalent within ±1 %']);
  });

  it("marks the published change on wall time of all architectures against the host's, and nowhere else", () => {
    const { rows } = changeRows([FAILURES], 'change', 'title');
    expect(rows.map(({ marks }) => marks.map((mark) => mark.toFixed(2)))).toEqual([[], ['-1.21', '-0.92'], [], []]);
  });

  it('marks nothing in a run that makes the published change in a scenario of its own', () => {
    const { published: _, ...scenario } = SEQUENTIAL.run.plan.scenario;
    const own = {
      ...SEQUENTIAL,
      run: { ...SEQUENTIAL.run, plan: { ...SEQUENTIAL.run.plan, scenario } },
    } as typeof SEQUENTIAL;
    const marksOf = (run: typeof SEQUENTIAL): readonly number[] =>
      changeRows([run], 'change', 'title').rows.flatMap(({ marks }) => marks);
    expect([marksOf(SEQUENTIAL).length, marksOf(own).length]).toEqual([1, 0]);
  });

  it('marks nothing where the arms are others than the published ones', () => {
    const scenario = {
      ...SEQUENTIAL.run.plan.scenario,
      arms: SEQUENTIAL.run.plan.scenario.arms.map((arm) => ({ ...arm, policy: 'native' as const })),
    };
    const { rows } = changeRows(
      [{ ...SEQUENTIAL, run: { ...SEQUENTIAL.run, plan: { ...SEQUENTIAL.run.plan, scenario } } }],
      'change',
      'title',
    );
    expect(rows.flatMap(({ marks }) => marks)).toEqual([]);
  });

  it('has no room left of a change that no arm can have', () => {
    const comparisons = [comparisonOf('cpu', 'faster', estimateOf(-95.8, -96.1, -95.6))];
    expect(
      changeRows([{ ...SEQUENTIAL, analysis: { ...SEQUENTIAL.analysis, comparisons } }], 'change', 'title').axis,
    ).toEqual({ min: -100, max: 20, step: 20 });
  });

  it('shows control against before as the A/A check of one run', () => {
    const rows = changeRows([SEQUENTIAL], 'change', 'title').rows.filter(({ role }) => role === 'control');
    expect(rows.map(({ label, text }) => `${label}: ${text}`)).toEqual([
      'control, CPU: +0.1 % [−0.3, +0.5]  agrees',
      'control, wall: −0.4 % [−1.9, +1.1]  agrees',
    ]);
  });

  it('keeps a row for what could not be estimated', () => {
    const { rows } = changeRows([NOTHING], 'change', 'title');
    expect(rows.map(({ text, value }) => [text, value])).toEqual(
      Array.from({ length: 4 }, () => ['no complete block', null]),
    );
  });

  it('draws no whisker where no interval exists', () => {
    expect(changeRows([FEW], 'change', 'title').rows.map(({ low, high }) => [low, high])).toEqual(
      Array.from({ length: 4 }, () => [null, null]),
    );
  });

  it('puts the interval of each arm on its bar, where it has one', () => {
    expect(
      measuredBars(SEQUENTIAL, 'bars')?.rows.map(({ label, low, high }) => [label, low !== null, high !== null]),
    ).toEqual([
      ['BEFORE', true, true],
      ['AFTER', true, true],
    ]);
    expect(publishedBars(PUBLISHED_CASES[0]!, 'published').rows.map(({ low, high }) => [low, high])).toEqual([
      [null, null],
      [null, null],
    ]);
  });

  it('has no bars where no block is complete', () => {
    expect(measuredBars(NOTHING, 'bars')).toBeNull();
  });

  it('gives label and figures a line each where a narrow screen cannot hold both', () => {
    const spec = changeRows([SEQUENTIAL, PARALLEL], 'change', 'title');
    expect([rowsMeasures(spec, 824).stripLines, rowsMeasures(spec, 360).stripLines]).toEqual([1, 2]);
  });

  it('never begins a line with a percent sign', () => {
    expect(brokenAt('a margin of 1 % here', 13)).toEqual(['a margin of', '1 % here']);
  });
});

/** Violins, the run over time, power, stages and parts. */
const EXAMPLE_SPECS = [EXAMPLE, STAGED].flatMap((one) =>
  picturesOf(one, '', undefined).map(({ id, spec }) => [`${id} of ${one.run.name}`, spec] as const),
);

const SPECS: readonly (readonly [string, ChartSpec])[] = [
  ['the published look', publishedBars(PUBLISHED_CASES[0]!, 'published')],
  ['measured bars', measuredBars(PARALLEL, 'bars')!],
  ...EXAMPLE_SPECS,
  ['change', changeRows([FAILURES], 'change', 'Change')],
  ['change without intervals', changeRows([FEW], 'change', 'Change')],
  ['change of several runs', changeRows([SEQUENTIAL, PARALLEL, EXAMPLE, FAILURES], 'overview', 'All')],
];

describe.each(SPECS)('the picture of %s', (_, spec) => {
  let picture: DrawnChart;
  beforeAll(async () => {
    picture = await draw(spec);
  });

  it('is a PNG 824 pixels wide and as high as its rows need', () => {
    expect(picture.png.subarray(1, 4).toString('latin1')).toBe('PNG');
    expect([picture.png.readUInt32BE(16), picture.png.readUInt32BE(20)]).toEqual([824, heightFor(spec, 824)]);
  });

  it('has letters in its title, which a machine without fonts would leave out', async () => {
    const image = await loadImage(picture.png);
    const context = createCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    const [width, height] = [824, 60];
    const { data } = context.getImageData(0, 0, width, height);
    const dark = Array.from({ length: width * height }, (_none, pixel) => (data[4 * pixel] ?? 255) < 90).filter(
      Boolean,
    );
    expect(dark.length).toBeGreaterThan(150);
  });

  it('is an SVG of the same size, scalable, its text drawn as paths', () => {
    const svg = picture.svg.toString('utf8');
    expect(/viewBox="([^"]*)"/.exec(svg)?.[1]).toBe(`0 0 824 ${heightFor(spec, 824)}`);
    expect(svg.match(/<path /g)?.length).toBeGreaterThan(10);
    expect(/<(?:text|image)/.test(svg)).toBe(false);
  });

  it('draws a circle of an SVG as four curves', () => {
    const canvas = createCanvas(40, 40, 'svg');
    const context = canvas.getContext('2d');
    context.beginPath();
    context.arc(20, 20, 10, 0, 2 * Math.PI);
    context.closePath();
    context.fill();
    const path = / d="([^"]*)"/.exec(canvas.getContent().toString('utf8'))?.[1] ?? '';
    expect(path.match(/C/g)?.length).toBe(4);
    expect(path).toMatch(/^M30 20C30 25\.\d+ 25\.\d+ 30 20 30/);
  });

  it('is the same file when drawn again', async () => {
    const again = await draw(spec);
    expect(again.png.equals(picture.png)).toBe(true);
    expect(again.svg.equals(picture.svg)).toBe(true);
  });
});
