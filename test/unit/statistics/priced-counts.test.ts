import { describe, expect, it } from 'vitest';
import type { FilterWork } from '../../../src/model/analysis/priced-table.js';
import { priceCounts, pricePoints } from '../../../src/statistics/index.js';
import type { PricedSide } from '../../../src/statistics/index.js';
import { kindOf } from '../../../src/statistics/calls/priced-counts.js';
import { percallRun } from './percall.fixtures.js';

const work = (fewest: number, most = fewest, more: Partial<FilterWork> = {}): FilterWork => ({
  answers: ['ALLOW'],
  cached: false,
  fewest,
  most,
  ...more,
});
const CACHED = work(50, 50, { cached: true });
const side = (works: Readonly<Record<string, FilterWork>>, arm: string | null = null): PricedSide => ({
  works: new Map(Object.entries(works)),
  arm,
});
const count = (name: string, calls: number) => ({ name, calls, errors: null, seconds: null });
const POINTS = pricePoints(percallRun());
const priced = (own: PricedSide, against: PricedSide | null, ...counts: readonly ReturnType<typeof count>[]) =>
  priceCounts(counts, { side: own, against, points: POINTS });
const ns = ({ shortest, longest }: { shortest: { ns: number }; longest: { ns: number } }): readonly number[] =>
  [shortest.ns, longest.ns].map((value) => Math.round(value * 1e6) / 1e6);

describe('points of a run that timed calls', () => {
  it('are what each call costs more, denied ones than a call that does not exist', () => {
    expect(
      POINTS.map(({ arm, call, cached, instructions, added }) => [arm, call, cached, instructions, added[0]]),
    ).toEqual([
      ['small', 'getppid', true, 50, 25],
      ['small', 'personality', false, 400, 100],
      ['small', 'kexec_load', false, 400, 70],
      ['small', 'unknown', false, 400, 70],
      ['large', 'getppid', true, 50, 25],
      ['large', 'personality', false, 900, 200],
      ['large', 'kexec_load', false, 900, 170],
      ['large', 'unknown', false, 900, 170],
    ]);
  });

  it('leave out denied calls that nothing without work can be compared with', () => {
    const run = percallRun();
    const calls = run.plan.calls.filter(({ name }) => name !== 'unknown');
    const points = pricePoints({ ...run, plan: { ...run.plan, calls } });
    expect(points.map(({ call }) => call)).not.toContain('kexec_load');
  });
});

describe('counted calls', () => {
  it('cost what timed cached calls do, or what the line through the timed ones gives at their instructions', () => {
    const { rows, total } = priced(
      side({ read: CACHED, mount: work(650) }),
      null,
      count('read', 10),
      count('mount', 2),
    );
    expect(rows.map((row) => [row.call, row.basis, ns(row.perCall), ns(row.total)])).toEqual([
      ['mount', 'derived', [130, 130], [260, 260]],
      ['read', 'derived', [25, 25], [250, 250]],
    ]);
    expect(total === null ? null : ns(total)).toEqual([510, 510]);
  });

  it('cost what they were timed at where the run has that very filter and all arguments take one path', () => {
    const own = side({ personality: work(400), kexec_load: work(300, 400) }, 'small');
    expect(
      priced(own, null, count('personality', 1), count('kexec_load', 1)).rows.map((row) => [
        row.basis,
        ns(row.perCall),
      ]),
    ).toEqual([
      ['measured', [100, 100]],
      ['derived', [60, 80]],
    ]);
  });

  it('have the range from their shortest to their longest path, of two filters against each other as well', () => {
    const [own, other] = [side({ openat: work(400, 900) }), side({ openat: work(650, 700) })];
    expect(ns(priced(own, null, count('openat', 3)).total!)).toEqual([240, 540]);
    expect(ns(priced(own, other, count('openat', 1)).total!)).toEqual([-60, 50]);
    const cached = priced(side({ openat: CACHED }), other, count('openat', 1)).rows[0]!;
    expect([ns(cached.perCall), cached.against]).toEqual([[-115, -105], work(650, 700)]);
  });

  it('that have no price are named by the reason, and are in no total', () => {
    const { rows, unpriced, total } = priced(
      side({ read: CACHED }),
      null,
      count('read (32 bit)', 3),
      count('syscall:470', 2),
      count('none', 0),
    );
    expect([rows, total]).toEqual([[], null]);
    expect(unpriced).toEqual([
      { call: 'read (32 bit)', calls: 3, code: 'otherWordSize' },
      { call: 'syscall:470', calls: 2, code: 'unknownCall' },
    ]);
    const cachedOnly = POINTS.filter(({ cached }) => cached);
    expect(
      priceCounts([count('mount', 1)], { side: side({ mount: work(9) }), against: null, points: cachedOnly }),
    ).toMatchObject({ unpriced: [{ call: 'mount', code: 'nothingLikeIt' }], timed: null });
  });

  it('have an interval that is that of the blocks', () => {
    const points = pricePoints(
      percallRun({
        samples: (all) =>
          all.map((sample) =>
            sample.state === 'ok' && sample.arm === 'small'
              ? {
                  ...sample,
                  calls: sample.calls.map((one) => ({ ...one, ns: one.ns.map((t) => t + (sample.block % 3) * 1000) })),
                }
              : sample,
          ),
      }),
    );
    const { total } = priceCounts([count('read', 10)], {
      side: side({ read: CACHED }, 'small'),
      against: null,
      points,
    });
    expect(total?.shortest.ns).toBeGreaterThan(250);
    expect(total?.shortest.low).toBeLessThan(total?.shortest.ns ?? 0);
    expect(total?.shortest.high).toBeGreaterThan(total?.shortest.ns ?? 0);
  });

  it('are allowed, denied or stopped, or that depends on their arguments', () => {
    expect(
      [
        ['ALLOW'],
        ['LOG', 'ALLOW'],
        ['ALLOW', 'ERRNO(EPERM)'],
        ['any'],
        ['ERRNO(EPERM)'],
        ['KILL_PROCESS'],
        ['ERRNO(EPERM)', 'TRAP'],
      ].map(kindOf),
    ).toEqual(['allowed', 'allowed', 'depends', 'depends', 'denied', 'stopped', 'stopped']);
  });
});
