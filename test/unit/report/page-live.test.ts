import { describe, expect, it } from 'vitest';
import type { LinesSpec, RowsSpec, TimeSpec } from '../../../src/report/charts/spec.js';
import { timeWords } from '../../../src/report/page/live/time-words.js';
import { armAt, onlyArm } from '../../../src/report/page/live/only-arm.js';
import { sortedPlaces, sortKey } from '../../../src/report/page/live/sort-key.js';
import { csvOf, markdownOf, samplesCsv } from '../../../src/report/page/live/table-text.js';

describe('the key that a cell is sorted by', () => {
  it.each([
    ['−42.1 % [−42.9, −41.3]', -42.1],
    ['+0.52 %', 0.52],
    ['1,400', 1400],
    ['100 / 100', 100],
    ['853 µs', 853_000],
    ['1.20 ms', 1_200_000],
    ['9.003 [8.850, 9.156]', 9.003],
    ['1,015 (bbbbbbbbbbbb)', 1015],
    ['p = 0.030', 0.03],
    ['1e-7', 1e-7],
    ['–', null],
    ['', null],
    ['Faster', 'faster'],
    ['2026-11-21', '2026-11-21'],
    ['3ware', '3ware'],
    ['1.2.3', '1.2.3'],
  ])('of %s is %s', (text, key) => {
    expect(sortKey(text)).toBe(key);
  });

  it('puts p < 0.0001 before p = 0.0001', () => {
    expect(Number(sortKey('p < 0.0001'))).toBeLessThan(Number(sortKey('p = 0.0001')));
  });
});

describe('a sorted column', () => {
  it('compares times of different units', () => {
    expect(sortedPlaces(['1.2 s', '853 µs', '20 ms'], 'ascending')).toEqual([1, 2, 0]);
  });

  it('has missing values last in both directions, and equal ones in their order', () => {
    expect(sortedPlaces(['–', '2', '1', '2'], 'ascending')).toEqual([2, 1, 3, 0]);
    expect(sortedPlaces(['–', '2', '1', '2'], 'descending')).toEqual([1, 3, 2, 0]);
  });

  it('is of texts where one cell is no number', () => {
    expect(sortedPlaces(['b10', 'b9', '7'], 'ascending')).toEqual([2, 1, 0]);
  });
});

const HOSTILE = '=cmd|" /c calc"!A1 | <b>`x`';
const TABLE = {
  columns: [
    { head: 'Arm', align: 'left' },
    { head: 'Change', align: 'right' },
  ],
  rows: [
    ['after', '−1,400.5'],
    [HOSTILE, '−42.1 % [−42.9, −41.3]'],
  ],
} as const;

describe('a copied table', () => {
  it('is CSV with numbers that programs read, and without a formula', () => {
    expect(csvOf(TABLE)).toBe(
      'Arm,Change\r\nafter,-1400.5\r\n"\'=cmd|"" /c calc""!A1 | <b>`x`","−42.1 % [−42.9, −41.3]"\r\n',
    );
  });

  it('is Markdown in which a name cannot break out of its cell', () => {
    expect(markdownOf(TABLE)).toBe(
      '| Arm | Change |\n| --- | ---: |\n| after | −1,400.5 |\n| =cmd\\|" /c calc"!A1 \\| &lt;b&gt;\\`x\\` | −42.1 % [−42.9, −41.3] |\n',
    );
  });
});

describe('copied samples', () => {
  it('have a line per container, and an empty field where no CPU time was recorded', () => {
    const run = {
      run: 'monday',
      arms: [
        { arm: 'before', block: [0, 1], wall: [63_712, 63_900], cpu: [60_000, 61_000] },
        { arm: '=after', block: [0], wall: [17_000] },
      ],
    };
    expect(samplesCsv(run)).toBe(
      "run,arm,block,wall_us,cpu_us\r\nmonday,before,0,63712,60000\r\nmonday,before,1,63900,61000\r\nmonday,'=after,0,17000,\r\n",
    );
  });
});

const row = (label: string) => ({ label, text: '', role: 'compared' as const, value: 1, low: 0, high: 2, marks: [] });
const ROWS: RowsSpec = {
  kind: 'rows',
  id: 'change',
  title: '',
  subtitle: '',
  axisTitle: '',
  axis: { min: 0, max: 2, step: 1 },
  noEffect: null,
  rows: [row('after, CPU'), row('after-cold, CPU'), row('control, CPU')],
};
const PLAIN = { place: 0, dash: 0, low: [], high: [] };
const LINES: LinesSpec = {
  kind: 'lines',
  id: 'sweep',
  title: '',
  subtitle: '',
  labels: ['1'],
  xTitle: '',
  yTitle: '',
  axis: { min: 0, max: 2, step: 1 },
  lines: [
    { label: 'after', role: 'compared', values: [1], ...PLAIN },
    { label: 'before', role: 'baseline', values: [1], ...PLAIN },
    { label: 'ideal', role: 'ideal', values: [2], ...PLAIN },
  ],
};

describe('a chart of one arm', () => {
  it('keeps its rows, not those of an arm whose name begins the same', () => {
    const shown = onlyArm(ROWS, 'after');
    expect(shown.kind === 'rows' && shown.rows.map(({ label }) => label)).toEqual(['after, CPU']);
  });

  it('keeps its line and the guides', () => {
    const shown = onlyArm(LINES, 'before');
    expect(shown.kind === 'lines' && shown.lines.map(({ label }) => label)).toEqual(['before', 'ideal']);
  });

  it('is the whole chart where that shows nothing of the arm', () => {
    expect(onlyArm(ROWS, 'before')).toBe(ROWS);
    expect(onlyArm(LINES, 'control')).toBe(LINES);
  });
});

describe('a click on a chart', () => {
  it('finds the arm of a row and of a line', () => {
    const arms = ['after', 'after-cold', 'before'];
    expect(armAt(ROWS, { datasetIndex: 0, index: 1 }, arms)).toBe('after-cold');
    expect(armAt(LINES, { datasetIndex: 1, index: 0 }, arms)).toBe('before');
    expect(armAt(LINES, { datasetIndex: 2, index: 0 }, arms)).toBeUndefined();
  });
});

describe('the numbers of the run over time', () => {
  const series = { place: 0, points: [], spans: [], outliers: [], clipped: [], trend: [] };
  const spec: TimeSpec = {
    kind: 'time',
    id: 'time',
    title: '',
    subtitle: '',
    xTitle: 'block',
    yTitle: 'CPU time, ms',
    changeTitle: 'change, %',
    x: { min: -4, max: 2000 },
    axis: { min: 0, max: 100, step: 20 },
    changeAxis: { min: -80, max: 0, step: 20 },
    arms: [
      { ...series, label: 'before', role: 'baseline' },
      { ...series, label: 'after', role: 'compared', spans: [[1, 2]] },
    ],
    changes: [{ ...series, label: 'after / before', role: 'compared', estimate: null }],
  };
  const words = (datasetIndex: number, x: number, y: number): string =>
    timeWords(spec, { datasetIndex, index: 0 }, [x, y]);

  it('name the arm, the block and the value; several blocks are told as their median', () => {
    expect(words(0, 33.5, 83.75)).toBe('before, block 34: 83.75 (CPU time, ms)');
    expect(words(3, 33.5, 83.75)).toBe('before, median around block 34: 83.75 (CPU time, ms)');
    expect(words(4, 1200, 38.123456)).toBe('after, median around block 1,201: 38.12 (CPU time, ms)');
    expect(words(8, 0.5, -56.34)).toBe('after / before, block 1: −56.34 (change, %)');
  });

  it('do not claim the edge of the axis as a value, nor a block for warm-up', () => {
    expect(words(2, 3.5, 100)).toBe('before, block 4: beyond the axis (CPU time, ms)');
    expect(words(0, -1.5, 90)).toBe('before, warm-up: 90 (CPU time, ms)');
  });

  it('are found by their arm, also those of changes', () => {
    expect(armAt(spec, { datasetIndex: 5, index: 0 }, ['before', 'after'])).toBe('after');
    expect(armAt(spec, { datasetIndex: 8, index: 0 }, ['before', 'after'])).toBe('after');
    const shown = onlyArm(spec, 'after');
    expect(shown.kind === 'time' && [shown.arms.length, shown.changes.length]).toEqual([1, 1]);
  });
});
