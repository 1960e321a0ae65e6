import { describe, expect, it } from 'vitest';
import { priceCalls, priceLines } from '../../../src/statistics/calls/call-prices.js';
import { excess, located, meet, together } from '../../../src/statistics/paired/paired-amounts.js';
import type { CallClass, CallPrices } from '../../../src/model/results/workload-findings.js';

const PAIR = { arm: 'default', baseline: 'unconfined' };
const classes = (entries: readonly (readonly [string, boolean, number, number])[]): readonly CallClass[] =>
  entries.map(([call, cached, fewest, most]) => ({ arm: 'default', call, cached, fewest, most }));
/** The same price in every one of eight blocks. */
const always = (value: number): readonly number[] => Array<number>(8).fill(value);

const PRICES: CallPrices = {
  times: [
    { arm: 'unconfined', call: 'getppid', ns: always(100) },
    { arm: 'default', call: 'getppid', ns: always(120) },
    { arm: 'unconfined', call: 'personality', ns: always(100) },
    { arm: 'default', call: 'personality', ns: always(150) },
    { arm: 'unconfined', call: 'kexec_load', ns: always(100) },
    { arm: 'default', call: 'kexec_load', ns: always(250) },
  ],
  classes: classes([
    ['getppid', true, 9, 9],
    ['personality', false, 100, 100],
    ['kexec_load', false, 300, 300],
    ['read', true, 3, 3],
    ['socket', false, 190, 210],
  ]),
};

describe('an excess over the baseline', () => {
  it('is the mean of block differences, without a spread a point', () => {
    expect(excess(always(30), always(10), null)).toEqual({ ns: 20, low: 20, high: 20 });
    expect(excess(always(30), always(10), always(20))).toEqual({ ns: 15, low: 15, high: 15 });
  });

  it('takes only blocks that have all values, and has no interval below six', () => {
    expect(excess([30, null, 30, 30, 30, 30], always(10), null)).toEqual({ ns: 20, low: null, high: null });
    expect(excess([30, 31], [10, 11], null)).toEqual({ ns: 20, low: null, high: null });
  });

  it('is none of less than two blocks', () => {
    expect([
      excess([], [], null),
      excess([1], [1], null),
      excess([1, 2], [null, 1], null),
      located([]),
      located([1, null]),
    ]).toEqual([null, null, null, null, null]);
  });

  it('lies within an interval of its spread', () => {
    const amount = located([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(amount?.ns).toBeCloseTo(4.5, 12);
    expect((amount?.low ?? 9) < 4.5 && (amount?.high ?? 0) > 4.5).toBe(true);
  });

  it('adds to another as the sides of a right angle do', () => {
    expect(together({ ns: 10, low: 7, high: 13 }, { ns: 5, low: 1, high: 9 })).toEqual({ ns: 15, low: 10, high: 20 });
    expect(together({ ns: 10, low: null, high: null }, { ns: 5, low: 1, high: 9 })).toEqual({
      ns: 15,
      low: null,
      high: null,
    });
  });

  it('meets another where the intervals touch', () => {
    const at = (low: number, high: number) => ({ ns: (low + high) / 2, low, high });
    expect([
      meet(at(1, 2), at(2, 3)),
      meet(at(1, 2), at(2.1, 3)),
      meet(at(1, 2), { ns: 1, low: null, high: null }),
    ]).toEqual([true, false, null]);
  });
});

describe('prices of calls', () => {
  it('are of cached calls and of others, apart', () => {
    expect(priceLines(PRICES, PAIR)).toEqual([
      { arm: 'default', kind: 'cached', price: { ns: 20, low: 20, high: 20 }, instructions: 0, calls: ['getppid'] },
      {
        arm: 'default',
        kind: 'filtered',
        price: { ns: 100, low: 100, high: 100 },
        instructions: 200,
        calls: ['personality', 'kexec_load'],
      },
    ]);
  });

  it('of a kind that no priced call is of are none', () => {
    expect(
      priceLines({ ...PRICES, classes: PRICES.classes.filter(({ cached }) => cached) }, PAIR).map(({ kind }) => kind),
    ).toEqual(['cached']);
  });

  it('sum up over counted calls: cached ones flat, others by a line through the priced ones', () => {
    // read 10 x 20; socket runs 200 instructions: 50 + (200 - 100) * 100 / 200 = 100 each.
    expect(
      priceCalls(
        [
          { name: 'read', calls: 10 },
          { name: 'socket', calls: 3 },
        ],
        PRICES,
        PAIR,
      ),
    ).toEqual({
      amount: { ns: 500, low: 500, high: 500 },
      cachedShare: 10 / 13,
      uncached: { call: 'socket', calls: 3, amount: { ns: 300, low: 300, high: 300 } },
    });
  });

  it('of a call without a name are those of the longest way through the filter', () => {
    expect(priceCalls([{ name: 'brand_new', calls: 2 }], PRICES, PAIR).amount?.ns).toBe(300);
  });

  it('follow the line from the cached price where every priced call runs as many instructions', () => {
    const same: CallPrices = {
      times: PRICES.times.filter(({ call }) => call !== 'kexec_load'),
      classes: classes([
        ['getppid', true, 9, 9],
        ['personality', false, 100, 100],
        ['socket', false, 200, 200],
      ]),
    };
    expect(priceCalls([{ name: 'socket', calls: 1 }], same, PAIR).amount?.ns).toBe(80);
  });

  it('leave out blocks in which a container failed, and are none without one', () => {
    const broken = { ...PRICES, times: PRICES.times.map((one) => ({ ...one, ns: [...one.ns.slice(1), null] })) };
    expect(priceCalls([{ name: 'read', calls: 1 }], broken, PAIR).amount).toEqual({ ns: 20, low: 20, high: 20 });
    expect(priceCalls([{ name: 'read', calls: 1 }], { times: [], classes: [] }, PAIR)).toEqual({
      amount: null,
      cachedShare: 0,
      uncached: null,
    });
    expect(priceCalls([], PRICES, PAIR)).toEqual({
      amount: { ns: 0, low: 0, high: 0 },
      cachedShare: 1,
      uncached: null,
    });
  });
});
