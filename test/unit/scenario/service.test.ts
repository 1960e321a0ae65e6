import { describe, expect, it } from 'vitest';
import { isFault, workloadFrom } from '../../../src/scenario/workload.js';

const served = (more: object) => workloadFrom({ args: ['redis-server'], ...more }, (path) => path);

describe('a server in a scenario', () => {
  it('is ready by a port, as a number or as text, or by a line', () => {
    const readyOf = (ready: string | number) => {
      const workload = served({ ready, load: 'wrk' });
      return isFault(workload) ? workload.message : workload.service?.ready;
    };
    expect([readyOf(6379), readyOf('6379'), readyOf('Ready to accept')]).toEqual([
      { kind: 'port', port: 6379 },
      { kind: 'port', port: 6379 },
      { kind: 'line', pattern: 'Ready to accept' },
    ]);
  });

  it('has a load, and an expression that finds its figures', () => {
    expect(served({ ready: 80, load: 'mine', loadMetric: 'rate: (.*)' })).toMatchObject({
      service: { load: 'mine', metric: 'rate: (.*)' },
    });
    expect(served({})).not.toHaveProperty('service');
  });

  it.each([
    [{ load: 'wrk' }, 'ready', 'expected a port or a regular expression, got nothing'],
    [{ ready: 80 }, 'load', 'expected a command, got nothing'],
    [{ ready: 80, load: ' ' }, 'load', 'expected a command, got nothing'],
    [{ loadMetric: '(x)' }, 'ready', 'expected a port or a regular expression, got nothing'],
    [{ ready: 80, load: 'wrk', via: 'exec' }, 'via', 'expected run for a server, got exec'],
    [{ ready: 70_000, load: 'wrk' }, 'ready', 'expected a port from 1 to 65535, got 70000'],
    [{ ready: '(', load: 'wrk' }, 'ready', 'expected a regular expression, got "("'],
    [
      { ready: 80, load: 'mine', loadMetric: 'rate' },
      'loadMetric',
      'expected a regular expression with a group, got "rate"',
    ],
  ])('%j has a fault', (more, property, message) => {
    expect(served(more)).toEqual({ property, message });
  });
});
