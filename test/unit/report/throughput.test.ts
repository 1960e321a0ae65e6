import { describe, expect, it } from 'vitest';
import type { Sweep } from '../../../src/model/analysis/throughput.js';
import { configure } from '../../../src/report/charts/configure.js';
import { sweepPictures } from '../../../src/report/pictures/sweep.js';
import { sweepLinesOfText, sweepTable } from '../../../src/report/run/throughput.js';

const latency = (count: number) => ({
  count,
  min: 10e6,
  p25: 12e6,
  median: 15.24e6,
  p75: 20e6,
  p90: 123.4e6,
  p99: 2345e6,
  max: 9876.5e6,
  mean: 20e6,
  standardDeviation: 1e6,
  outliers: 0,
});
const SWEEP: Sweep = {
  id: 's',
  count: 200,
  cpuCount: 2,
  levels: [1, 128],
  points: [
    {
      arm: 'a-rather-long-name-of-an-arm',
      concurrency: 1,
      batches: 20,
      makespanSeconds: 12.345,
      perSecond: 16.2,
      perSecondLow: 15,
      perSecondHigh: 18,
      latency: latency(4000),
      efficiency: 1,
      efficiencyLow: null,
      efficiencyHigh: null,
      latencyIntervals: null,
    },
    {
      arm: 'control',
      concurrency: 128,
      batches: 1,
      makespanSeconds: 123.456,
      perSecond: 1.62,
      perSecondLow: null,
      perSecondHigh: null,
      latency: latency(99),
      efficiency: null,
      efficiencyLow: null,
      efficiencyHigh: null,
      latencyIntervals: null,
    },
  ],
};

describe('the pictures of a sweep', () => {
  const placed = (arm: string) => ({
    role: arm === 'control' ? ('control' as const) : ('compared' as const),
    place: 0,
  });
  const pictures = sweepPictures({ ...SWEEP, levels: [1] }, placed, 's');

  it('have a sentence on nothing that they do not show', () => {
    const last = { ...SWEEP, levels: [1], points: SWEEP.points.map((point) => ({ ...point, concurrency: 1 })) };
    expect(sweepPictures(last, placed, 's')[1]?.sentence).toBe(
      'With 1 in flight: a-rather-long-name-of-an-arm 15.2 ms at p50 and 2.35 s at p99.',
    );
    expect(pictures[0]?.sentence).toContain('The most is 16.2 [15.0, 18.0] containers per second');
  });

  it('have the dashes of lines in their legend where these tell them apart', () => {
    const marks = pictures.map(
      ({ spec }) =>
        configure(spec, { width: 500, height: 400, theme: 'light' }).options?.plugins?.legend?.labels?.pointStyle,
    );
    expect(marks).toEqual([undefined, 'line', undefined]);
  });
});

describe('a sweep in words', () => {
  it('keeps all its figures on 80 columns, and the essential ones on 60', () => {
    const wide = sweepLinesOfText(SWEEP, 80);
    expect(wide.slice(1, 4)).toEqual([
      'arm                 C  makespan    /s  p50 ms  p90 ms  p99 ms  max ms   effic.',
      'a-rather-long-n\u2026    1    12.3 s  16.2    15.2     123    2345    9877  100.0 %',
      'control           128     123 s  1.62    15.2     123   2345*    9877        \u2013',
    ]);
    const narrow = sweepLinesOfText(SWEEP, 60);
    expect(narrow[1]).toBe('arm          C    /s  p50 ms  p99 ms  max ms   effic.');
    for (const [lines, width] of [
      [wide, 80],
      [narrow, 60],
    ] as const)
      expect(lines.filter((line) => line.length > width)).toEqual([]);
    expect([wide, narrow].flat().filter((line) => line.includes('\u2026') && !line.startsWith('a-rather'))).toEqual([]);
  });

  it('marks a 99th percentile that too few containers carry, and gives no interval to a single batch', () => {
    const { rows, note } = sweepTable(SWEEP);
    expect(rows.map((row) => [row[3], row[6], row[8]])).toEqual([
      ['16.2 [15.0, 18.0]', '2.35 s', '100.0 %'],
      ['1.62', '2.35 s*', '\u2013'],
    ]);
    expect(note).toContain('* from fewer than 100 containers: between the two largest.');
  });
});
