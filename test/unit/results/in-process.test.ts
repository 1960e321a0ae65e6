import { describe, expect, it } from 'vitest';
import { timeInProcess } from '../../../src/results/in-process.js';

describe('timing in process', () => {
  it('runs every task so often, in turn, and gives the median of all but the first round', async () => {
    const order: string[] = [];
    let calls = 0;
    const own = () => {
      order.push('own');
      calls += 1;
      // Two calls to warm up, then 3, 4, 5 and 6.
      return { ownNs: calls * 1000 };
    };
    const times = await timeInProcess(
      [
        { name: 'own', run: own },
        {
          name: 'other',
          run: () => {
            order.push('other');
          },
        },
      ],
      { rounds: 2, calls: 2 },
    );
    expect(times.get('own')).toBeCloseTo(4500, 6);
    expect(times.get('other')).toBeGreaterThanOrEqual(0);
    expect(order.join(' ')).toBe('own own other other own own other other own own other other');
  });

  it('waits for what a task promises, and hands on what it throws', async () => {
    expect(
      (await timeInProcess([{ name: 'later', run: () => Promise.resolve({ ownNs: 7 }) }], { rounds: 1, calls: 3 })).get(
        'later',
      ),
    ).toBeCloseTo(7, 9);
    await expect(
      timeInProcess(
        [
          {
            name: 'bad',
            run: () => {
              throw new Error('no');
            },
          },
        ],
        { rounds: 1, calls: 1 },
      ),
    ).rejects.toThrow('no');
    expect(await timeInProcess([], { rounds: 1, calls: 1 })).toEqual(new Map());
  });
});
