import { describe, expect, it } from 'vitest';
import type { History, HistoryEntry } from '../../../src/model/results/history.js';
import { checkHistory, historyTrends } from '../../../src/reporting/index.js';
import { entries, entry, hashOf } from './entries.js';

const historyOf = (all: readonly HistoryEntry[], change: Partial<History> = {}): History => ({
  entries: all,
  damaged: [],
  repeated: [],
  ...change,
});

const SETTINGS = { limit: 0.01, recent: 10, metrics: ['cpu'], commit: null } as const;

describe('trends of a history', () => {
  it('have levels, and changes with their size, interval and commit', () => {
    const [trend] = historyTrends(historyOf(entries(30, [{ from: 21, by: 1.05 }])));
    expect(trend?.levels.map(({ first, last }) => [first, last])).toEqual([
      [0, 19],
      [20, 29],
    ]);
    const [change] = trend?.changes ?? [];
    expect(trend?.points[change?.at ?? 0]?.commit?.id).toBe(hashOf(21));
    expect(change?.step?.logRatio).toBeCloseTo(Math.log(1.05), 3);
    expect(change?.step?.low).toBeLessThan(Math.log(1.05));
    expect(change?.step?.high).toBeGreaterThan(Math.log(1.05));
    expect(change?.now).toEqual(change?.step);
  });

  it('tell what else changed where they change, and nothing that changed elsewhere', () => {
    const all = entries(30, [{ from: 21, by: 1.05 }]).map((one, index) => ({
      ...one,
      host: { ...one.host, kernel: index < 10 ? '6.1.0-1' : '6.1.0-2' },
      tools: { ...one.tools, libseccomp: index < 20 ? '2.5.4' : '2.6.0' },
    }));
    expect(historyTrends(historyOf(all))[0]?.changes.map(({ facts }) => facts)).toEqual([
      [{ fact: 'libseccomp', before: '2.5.4', after: '2.6.0' }],
    ]);
  });

  it('are one per machine, engine, scenario, kind of starts, arm and metric', () => {
    const one = entry(1, 0.8);
    const [effect] = one.effects;
    if (effect === undefined) throw new Error('an entry has an effect');
    const others: Partial<HistoryEntry>[] = [
      { fingerprint: 'another' },
      { engine: 'crun' },
      { scenario: 'slow' },
      { shape: 'batches of 8, 4 in flight' },
      { effects: [{ ...effect, arm: 'trim' }] },
      { effects: [{ ...effect, metric: 'wall' }] },
    ];
    const all = [one, ...others.map((change, index) => entry(index + 2, 0.8, change)), entry(20, 0.8)];
    expect(historyTrends(historyOf(all)).map(({ points }) => points.length)).toEqual([2, 1, 1, 1, 1, 1, 1]);
  });

  it('are in the order of the commits, although older ones were measured later', () => {
    const late = entry(3, 0.8, { startedAt: '2026-06-01T00:00:00.000Z' });
    const [trend] = historyTrends(historyOf([late, entry(9, 0.8), entry(1, 0.8)]));
    expect(trend?.points.map(({ name }) => name)).toEqual(['folder-1', 'folder-3', 'folder-9']);
  });

  it('leave out runs that prove nothing, and say so', () => {
    const bad = entry(40, 5);
    const all = [
      ...entries(20),
      { ...bad, effects: bad.effects.map((one) => ({ ...one, verdict: 'invalid' as const })) },
    ];
    const [trend] = historyTrends(historyOf(all));
    expect(trend?.points).toHaveLength(20);
    expect(trend?.leftOut).toMatchObject([{ name: 'folder-40', verdict: 'invalid' }]);
  });
});

describe('the gate of a history', () => {
  it('fails where the newest runs are slower, with the change', () => {
    const check = checkHistory(historyOf(entries(25, [{ from: 20, by: 1.05 }])), SETTINGS);
    expect(check?.state).toBe('slower');
    expect(check?.trends[0]?.regressions.map(({ at }) => at)).toEqual([19]);
  });

  it('passes what became faster, what is slower by less than the limit, and what changed long ago', () => {
    const state = (all: readonly HistoryEntry[], settings = {}): string | undefined =>
      checkHistory(historyOf(all), { ...SETTINGS, ...settings })?.state;
    expect(state(entries(25, [{ from: 20, by: 0.9 }]))).toBe('passed');
    expect(state(entries(25, [{ from: 20, by: 1.05 }]), { limit: 0.1 })).toBe('passed');
    expect(state(entries(40, [{ from: 20, by: 1.05 }]))).toBe('passed');
    expect(state(entries(40, [{ from: 20, by: 1.05 }]), { recent: 30 })).toBe('slower');
  });

  it('passes a regression that was undone, and fails one after a gain', () => {
    const state = (first: number, second: number): string | undefined =>
      checkHistory(
        historyOf(
          entries(40, [
            { from: 16, by: first },
            { from: 30, by: second },
          ]),
        ),
        { ...SETTINGS, recent: 40 },
      )?.state;
    expect(state(1.06, 1 / 1.06)).toBe('passed');
    expect(state(1 / 1.1, 1.05)).toBe('slower');
  });

  it('never passes unevaluated: too few runs, an invalid newest run, damaged lines, no ratio', () => {
    const few = checkHistory(historyOf(entries(9)), SETTINGS);
    expect(few).toMatchObject({ state: 'notEvaluated', trends: [{ notEvaluated: { code: 'fewPoints', points: 9 } }] });
    const bad = entry(40, 5);
    const invalid = { ...bad, effects: bad.effects.map((one) => ({ ...one, verdict: 'invalid' as const })) };
    expect(checkHistory(historyOf([...entries(20), invalid]), SETTINGS)).toMatchObject({
      state: 'notEvaluated',
      trends: [{ notEvaluated: { code: 'leftOut', verdict: 'invalid' } }],
    });
    const damaged = [{ line: 3, reason: 'not JSON' }];
    expect(checkHistory(historyOf(entries(20), { damaged }), SETTINGS)).toMatchObject({
      state: 'notEvaluated',
      damaged: [3],
    });
    expect(checkHistory(historyOf(entries(20)), { ...SETTINGS, metrics: ['wall'] })?.state).toBe('notEvaluated');
    expect(checkHistory(historyOf(entries(20)), SETTINGS)?.state).toBe('passed');
  });

  it('looks at the run of a commit, and says that there is none', () => {
    const elsewhere = entry(50, 0.8, { fingerprint: 'another' });
    const history = historyOf([...entries(20), elsewhere]);
    expect(checkHistory(history, SETTINGS)?.state).toBe('notEvaluated');
    expect(checkHistory(history, { ...SETTINGS, commit: hashOf(20) })?.state).toBe('passed');
    expect(checkHistory(history, { ...SETTINGS, commit: hashOf(99) })).toBeNull();
  });
});
