import { describe, expect, it } from 'vitest';
import { readExact } from '../../../src/profile/exact.js';
import { defaultProfile } from '../../../src/profile/index.js';
import { readPlain } from '../../../src/profile/plain.js';

/** Deterministic numbers from 0 to 1 (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Where the quick reader answers, the exact one must give the same; says whether it answered. */
function agree(bytes: Uint8Array): boolean {
  const plain = readPlain(bytes, 'p.json');
  if (plain === null) return false;
  expect(readExact(bytes, 'p.json')).toEqual(plain);
  return true;
}

const SMALL = JSON.stringify(
  {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 1,
    flags: ['F'],
    listenerPath: '/p',
    listenerMetadata: 'm',
    archMap: [
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
      { architecture: 'B', subArchitectures: null },
    ],
    syscalls: [
      { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
      { names: ['a'], action: 'B', errnoRet: 38, args: [{ index: 0, value: 10, valueTwo: 2, op: 'O' }], comment: 'c' },
      { name: 'x', action: 'B', args: null, includes: { caps: ['C'], arches: ['d'], minKernel: '4.8' }, excludes: {} },
    ],
  },
  null,
  1,
);

describe('the quick and the exact reader', () => {
  it('agree on the default profile, which the fast reader accepts', () => {
    expect(agree(Buffer.from(defaultProfile().text))).toBe(true);
  });

  it.each([
    '{}',
    '{"defaultAction":"A","syscalls":[]}',
    SMALL,
    '{"architectures":["x"],"syscalls":[{"names":[]},{"names":null},{}]}',
    '{"syscalls":[{"args":[{"value":9007199254740991}]}]}',
    '{"archMap":null,"syscalls":null,"flags":[]}',
  ])('agree on %j, which the quick one reads', (text) => {
    expect(agree(Buffer.from(text))).toBe(true);
  });

  it.each([
    'null',
    '[]',
    '',
    '{',
    '{"a":1}',
    '{"defaultAction":null}',
    '{"defaultaction":"A"}',
    '{"defaultAction":"A","defaultAction":"B"}',
    '{"defaultAction":"a:b"}',
    '{"defaultAction":"\\u0041"}',
    '{"defaultAction":"é"}',
    '{"defaultErrnoRet":1.0}',
    '{"defaultErrnoRet":1e0}',
    '{"defaultErrnoRet":-0}',
    '{"defaultErrnoRet": \n-1}',
    '{"defaultErrnoRet":9007199254740992}',
    '{"defaultErrnoRet":1E2}',
    '{"__proto__":{}}',
    '{"syscalls":[null]}',
    '{"syscalls":[{"names":[null]}]}',
    '{"syscalls":[{"includes":null}]}',
    '{"syscalls":[{"includes":{"minKernel":""}}]}',
    '{"syscalls":[{"includes":{"minKernel":"4"}}]}',
    '{"syscalls":[{"args":[{"value":"1"}]}]}',
    '{"archMap":[null]}',
  ])('leaves %j to the exact one', (text) => {
    expect(readPlain(Buffer.from(text), 'p.json')).toBeNull();
  });

  it('agree on a profile with random characters changed', () => {
    const random = generator(1);
    const characters = '"\\:,{}[]01.eE-+ \t\nnulltrueAaB\u00e9';
    const pick = (length: number): number => Math.floor(random() * length);
    let answered = 0;
    for (let round = 0; round < 6000; round += 1) {
      let text = SMALL;
      for (let change = pick(2); change >= 0; change -= 1) {
        const at = pick(text.length);
        text = text.slice(0, at) + (characters[pick(characters.length)] ?? '') + text.slice(at + pick(2));
      }
      if (agree(Buffer.from(text))) answered += 1;
    }
    expect(answered).toBeGreaterThan(400);
  });

  it('agree on random objects of the keys and values a profile may have', () => {
    const random = generator(2);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    const keys = [
      'defaultAction',
      'syscalls',
      'names',
      'action',
      'args',
      'includes',
      'caps',
      'minKernel',
      'index',
      'value',
      'archMap',
      'architecture',
      'subArchitectures',
      'flags',
      'name',
      'comment',
      'NAMES',
      'x',
      '__proto__',
    ];
    const scalars = [
      'null',
      '0',
      '1',
      '1.0',
      '-0',
      '7e0',
      '9007199254740993',
      '"a"',
      '""',
      '"4.8"',
      '"a:b"',
      '"\\n"',
      'true',
    ];
    const value = (depth: number): string => {
      const kind = depth > 3 ? 0 : Math.floor(random() * 4);
      if (kind === 1) return `[${Array.from({ length: Math.floor(random() * 3) }, () => value(depth + 1)).join(', ')}]`;
      if (kind > 1) return object(depth + 1);
      return pick(scalars);
    };
    const object = (depth: number): string =>
      `{${Array.from({ length: Math.floor(random() * 3) }, () => `"${pick(keys)}" :${value(depth)}`).join(',')}}`;
    const texts = Array.from(
      { length: 20_000 },
      () => `{"syscalls":[${object(1)}],"archMap":[${object(1)}],"flags":${value(3)}}`,
    );
    expect(texts.filter((text) => agree(Buffer.from(text))).length).toBeGreaterThan(300);
  });
});
