import { describe, expect, it } from 'vitest';
import { analysePercall } from '../../../src/statistics/index.js';
import { actionRun } from './actions.fixtures.js';
import { percallRun } from './percall.fixtures.js';

describe('prices of actions', () => {
  it('are those above the same filter that allows the call, with an interval', () => {
    const { actions } = analysePercall(actionRun());
    expect([actions?.blocks, actions?.control?.state, actions?.failures]).toEqual([30, 'agrees', []]);
    const added = new Map(actions?.prices.map((price) => [price.name, price.added]));
    for (const [name, ns] of [
      ['notify', 4000],
      ['notify-sync', 2300],
      ['notify-two-cpus', 38_000],
      ['trace', 7000],
    ] as const) {
      expect(Math.abs((added.get(name)?.value ?? NaN) - ns)).toBeLessThan(3);
      expect(added.get(name)?.low).toBeLessThanOrEqual(added.get(name)?.value ?? NaN);
    }
    expect(added.get('allow')).toEqual({ value: 0, low: 0, high: 0 });
  });

  it('have as many answers as calls as their evidence', () => {
    const { actions } = analysePercall(actionRun());
    const notify = actions?.prices.find(({ name }) => name === 'notify');
    expect(notify).toMatchObject({ calls: 18_000, answered: 18_000, proc: [{ mode: 2, filters: 1 }] });
    expect(actions?.prices.find(({ name }) => name === 'log')).toMatchObject({ calls: 18_000, answered: 0 });
  });

  it('lose a block in which a container failed, and keep its cause', () => {
    const run = actionRun({
      samples: (all) =>
        all.map((one) => {
          if (one.block !== 4 || one.action !== 'trace') return one;
          const { block, warmup, position, action, startNs } = one;
          return { block, warmup, position, action, startNs, state: 'failed', cause: 'exit code 70', stderr: '' };
        }),
    });
    const { actions, blocks } = analysePercall(run);
    expect([actions?.blocks, blocks]).toEqual([29, 30]);
    expect(actions?.failures).toEqual([{ arm: 'trace', cause: 'exit code 70', count: 1 }]);
  });

  it('are absent where none were measured', () => {
    expect(analysePercall(percallRun()).actions).toBeUndefined();
  });
});
