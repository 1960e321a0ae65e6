import { describe, expect, it } from 'vitest';
import { callsRequest, startsRequest } from '../../../src/experiment/requests.js';
import { DOCKER_CAPABILITIES } from '../../../src/model/profile/capabilities.js';

describe('a request for starts', () => {
  it('has a default for everything', () => {
    const { seed, ...request } = startsRequest();
    expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32).toBe(true);
    expect(request).toEqual({
      kind: 'starts',
      engine: { choice: 'auto' },
      conversion: { capabilities: DOCKER_CAPABILITIES, kernel: null, lenient: false },
      pinnedCpu: null,
      timeoutMs: 60_000,
      maxFailures: null,
      resultsFolder: 'results',
      commandLine: [],
      scenario: {
        kind: 'sequential',
        name: 'sequential-500',
        arms: [
          { name: 'before', policy: 'all' },
          { name: 'after', policy: 'host' },
          { name: 'control', policy: 'all', copyOf: 'before' },
        ],
        dialect: 'moby',
        warmup: 4,
        pauseMs: 0,
        count: 500,
      },
      staged: false,
      stopping: [],
      margin: 0.01,
      counting: null,
      findings: { explain: false, touch: [], profiler: null },
    });
  });

  it('takes arms by name and with profiles of their own, and adds the control', () => {
    const { scenario, engine } = startsRequest({
      engine: 'crun',
      arms: ['unconfined', { name: 'mine', policy: 'host', profile: 'mine.json' }],
      blocks: 30,
    });
    expect(engine).toEqual({ choice: 'crun' });
    expect(scenario.arms.map(({ name, copyOf }) => [name, copyOf])).toEqual([
      ['unconfined', undefined],
      ['mine', undefined],
      ['control', 'unconfined'],
    ]);
    expect(scenario.count).toBe(30);
  });

  it.each([
    [{ arms: ['afer'] }, '"afer" is not an arm; did you mean "after"?'],
    [{ blocks: 0 }, 'count: expected a whole number from 1 to 1,000,000, got 0'],
    [{ warmup: 1.5 }, 'warmup: expected a whole number from 0 to 10,000, got 1.5'],
  ])('refuses %o', (options, message) => {
    expect(() => startsRequest(options)).toThrow(message);
  });
});

describe('a request for prices of calls', () => {
  it('has arms against none, and the call that no kernel has', () => {
    const { scenario, calls, rounds, loops, equalArms } = callsRequest({ calls: ['getppid'] });
    expect(scenario.arms.map(({ name }) => name)).toEqual(['unconfined', 'native', 'after', 'control']);
    expect([scenario.name, scenario.count, scenario.warmup, rounds, loops, equalArms]).toEqual([
      'percall',
      30,
      1,
      25,
      1000,
      'drop',
    ]);
    expect(calls).toEqual([
      { name: 'getppid', args: [] },
      { name: 'unknown', args: [] },
    ]);
  });

  it('takes calls with arguments, and no call without that may change something', () => {
    const call = { name: 'openat', args: ['0xffffffff', '0', '0'] };
    expect(callsRequest({ calls: [call, 'unknown'] }).calls).toEqual([call, { name: 'unknown', args: [] }]);
    expect(() => callsRequest({ calls: ['reboot'] })).toThrow('"reboot" is not a call that is known to change nothing');
  });

  it('refuses arms that come out equal only where they were asked for', () => {
    expect(callsRequest({ calls: [], arms: ['native'] }).equalArms).toBe('refuse');
  });
});
