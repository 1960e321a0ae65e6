import { describe, expect, it } from 'vitest';
import { attachAnswer, attachContents, attachSentences } from '../../../src/report/index.js';
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
  conditions: {
    processors: 2,
    loadBefore: 0.1,
    loadAfter: 1.1,
    othersShare: 0.01,
    stolenShare: 0,
    otherRuns: [],
  },
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

  it('has a chart of the other parts where the walk is the longest', async () => {
    const drawnOf = async (parts: FilterAttach['parts']): Promise<readonly unknown[]> => {
      const attach = { ...LOADED, parts, sweep: [{ instructions: 512, parts }] };
      const loads = { switched: -1, files: [], refused: [] };
      const { files } = await attachContents(attach, loads, { summary: {} });
      const page = String(files.get('index.html'));
      return [...files.keys()]
        .filter((name) => name.endsWith('.png'))
        .concat(/Beside the walk: [^<]*/.exec(page) ?? []);
    };
    const [copy, walk] = LOADED.parts;
    expect(await drawnOf([copy!, walk!])).toEqual([
      'attach.png',
      'attach-beside-walk.png',
      'Beside the walk: copying and checking takes 50 µs [47, 53].',
    ]);
    expect(await drawnOf([copy!, { ...walk!, ns: 1000 }])).toEqual(['attach.png']);
    expect(await drawnOf([walk!])).toEqual(['attach.png']);
  });

  it('says that the machine was busy, and with what', () => {
    const busy = { ...LOADED.conditions, othersShare: 0.38, otherRuns: ['sb-0a1b2c3d'] };
    const [first] = attachSentences({ ...LOADED, conditions: busy });
    expect(first).toBe(
      'The machine was busy meanwhile: other programs used 38 % of the CPU time, 1 other run of bench (sb-0a1b2c3d). \
Times are longer and intervals wider than on a quiet one.',
    );
    expect(attachSentences(LOADED).join(' ')).not.toContain('busy');
  });

  it('tells more, less and neither of the flag for logging apart', () => {
    expect([ofFlag(time(5e4, 1e4)), ofFlag(time(-5e4, 1e4)), ofFlag(time(5e3, 1e4))]).toEqual([
      'SECCOMP_FILTER_FLAG_LOG takes 50 µs [40, 60] more.',
      'With SECCOMP_FILTER_FLAG_LOG it took 50 µs [40, 60] less, which the flag does not explain.',
      'SECCOMP_FILTER_FLAG_LOG changes nothing that can be seen: 5 µs [−5, 15].',
    ]);
  });
});
