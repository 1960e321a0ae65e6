import { describe, expect, it } from 'vitest';
import { convertProfile, serialiseSpec } from '../../../src/convert/index.js';
import { DOCKER_CAPABILITIES } from '../../../src/model/profile/capabilities.js';
import type { Profile } from '../../../src/model/profile/profile.js';
import { loadProfile } from '../../../src/profile/index.js';

const read = (file: string | Uint8Array, lenient = true): Profile =>
  loadProfile(Buffer.from(file as string), 'p.json', { lenient, dialect: 'isulad' });

const converted = (file: string | Uint8Array, lenient = true): string =>
  serialiseSpec(
    convertProfile(read(file, lenient), {
      arch: 'amd64',
      policy: 'host',
      dialect: 'isulad',
      capabilities: DOCKER_CAPABILITIES,
      kernel: '6.1',
    }).spec,
    'isulad',
  );

const start = '{"defaultAction":"SCMP_ACT_ERRNO","architectures":["SCMP_ARCH_X86_64"]';
const profile = (rest: string): string => `{"defaultAction":"SCMP_ACT_ERRNO",${rest}}`;
const rule = (rest: string): string => profile(`"syscalls":[{"names":["dup"],"action":"SCMP_ACT_ALLOW",${rest}}]`);
const DUP = `${start},"syscalls":[{"names":["dup"],"action":"SCMP_ACT_ALLOW"}]}`;

describe('what iSulad ignores', () => {
  it.each([
    ['a minKernel of three parts', rule('"includes":{"minKernel":"5.10.3"}')],
    ['a minKernel that is a number', rule('"excludes":{"minKernel":5}')],
    ['a listenerPath that is a list', `${rule('"comment":"c"').slice(0, -1)},"listenerPath":["/p"]}`],
    ['flags that are an object', `${rule('"comment":"c"').slice(0, -1)},"flags":{"a":1}}`],
    ['args that are a text', rule('"args":"SCMP_CMP_EQ"')],
    ['includes that are a list', rule('"includes":["CAP_KILL"]')],
    ['capabilities that are a text', rule('"includes":{"caps":"CAP_SYS_ADMIN"}')],
    ['an errnoRet that is a text', rule('"errnoRet":"EPERM"')],
    ['a comment that is a number', rule('"comment":7')],
    ['an archMap of texts', `${rule('"comment":"c"').slice(0, -1)},"archMap":["SCMP_ARCH_X86_64"]}`],
    ['architectures that are numbers', `${rule('"comment":"c"').slice(0, -1)},"architectures":[3]}`],
  ])('%s is dropped, also without --lenient', (_, text) => {
    expect(converted(text, false)).toBe(DUP);
    expect(() => loadProfile(Buffer.from(text), 'p.json')).toThrow(/p\.json: /);
  });

  it('is named with its path and the reason', () => {
    const text = rule('"args":{},"errnoRet":1,"hint":2,"includes":{"minKernel":"9.9.9"},"action":"SCMP_ACT_LOG"');
    expect(read(text).oddKeys).toEqual([
      { path: 'syscalls[0].errnoRet', reason: 'iSulad has no such field' },
      { path: 'syscalls[0].hint', reason: 'there is no such field' },
      { path: 'syscalls[0].action', reason: 'a repeated key: the first one counts' },
      { path: 'syscalls[0].args', reason: 'not an array: iSulad drops it' },
      { path: 'syscalls[0].includes.minKernel', reason: 'iSulad has no such field' },
    ]);
  });

  it('does not include rules that are no objects: they lack names', () => {
    expect(() => converted(profile('"syscalls":[5]'))).toThrow(
      'p.json: syscalls[0].names: expected a list of system calls, got nothing',
    );
    expect(() => converted(rule('"args":[null]'))).toThrow('p.json: syscalls[0].args[0].op: expected a string');
    expect(converted(profile('"syscalls":7'))).toBe(`${start}}`);
  });
});

describe('keys and values for iSulad', () => {
  it('count in their exact spelling, and the first of equal keys wins even with a wrong type', () => {
    expect(converted('{"DefaultAction":"A","defaultAction":"B","defaultAction":"C"}')).toContain('"B"');
    expect(() => converted('{"defaultAction":1,"defaultAction":"C"}')).toThrow('defaultAction: expected a string');
  });

  it('that are no texts in a list of names become empty texts', () => {
    expect(read(profile('"syscalls":[{"names":["dup",4,null]}]')).syscalls[0]?.names).toEqual(['dup', '', '']);
  });

  it.each([
    ['-0', 0],
    ['-1', 18446744073709551615n],
    ['18446744073709551615', 18446744073709551615n],
    ['"0x10"', 0],
    ['true', 0],
  ])('are numbers as strtoull reads them: %s', (written, value) => {
    expect(read(rule(`"args":[{"value":${written},"op":"O"}]`)).syscalls[0]?.args[0]?.value).toBe(value);
  });

  it.each([
    ['"value":1.0', 'value: expected an integer from 0 to 18446744073709551615, got 1.0'],
    ['"value":2e3', 'value: expected an integer from 0 to 18446744073709551615, got 2e3'],
    ['"valueTwo":18446744073709551616', 'valueTwo: expected an integer from 0 to 18446744073709551615'],
    ['"index":4294967296', 'index: expected an integer from 0 to 4294967295, got 4294967296'],
    ['"index":-2', 'index: expected an integer from 0 to 4294967295, got -2'],
  ])('are refused where strtoull finds no number of that size: %s', (field, message) => {
    expect(() => converted(rule(`"args":[{${field},"op":"O"}]`))).toThrow(message);
  });
});

describe('the syntax that iSulad reads', () => {
  it('has comments, also an open one at the end, and two more kinds of space', () => {
    expect(converted(`/* a */{//b\n"defaultAction":\v"SCMP_ACT_ERRNO"\f}// c`)).toBe(`${start}}`);
    expect(converted(`${profile('"x":1')}/* open`)).toBe(`${start}}`);
    expect(() => converted('{"defaultAction":/* open')).toThrow('got the end of the file');
    expect(() => converted('{/"defaultAction":"A"}')).toThrow("a key in double quotes, got '/'");
  });

  it('has no limit of depth, and ends at the first NUL byte', () => {
    const deep = 20_000;
    expect(converted(profile(`"x":${'['.repeat(deep)}${']'.repeat(deep)}`))).toBe(`${start}}`);
    expect(converted(`${profile('"x":1')}\0{"defaultAction"`)).toBe(`${start}}`);
  });

  it('has no trailing commas and no byte order mark', () => {
    expect(() => converted('{"defaultAction":"A",}')).toThrow('a key in double quotes');
    expect(() => converted('\ufeff{"defaultAction":"A"}')).toThrow('a byte order mark');
  });

  it('is UTF-8: other bytes are refused, and said to be unsupported where iSulad would copy them', () => {
    const withBytes = (...bytes: number[]): Buffer =>
      Buffer.concat([Buffer.from('{"defaultAction":"'), Buffer.from(bytes), Buffer.from('"}')]);
    const hint = (bytes: Buffer): string | undefined => {
      try {
        read(bytes);
      } catch (error) {
        return (error as { hint?: string }).hint;
      }
      return undefined;
    };
    expect(() => read(withBytes(0xff))).toThrow('p.json: not UTF-8');
    expect(hint(withBytes(0xff))).toContain('iSulad refuses');
    expect(hint(withBytes(0xe2, 0x82))).toContain('iSulad refuses');
    expect(hint(withBytes(0xc0, 0xaf))).toContain('that is not supported');
    expect(hint(withBytes(0xc3, 0xa9))).toBeUndefined();
  });
});

describe('a profile that moby reads differently', () => {
  it('has a second reading, which refuses what iSulad refuses', () => {
    const bytes = Buffer.concat([Buffer.from('{"defaultAction":"A'), Buffer.from([0xff]), Buffer.from('"}')]);
    const asMoby = loadProfile(bytes, 'p.json', { lenient: true });
    expect(asMoby.defaultAction).toBe('A\ufffd');
    expect(() => asMoby.isuladReading?.()).toThrow('p.json: not UTF-8');
  });

  it('has none where both read the same', () => {
    expect(
      loadProfile(Buffer.from('{"defaultAction":"\u00e4"}'), 'p.json', { lenient: true }).isuladReading,
    ).toBeNull();
  });
});
