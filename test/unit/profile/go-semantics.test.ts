import { describe, expect, it } from 'vitest';
import { BenchError } from '../../../src/errors.js';
import type { Profile } from '../../../src/model/profile/profile.js';
import { loadProfile } from '../../../src/profile/index.js';

const load = (text: string): Profile => loadProfile(Buffer.from(text), 'p.json', { lenient: true });

function refusal(text: string): string {
  try {
    load(text);
  } catch (error) {
    if (error instanceof BenchError) return error.message;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

const rule = (members: string): string => `{"defaultAction":"A","syscalls":[{${members}}]}`;
const arg = (members: string): string => rule(`"names":["a"],"action":"B","args":[{${members}}]`);

describe('values of the wrong kind', () => {
  const UINT64 = 'an integer from 0 to 18446744073709551615';
  const NOT_INTEGERS = [
    '-1',
    '-0',
    '1.0',
    '1.5',
    '1e0',
    '1e3',
    '1E2',
    '0.0',
    '18446744073709551616',
    '"1"',
    'true',
    '[]',
    '{}',
  ];
  it.each([
    ['[]', 'p.json is a JSON array, not a seccomp profile or filter'],
    ['"x"', 'p.json is a JSON string, not a seccomp profile or filter'],
    ['12', 'p.json is a JSON number, not a seccomp profile or filter'],
    ['true', 'p.json is a JSON boolean, not a seccomp profile or filter'],
    ['{"defaultAction":1}', 'p.json: defaultAction: expected a string, got 1'],
    ['{"defaultAction":1,"defaultAction":"A"}', 'p.json: defaultAction: expected a string, got 1'],
    ['{"defaultErrnoRet":-1}', `p.json: defaultErrnoRet: expected ${UINT64}, got -1`],
    ['{"architectures":"x"}', 'p.json: architectures: expected an array, got "x"'],
    ['{"architectures":["x",1]}', 'p.json: architectures[1]: expected a string, got 1'],
    ['{"archMap":{}}', 'p.json: archMap: expected an array, got an object'],
    ['{"archMap":["x"]}', 'p.json: archMap[0]: expected an object, got "x"'],
    ['{"archMap":[{"subArchitectures":"x"}]}', 'p.json: archMap[0].subArchitectures: expected an array, got "x"'],
    ['{"flags":"x"}', 'p.json: flags: expected an array, got "x"'],
    ['{"listenerPath":[]}', 'p.json: listenerPath: expected a string, got an array'],
    ['{"syscalls":{}}', 'p.json: syscalls: expected an array, got an object'],
    ['{"syscalls":[null]}', 'p.json: syscalls[0]: expected an object, got null'],
    ['{"syscalls":[[]]}', 'p.json: syscalls[0]: expected an object, got an array'],
    [rule('"names":"read"'), 'p.json: syscalls[0].names: expected an array, got "read"'],
    [rule('"names":[1]'), 'p.json: syscalls[0].names[0]: expected a string, got 1'],
    [rule('"comment":1'), 'p.json: syscalls[0].comment: expected a string, got 1'],
    [rule('"includes":"x"'), 'p.json: syscalls[0].includes: expected an object, got "x"'],
    [rule('"includes":{"caps":"x"}'), 'p.json: syscalls[0].includes.caps: expected an array, got "x"'],
    [rule('"errnoRet":"EPERM"'), `p.json: syscalls[0].errnoRet: expected ${UINT64}, got "EPERM"`],
    [rule('"args":{}'), 'p.json: syscalls[0].args: expected an array, got an object'],
    ...NOT_INTEGERS.map((value): [string, string] => [
      arg(`"value":${value}`),
      `p.json: syscalls[0].args[0].value: expected ${UINT64}, got ${{ '[]': 'an array', '{}': 'an object' }[value] ?? value}`,
    ]),
  ])('refuses %s', (text, message) => {
    expect(refusal(text)).toBe(message);
  });

  it('names the place in a longer file, and shortens long values', () => {
    const rules = Array.from({ length: 3 }, () => '{"names":["a"],"action":"B"}').join(',');
    const text = `{"defaultAction":"A","syscalls":[${rules},{"names":["b"],"action":"B","args":[{"value":"${'x'.repeat(200)}"}]}]}`;
    expect(refusal(text)).toBe(`p.json: syscalls[3].args[0].value: expected ${UINT64}, got "${'x'.repeat(59)}…`);
  });

  it('does not read the values of unknown keys', () => {
    expect(load('{"defaultAction":"A","x":[1.5,-0,1e999,{"y":null}]}').oddKeys).toEqual([
      { path: 'x', reason: 'there is no such field' },
    ]);
  });
});

describe('integers', () => {
  it.each([
    ['0', 0],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['9007199254740993', 9007199254740993n],
    ['9223372036854775808', 9223372036854775808n],
    ['18446744073709551615', 18446744073709551615n],
  ])('keeps %s exactly', (text, value) => {
    expect(load(arg(`"index":1,"value":${text},"valueTwo":${text}`)).syscalls[0]?.args).toEqual([
      { index: 1, value, valueTwo: value, op: null },
    ]);
  });
});

describe('null', () => {
  it('as a whole file leaves everything unset', () => {
    expect(load('null')).toEqual(load('{}'));
  });

  it('leaves strings and numbers unchanged, and empties lists and pointers', () => {
    const profile = load(
      '{"defaultAction":"A","defaultAction":null,"flags":["x"],"flags":null,"defaultErrnoRet":3,"defaultErrnoRet":null}',
    );
    expect([profile.defaultAction, profile.flags, profile.defaultErrnoRet]).toEqual(['A', [], null]);
  });

  it('within a list is an empty string, entry or argument', () => {
    const profile = load('{"flags":[null],"archMap":[null],"syscalls":[{"args":[null]}]}');
    expect([profile.flags, profile.archMap, profile.syscalls[0]?.args]).toEqual([
      [''],
      [{ architecture: null, subArchitectures: [] }],
      [{ index: 0, value: 0, valueTwo: 0, op: null }],
    ]);
  });

  it('distinguishes missing names from an empty list', () => {
    expect(load('{"syscalls":[{},{"names":null},{"names":[]}]}').syscalls.map(({ names }) => names)).toEqual([
      null,
      null,
      [],
    ]);
  });
});

describe('repeated keys', () => {
  it('merge rules at the same index', () => {
    const text =
      '{"syscalls":[{"names":["a"],"action":"X","errnoRet":1,"args":[{"index":1,"value":2,"valueTwo":3,"op":"O"}]}],' +
      '"syscalls":[{"names":["b"],"args":[{"index":4}]}]}';
    expect(load(text).syscalls).toEqual([
      {
        names: ['b'],
        name: '',
        action: 'X',
        errnoRet: 1,
        includes: null,
        excludes: null,
        args: [{ index: 4, value: 2, valueTwo: 3, op: 'O' }],
      },
    ]);
  });

  it('restore elements beyond a shorter list', () => {
    const names = (lists: string): unknown =>
      load(
        rule(
          lists
            .split(' ')
            .map((list) => `"names":${list}`)
            .join(','),
        ),
      ).syscalls[0]?.names;
    expect(names('["a","b"] ["c"] [null,null]')).toEqual(['c', 'b']);
    expect(names('["a","b"] [] [null,null]')).toEqual(['', '']);
    expect(names('["a","b"] null [null,null]')).toEqual(['', '']);
    expect(names('["a","b"] ["c","d","e"]')).toEqual(['c', 'd', 'e']);
  });

  it('drop a rule that was null in between', () => {
    const text = '{"syscalls":[{"names":["a"],"action":"X"}],"syscalls":[null],"syscalls":[{"names":["b"]}]}';
    expect(load(text).syscalls[0]).toMatchObject({ names: ['b'], action: null });
  });

  it('merge includes and keep a minKernel that is followed by an empty one', () => {
    const text = rule('"includes":{"caps":["C"],"minKernel":"9.8"},"includes":{"arches":["a"],"minKernel":""}');
    expect(load(text).syscalls[0]?.includes).toEqual({
      caps: ['C'],
      arches: ['a'],
      minKernel: { kernel: 9, major: 8 },
    });
    expect(load(rule('"includes":{"caps":["C"]},"includes":null')).syscalls[0]?.includes).toBeNull();
  });

  it('are reported, and give a second reading by the parser of iSulad, which takes the first', () => {
    const profile = load('{"defaultAction":"A","defaultAction":"B","defaultaction":"C"}');
    expect([profile.defaultAction, profile.isuladReading?.().defaultAction]).toEqual(['C', 'A']);
    expect(profile.oddKeys.map(({ path }) => path)).toEqual(['defaultAction', 'defaultaction']);
    expect(profile.isuladReading?.().oddKeys.map(({ path }) => path)).toEqual(['defaultAction', 'defaultaction']);
  });
});

describe('keys', () => {
  it('match in any case, also by the characters that fold to ASCII letters', () => {
    const profile = load(
      '{"DEFAULTACTION":"A","\u017fyscall\u017f":[{"NAMES":["a"],"includes":{"min\u212aernel":"4.8"}}]}',
    );
    expect(profile.defaultAction).toBe('A');
    expect(profile.syscalls[0]).toMatchObject({ names: ['a'], includes: { minKernel: { kernel: 4, major: 8 } } });
  });

  it('may be written with escapes, but not with spaces or other letters', () => {
    expect(load('{"default\\u0041ction":"A"}').defaultAction).toBe('A');
    expect(load('{" defaultAction":"A","defaultActi\u00f6n":"B","syscalls":[]}').defaultAction).toBeNull();
  });

  it('that JavaScript objects have are ordinary keys', () => {
    const profile = load('{"defaultAction":"A","__proto__":{"defaultAction":"X"},"constructor":1,"toString":2}');
    expect([profile.defaultAction, profile.oddKeys.length]).toEqual(['A', 3]);
  });
});

describe('minKernel', () => {
  const minKernel = (value: string): unknown =>
    load(rule(`"includes":{"minKernel":${value}}`)).syscalls[0]?.includes?.minKernel;

  it.each([
    ['"4.8"', 4, 8],
    ['"04.08"', 4, 8],
    ['"0.1"', 0, 1],
    ['"255.255"', 255, 255],
    ['"1.0"', 1, 0],
    ['""', 0, 0],
  ])('reads %s', (value, kernel, major) => {
    expect(minKernel(value)).toEqual({ kernel, major });
  });

  it('is no condition where it is null', () => {
    expect(minKernel('null')).toBeNull();
  });

  it.each([
    '"4"',
    '"4."',
    '".8"',
    '"4.8."',
    '"4.8.1"',
    '"4.8 "',
    '" 4.8"',
    '"4.x"',
    '"4.256"',
    '"256.1"',
    '"-1.2"',
    '"+4.8"',
    '"1_0.8"',
    '"0.0"',
    '"00.0"',
    '"\uff14.8"',
    '"4.8\\n"',
    '4.8',
    '["4.8"]',
    '{}',
    'true',
  ])('refuses %s', (value) => {
    expect(() => minKernel(value)).toThrow(
      /^p\.json: syscalls\[0\]\.includes\.minKernel: expected a kernel version of two numbers from 0 to 255 like "4\.8", got /,
    );
  });
});
