import { describe, expect, it } from 'vitest';
import { SampleTable } from '../../../src/model/results/sample-table.js';
import { spanOf } from '../../../src/statistics/planning/span.js';
import { failedSample, okSample } from '../results/runs.js';

const SAMPLES = [
  okSample('before', 0, { warmup: true, startNs: 1e6, wallNs: 9e9 }),
  okSample('before', 0, { startNs: 20e6, wallNs: 40e6 }),
  okSample('after', 0, { startNs: 70e6, wallNs: 5e6 }),
  { ...okSample('control', 0, { startNs: 80e6, wallNs: 10e6 }), gapNs: 5 },
  failedSample('before', 1, { startNs: 95e6 }),
];

describe('the time span of a run', () => {
  it('is from the first measured start to the last known end, in columns as in objects', () => {
    const table = new SampleTable(['before', 'after', 'control'], SAMPLES.length);
    for (const sample of SAMPLES) table.addSample(sample);
    expect(table.others.size).toBe(2);
    expect(spanOf(table).ms).toBe(75);
    expect(spanOf(SAMPLES).ms).toBe(75);
  });

  it('is 0 without measured samples', () => {
    expect(spanOf(new SampleTable(['before'], 0)).ms).toBe(0);
    expect(spanOf(SAMPLES.slice(0, 1)).ms).toBe(0);
  });
});
