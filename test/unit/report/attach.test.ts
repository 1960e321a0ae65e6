import { describe, expect, it } from 'vitest';
import { attachAnswer, attachSentences } from '../../../src/report/index.js';
import type { FilterAttach, TimeInterval } from '../../../src/model/filter/attaching.js';

const time = (ns: number, half: number): TimeInterval => ({ ns, low: ns - half, high: ns + half });
const LOADED: FilterAttach = {
  name: 'default',
  machine: 'x86_64',
  kernel: '6.18.0',
  instructions: 1001,
  sha256: '0'.repeat(64),
  kernelInstructions: 1400,
  walkedPerCall: 272,
  jit: true,
  rounds: 30,
  seed: 1,
  whole: time(1.5e6, 3e4),
  parts: [
    { part: 'copy', ...time(5e4, 3e3) },
    { part: 'walk', ...time(1.2e6, 6e4) },
  ],
  notSwitched: 'notAsked',
  sampled: null,
  log: null,
  sweep: [],
  lines: [],
};
const ofFlag = (log: TimeInterval): string | undefined =>
  attachSentences({ ...LOADED, log }).find((sentence) => sentence.includes('SECCOMP_FILTER_FLAG_LOG'));

describe('what a load takes', () => {
  it('is said with its largest part, unless that exceeds the whole', () => {
    expect(attachAnswer(LOADED)).toBe(
      'The kernel takes 1.50 ms [1.47, 1.53] to load this filter; the walk for its bitmap takes 80 %.',
    );
    expect(attachAnswer({ ...LOADED, parts: [{ part: 'walk', ...time(1.6e6, 6e4) }] })).toBe(
      'The kernel takes 1.50 ms [1.47, 1.53] to load this filter.',
    );
  });

  it('tells more, less and neither of the flag for logging apart', () => {
    expect([ofFlag(time(5e4, 1e4)), ofFlag(time(-5e4, 1e4)), ofFlag(time(5e3, 1e4))]).toEqual([
      'SECCOMP_FILTER_FLAG_LOG takes 50 µs [40, 60] more.',
      'With SECCOMP_FILTER_FLAG_LOG it took 50 µs [40, 60] less, which the flag does not explain.',
      'SECCOMP_FILTER_FLAG_LOG changes nothing that can be seen: 5 µs [−5, 15].',
    ]);
  });
});
