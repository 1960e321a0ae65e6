import { describe, expect, it } from 'vitest';
import { callerProgram, readCaller } from '../../../src/payload/index.js';

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

  it('are read in any order of calls in a round', () => {
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
