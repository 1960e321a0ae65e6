import { describe, expect, it } from 'vitest';
import { callerProgram, DEFAULT_CALLS, parseCalls, readCaller } from '../../../src/payload/index.js';

describe('parseCalls', () => {
  it('knows how calls are made that change nothing, and adds the one that does not exist', () => {
    expect(parseCalls(DEFAULT_CALLS).map(({ name }) => name)).toEqual([
      'getppid',
      'times',
      'personality',
      'kexec_load',
      'unknown',
    ]);
    expect(parseCalls('personality')).toEqual([
      { name: 'personality', args: ['0xffffffff'] },
      { name: 'unknown', args: [] },
    ]);
    expect(parseCalls('unknown, getppid').map(({ name }) => name)).toEqual(['unknown', 'getppid']);
  });

  it("takes arguments of the user's, commas within parentheses included", () => {
    expect(parseCalls('openat(0xffffffff, @,0),getppid()')).toEqual([
      { name: 'openat', args: ['0xffffffff', '@', '0'] },
      { name: 'getppid', args: [] },
      { name: 'unknown', args: [] },
    ]);
  });

  it('refuses a call that could do something, and whatever is no call', () => {
    const refused = (text: string, message: string): void => {
      expect(() => parseCalls(text)).toThrow(message);
    };
    refused('reboot', '--calls: expected arguments for reboot, which can do something, or one of getppid, ');
    refused('toString', '--calls: expected names of system calls, separated by commas, got "toString"');
    refused('getppid,', '--calls: expected names of system calls, separated by commas, got "getppid,"');
    refused(
      'getppid(-1)',
      '--calls: expected decimal or 0x hexadecimal arguments without a sign, or @, in getppid(-1), got "-1"',
    );
    refused('a(1,2,3,4,5,6,7)', '--calls: expected at most six arguments in a(1,2,3,4,5,6,7), got 7');
    refused('getppid,getppid()', '--calls: expected every call once, got getppid twice');
    refused(
      Array.from({ length: 17 }, (_, index) => `c${index}()`).join(','),
      '--calls: expected at most 16 calls, got 17',
    );
  });
});

describe("the caller's words", () => {
  const plan = {
    calls: [
      { name: 'getppid', nr: 110, args: [] },
      { name: 'personality', nr: 135, args: ['0xffffffff', '@'] },
    ],
    rounds: 2,
    loops: 1000,
  };
  const said = [
    'caller 2 clock cpu seccomp 2 speculation 3 -22',
    'empty 0 100',
    'call 0 0 5000 7',
    'call 1 0 6000 -1',
    'empty 1 90',
    'call 1 1 6100 -1',
    'call 0 1 5100 7',
    'done',
    '',
  ];

  it('asks for every call by number and arguments', () => {
    expect(callerProgram(plan)).toEqual({
      kind: 'program',
      args: ['/caller', '1000', '2', '110', '135,0xffffffff,@'],
      env: [],
      cwd: '/',
      binds: [],
    });
  });

  it('are read whatever the order of calls in a round', () => {
    expect(readCaller(said.join('\n'), plan)).toEqual({
      clock: 'cpu',
      seccompMode: 2,
      speculation: [3, -22],
      emptyNs: [100, 90],
      calls: [
        { ns: [5000, 5100], result: 7 },
        { ns: [6000, 6100], result: -1 },
      ],
    });
  });

  it('are not taken where they are not whole', () => {
    for (let missing = 1; missing < said.length - 1; missing += 1) {
      expect(readCaller(said.filter((_, index) => index !== missing).join('\n'), plan)).toEqual({
        fault: 'expected 2 rounds of 2 calls, got less: the caller did not come to its end',
      });
    }
    expect(readCaller('', plan)).toEqual({ fault: 'expected what the caller says first, got ""' });
    expect(readCaller('ok\n', plan)).toEqual({ fault: 'expected what the caller says first, got "ok"' });
  });
});
