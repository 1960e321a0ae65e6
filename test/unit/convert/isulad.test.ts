import { describe, expect, it } from 'vitest';
import { convertProfile, serialiseSpec, type ConvertRequest } from '../../../src/convert/index.js';
import { loadProfile } from '../../../src/profile/index.js';
import { DOCKER_CAPABILITIES } from '../../../src/model/profile/capabilities.js';

const REQUEST: ConvertRequest = {
  arch: 'amd64',
  policy: 'host',
  dialect: 'isulad',
  capabilities: DOCKER_CAPABILITIES,
  kernel: '5.10',
};

function convert(profile: unknown, request: Partial<ConvertRequest> = {}): string {
  const text = typeof profile === 'string' ? profile : JSON.stringify(profile);
  return serialiseSpec(
    convertProfile(loadProfile(Buffer.from(text), 'p.json', { lenient: true }), { ...REQUEST, ...request }).spec,
    'isulad',
  );
}

interface Spec {
  readonly architectures?: string[];
  readonly syscalls?: { readonly names: string[] }[];
}
const spec = (profile: object, request: Partial<ConvertRequest> = {}): Spec =>
  JSON.parse(convert({ defaultAction: 'A', ...profile }, request)) as Spec;
const architectures = (profile: object, request: Partial<ConvertRequest> = {}): string | undefined =>
  spec(profile, request)
    .architectures?.map((name) => name.replace('SCMP_ARCH_', ''))
    .join(' ');

function applied(
  rules: Readonly<Record<string, object>>,
  profile: object = {},
  request: Partial<ConvertRequest> = {},
): string[] {
  const syscalls = Object.entries(rules).map(([name, rest]) => ({ names: [name], action: 'A', ...rest }));
  return (spec({ ...profile, syscalls }, request).syscalls ?? []).flatMap(({ names }) => names);
}

const X86 = { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] };
const ARM = { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] };

describe('iSulad: architectures of conditions', () => {
  it('are found behind loong64 and riscv64, which it knows since it filters by host', () => {
    const entries = ['LOONGARCH64', 'RISCV64', 'AARCH64'].map((name) => ({ architecture: `SCMP_ARCH_${name}` }));
    const rules = { dup: { includes: { arches: ['arm64'] } }, dup2: { includes: { arches: ['loong64'] } } };
    expect(applied(rules, { archMap: entries })).toEqual(['dup', 'dup2']);
    expect(() => applied(rules, { archMap: entries }, { policy: 'all' })).toThrow('a rule that applies here');
  });
});

describe('iSulad: what is written', () => {
  it('drops every field it does not have, and an index or a value of 0', () => {
    expect(
      convert({
        defaultAction: 'A',
        defaultErrnoRet: 1,
        flags: ['F'],
        listenerPath: '/p',
        listenerMetadata: 'm',
        architectures: ['Z'],
        syscalls: [
          {
            names: ['a'],
            name: 'b',
            action: 'B',
            errnoRet: 2,
            includes: { minKernel: '9.9' },
            args: [
              { index: 0, value: 0, valueTwo: 0, op: 'O' },
              { index: 1, value: 2, valueTwo: 3, op: 'P' },
            ],
          },
        ],
      }),
    ).toBe(
      '{"defaultAction":"A","architectures":["SCMP_ARCH_X86_64"],"syscalls":[{"names":["a"],"action":"B",' +
        '"args":[{"op":"O"},{"index":1,"value":2,"valueTwo":3,"op":"P"}]}]}',
    );
  });

  it('keeps an empty default action, with rules or without', () => {
    expect(convert({ defaultAction: '', syscalls: [] })).toBe(
      '{"defaultAction":"","architectures":["SCMP_ARCH_X86_64"]}',
    );
  });
});

describe('iSulad: architectures', () => {
  it('host: the X86_64 entry for 386 and amd64, the AARCH64 entry for arm and arm64, nothing for others', () => {
    const profile = { archMap: [X86, ARM] };
    expect(
      ['386', 'amd64', 'arm', 'arm64', 'riscv64', 's390x'].map((arch) => architectures(profile, { arch })),
    ).toEqual(['X86_64 X86 X32', 'X86_64 X86 X32', 'AARCH64 ARM', 'AARCH64 ARM', undefined, undefined]);
  });

  it('host: one architecture, its own, where archMap lacks the host or does not exist', () => {
    expect([
      architectures({}),
      architectures({ archMap: [ARM] }),
      architectures({ archMap: [null] }),
      architectures({}, { arch: 'arm' }),
    ]).toEqual(['X86_64', 'X86_64', 'X86_64', 'AARCH64']);
  });

  it('all: every entry with its sub-architectures, repeated names too, for any host', () => {
    expect(architectures({ archMap: [X86, ARM, X86] }, { policy: 'all', arch: 's390x' })).toBe(
      'X86_64 X86 X32 AARCH64 ARM X86_64 X86 X32',
    );
    expect(architectures({}, { policy: 'all' })).toBeUndefined();
  });

  it('native: only the host', () => {
    expect([
      architectures({ archMap: [X86] }, { policy: 'native' }),
      architectures({ archMap: [X86] }, { policy: 'native', arch: 'riscv64' }),
    ]).toEqual(['X86_64', undefined]);
  });

  it('accepts the list architectures next to archMap, and ignores it', () => {
    expect(architectures({ archMap: [X86], architectures: ['SCMP_ARCH_ARM'] })).toBe('X86_64 X86 X32');
  });
});

describe('iSulad: conditions', () => {
  it('one of the capabilities is enough, in any case; one of the excluded is too', () => {
    expect(
      applied({
        one: { includes: { caps: ['CAP_BPF', 'cap_Chown'] } },
        none: { includes: { caps: ['CAP_BPF'] } },
        empty: { includes: { caps: [] } },
        not: { excludes: { caps: ['CAP_BPF', 'cap_chown'] } },
        notNone: { excludes: { caps: ['CAP_BPF'] } },
      }),
    ).toEqual(['one', 'empty', 'notNone']);
  });

  it('architectures are looked up in the whole archMap, regardless of the host', () => {
    const rules = {
      arm: { includes: { arches: ['arm'] } },
      s390: { includes: { arches: ['s390'] } },
      not: { excludes: { arches: ['x32'] } },
    };
    expect(applied(rules, { archMap: [X86, ARM] })).toEqual(['arm']);
    expect(applied(rules, { archMap: [X86, ARM] }, { arch: 's390x' })).toEqual(['arm']);
  });

  it('without archMap, neither includes nor excludes ever match', () => {
    expect(applied({ a: { includes: { arches: ['amd64'] } }, b: { excludes: { arches: ['amd64'] } } })).toEqual(['b']);
  });

  it('the search stops at an architecture without a name; riscv64 got one with the architecture filter', () => {
    const rules = {
      x86: { includes: { arches: ['amd64'] } },
      riscv: { includes: { arches: ['riscv64'] } },
      always: {},
    };
    const archMap = [{ architecture: 'SCMP_ARCH_RISCV64' }, X86];
    expect(applied(rules, { archMap })).toEqual(['x86', 'riscv', 'always']);
    expect(applied(rules, { archMap }, { policy: 'all' })).toEqual(['always']);
    expect(applied(rules, { archMap: [{ architecture: 'SCMP_ARCH_RISCV' }, X86] })).toEqual(['always']);
    expect(applied(rules, { archMap: [X86, { architecture: 'SCMP_ARCH_RISCV' }] })).toEqual(['x86', 'always']);
  });
});

describe('iSulad: refusals', () => {
  it.each([
    [{}, 'p.json: defaultAction: expected a string, got nothing'],
    [
      { defaultAction: 'A', syscalls: [{ action: 'B' }] },
      'p.json: syscalls[0].names: expected a list of system calls, got nothing',
    ],
    [
      { defaultAction: 'A', syscalls: [{ name: 'a', names: [], action: 'B' }] },
      'p.json: syscalls[0].names: expected a list of system calls, got nothing',
    ],
    [
      { defaultAction: 'A', syscalls: [{ names: ['a'] }] },
      'p.json: syscalls[0].action: expected a string, got nothing',
    ],
    [
      { defaultAction: 'A', syscalls: [{ names: ['a'], action: 'B', args: [{}] }] },
      'p.json: syscalls[0].args[0].op: expected a string, got nothing',
    ],
    [
      { defaultAction: 'A', syscalls: [{ names: ['a'], action: 'B', args: [{ index: 4294967296, op: 'O' }] }] },
      'p.json: syscalls[0].args[0].index: expected an integer from 0 to 4294967295, got 4294967296',
    ],
    [
      { defaultAction: 'A', syscalls: [{ names: ['a'], action: 'B', includes: { caps: ['CAP_BPF'] } }] },
      'p.json: syscalls: expected a rule that applies here, got none among 1',
    ],
    [
      { defaultAction: 'A', archMap: [{}], syscalls: [{ names: ['a'], action: 'B', includes: { arches: ['arm'] } }] },
      'p.json: archMap[0].architecture: expected a string, got nothing',
    ],
  ])('%j', (profile, message) => {
    expect(() => convert(profile)).toThrow(message);
  });
});

describe('iSulad: its parser', () => {
  it('takes the first of equal keys, and exact spelling only', () => {
    expect(
      convert(
        '{"defaultAction":"A","defaultAction":"B","syscalls":[{"names":["a"],"action":"X"}],"syscalls":[],"Syscalls":null}',
      ),
    ).toBe('{"defaultAction":"A","architectures":["SCMP_ARCH_X86_64"],"syscalls":[{"names":["a"],"action":"X"}]}');
    expect(() => convert('{"DEFAULTACTION":"A"}')).toThrow('p.json: defaultAction: expected a string, got nothing');
  });

  it('finds a null rule without names that moby forgets when the list is repeated', () => {
    const text = '{"defaultAction":"A","syscalls":[null],"syscalls":[{"names":["a"],"action":"X"}]}';
    expect(convert(text, { dialect: 'moby' })).toBe('{"defaultAction":"A","syscalls":[{"names":["a"],"action":"X"}]}');
    expect(() => convert(text)).toThrow('p.json: syscalls[0].names: expected a list of system calls, got nothing');
  });

  it('ends strings at NUL and writes a question mark for a lone surrogate', () => {
    expect(
      convert('{"defaultAction":"a\\u0000b\\ud800","syscalls":[{"names":["\\ud800x","\\ud83d\\ude00"],"action":"B"}]}'),
    ).toBe(
      '{"defaultAction":"a","architectures":["SCMP_ARCH_X86_64"],"syscalls":[{"names":["?x","😀"],"action":"B"}]}',
    );
  });
});
