import { describe, expect, it } from 'vitest';
import { convertProfile, serialiseSpec, type ConvertRequest } from '../../../src/convert/index.js';
import { loadProfile } from '../../../src/profile/index.js';
import { DOCKER_CAPABILITIES } from '../../../src/model/profile/capabilities.js';

const REQUEST: ConvertRequest = {
  arch: 'amd64',
  policy: 'host',
  dialect: 'moby',
  capabilities: DOCKER_CAPABILITIES,
  kernel: '5.10',
};

/** The JSON text a profile becomes; a string is used unchanged. */
function convert(profile: unknown, request: Partial<ConvertRequest> = {}): string {
  const text = typeof profile === 'string' ? profile : JSON.stringify(profile);
  return serialiseSpec(
    convertProfile(loadProfile(Buffer.from(text), 'p.json', { lenient: true }), { ...REQUEST, ...request }).spec,
  );
}

/** Which of the rules, named by their only call, apply. */
function applied(rules: Readonly<Record<string, object>>, request: Partial<ConvertRequest> = {}): string[] {
  const syscalls = Object.entries(rules).map(([name, rest]) => ({ names: [name], action: 'A', ...rest }));
  const spec = JSON.parse(convert({ defaultAction: 'D', syscalls }, request)) as { syscalls?: { names: string[] }[] };
  return (spec.syscalls ?? []).flatMap(({ names }) => names);
}

describe('moby: what is written', () => {
  it('keeps every field, in this order', () => {
    expect(
      convert({
        syscalls: [
          {
            args: [{ op: 'O', valueTwo: 3, value: 2, index: 1 }],
            errnoRet: 0,
            action: 'B',
            names: ['a', 'a'],
            comment: 'c',
          },
        ],
        listenerMetadata: 'm',
        listenerPath: '/p',
        flags: ['F'],
        architectures: ['Z', 'Z'],
        defaultErrnoRet: 0,
        defaultAction: 'A',
        x: 1,
      }),
    ).toBe(
      '{"defaultAction":"A","defaultErrnoRet":0,"architectures":["Z","Z"],"flags":["F"],"listenerPath":"/p","listenerMetadata":"m",' +
        '"syscalls":[{"names":["a","a"],"action":"B","errnoRet":0,"args":[{"index":1,"value":2,"valueTwo":3,"op":"O"}]}]}',
    );
  });

  it('leaves out what is empty, but not an index or a value of 0', () => {
    expect(
      convert({
        defaultAction: 'A',
        architectures: [],
        archMap: [],
        flags: [],
        listenerPath: '',
        listenerMetadata: '',
        syscalls: [{ names: [], action: 'B', args: [] }, { args: [{ valueTwo: 0 }] }],
      }),
    ).toBe(
      '{"defaultAction":"A","syscalls":[{"names":[],"action":"B"},{"names":null,"action":"","args":[{"index":0,"value":0,"op":""}]}]}',
    );
  });

  it('keeps 64-bit integers exactly', () => {
    expect(
      convert(
        '{"defaultAction":"A","defaultErrnoRet":18446744073709551615,"syscalls":[{"args":[{"index":9007199254740993,' +
          '"value":9223372036854775808,"valueTwo":18446744073709551614}]}]}',
      ),
    ).toBe(
      '{"defaultAction":"A","defaultErrnoRet":18446744073709551615,"syscalls":[{"names":null,"action":"","args":[{"index":9007199254740993,' +
        '"value":9223372036854775808,"valueTwo":18446744073709551614,"op":""}]}]}',
    );
  });

  it('escapes what Go escapes', () => {
    expect(convert({ defaultAction: '<&>\u2028\u2029"\\/\n\u0000\u007fé😀' })).toBe(
      '{"defaultAction":"\\u003c\\u0026\\u003e\\u2028\\u2029\\"\\\\/\\n\\u0000\u007fé😀"}',
    );
  });

  it.each([
    ['{}'],
    ['null'],
    ['{"syscalls":[]}'],
    ['{"syscalls":null,"flags":["F"]}'],
    ['{"architectures":["a"],"archMap":[{"architecture":"b"}],"defaultAction":"","syscalls":[]}'],
  ])('takes %s for seccomp disabled', (text) => {
    expect(convert(text)).toBe('null');
  });

  it('writes no list of rules where no rule applies', () => {
    expect(
      convert({ defaultAction: 'A', syscalls: [{ names: ['a'], action: 'B', includes: { caps: ['CAP_NONE'] } }] }),
    ).toBe('{"defaultAction":"A"}');
  });
});

describe('moby: name and names', () => {
  it('takes the old name where names are empty', () => {
    expect(
      convert({
        defaultAction: 'A',
        syscalls: [
          { name: 'a', action: 'B' },
          { name: 'b', names: [], action: 'B' },
          { name: '', names: ['c'], action: 'B' },
        ],
      }),
    ).toBe(
      '{"defaultAction":"A","syscalls":[{"names":["a"],"action":"B"},{"names":["b"],"action":"B"},{"names":["c"],"action":"B"}]}',
    );
  });

  it('refuses both, also in a rule that does not apply', () => {
    const syscalls = [
      { names: ['x'], action: 'B' },
      { name: 'a', names: ['b'], action: 'B', includes: { caps: ['CAP_NONE'] } },
    ];
    expect(() => convert({ defaultAction: 'A', syscalls })).toThrow(
      "p.json: syscalls[1]: expected either 'name' or 'names', got both",
    );
  });
});

describe('moby: architectures', () => {
  const archMap = [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
    { architecture: 'SCMP_ARCH_MIPS64', subArchitectures: ['SCMP_ARCH_X86'] },
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: [] },
  ];
  const architectures = (request: Partial<ConvertRequest>, profile: object = { archMap }): unknown =>
    (
      JSON.parse(convert({ defaultAction: 'A', ...profile }, request)) as { architectures?: string[] }
    ).architectures?.map((name) => name.replace('SCMP_ARCH_', ''));

  it('host: the first entry of the host with its sub-architectures', () => {
    expect(architectures({})).toEqual(['X86_64', 'X86', 'X32']);
    expect(architectures({ arch: 'arm64' })).toEqual(['AARCH64', 'ARM']);
    expect(architectures({ arch: 'mips64' })).toEqual(['MIPS64', 'X86']);
  });

  it('host: none where archMap lacks the host; 386 and arm count as different hosts', () => {
    for (const arch of ['386', 'arm', 's390x', 'loong64', 'mips']) expect(architectures({ arch })).toBeUndefined();
    expect(
      architectures({ arch: 'loong64' }, { archMap: [{ architecture: 'SCMP_ARCH_LOONGARCH64' }] }),
    ).toBeUndefined();
    expect(architectures({ arch: '386' }, { archMap: [{ architecture: 'SCMP_ARCH_X86' }] })).toEqual(['X86']);
  });

  it('all: every entry in file order, each name once, regardless of the host', () => {
    expect(architectures({ policy: 'all' })).toEqual(['X86_64', 'X86', 'X32', 'AARCH64', 'ARM', 'MIPS64']);
    expect(architectures({ policy: 'all', arch: 's390x' })).toEqual([
      'X86_64',
      'X86',
      'X32',
      'AARCH64',
      'ARM',
      'MIPS64',
    ]);
  });

  it('native: only the host', () => {
    expect(architectures({ policy: 'native' })).toEqual(['X86_64']);
    expect(architectures({ policy: 'native', arch: 'arm' })).toEqual(['ARM']);
    expect(architectures({ policy: 'native', arch: 'loong64' })).toBeUndefined();
    expect(architectures({ policy: 'native' }, { architectures: ['SCMP_ARCH_ARM'] })).toEqual(['X86_64']);
  });

  it('an explicit list is kept unchanged under all and host', () => {
    const profile = { architectures: ['SCMP_ARCH_ARM', 'amd64', '', 'SCMP_ARCH_ARM'] };
    for (const policy of ['all', 'host'] as const)
      expect(architectures({ policy }, profile)).toEqual(['ARM', 'amd64', '', 'ARM']);
  });

  it('refuses both kinds of list, unless one of them is empty', () => {
    expect(() => architectures({}, { archMap, architectures: ['SCMP_ARCH_X86'] })).toThrow(
      "p.json: expected either 'architectures' or 'archMap', got both",
    );
    expect(architectures({}, { archMap, architectures: [] })).toEqual(['X86_64', 'X86', 'X32']);
    expect(architectures({}, { archMap: [], architectures: ['SCMP_ARCH_ARM'] })).toEqual(['ARM']);
  });
});

describe('moby: conditions', () => {
  it('includes require all capabilities, excludes any, by their exact names', () => {
    expect(
      applied({
        one: { includes: { caps: ['CAP_CHOWN'] } },
        both: { includes: { caps: ['CAP_CHOWN', 'CAP_KILL'] } },
        half: { includes: { caps: ['CAP_CHOWN', 'CAP_BPF'] } },
        lower: { includes: { caps: ['cap_chown'] } },
        empty: { includes: { caps: [] } },
        notHalf: { excludes: { caps: ['CAP_BPF', 'CAP_CHOWN'] } },
        notNone: { excludes: { caps: ['CAP_BPF', 'CHOWN'] } },
        conflict: { includes: { caps: ['CAP_KILL'] }, excludes: { caps: ['CAP_KILL'] } },
      }),
    ).toEqual(['one', 'both', 'empty', 'notNone']);
  });

  it("architectures are moby's names of the host, not Go's", () => {
    const rules = {
      go: { includes: { arches: ['386'] } },
      moby: { includes: { arches: ['arm', 'x86'] } },
      not: { excludes: { arches: ['x86'] } },
    };
    expect(applied(rules, { arch: '386' })).toEqual(['moby']);
    expect(applied(rules)).toEqual(['not']);
    expect(applied({ a: { includes: { arches: ['mipsel64'] } } }, { arch: 'mips64le' })).toEqual(['a']);
    expect(
      applied(
        { a: { includes: { arches: ['loongarch64'] } }, b: { includes: { arches: ['loong64'] } } },
        { arch: 'loong64' },
      ),
    ).toEqual(['a']);
  });

  it('a host moby has no name for matches the empty name', () => {
    expect(
      applied(
        { a: { includes: { arches: ['mips'] } }, b: { includes: { arches: [''] } }, c: { excludes: { arches: [''] } } },
        { arch: 'mips' },
      ),
    ).toEqual(['b']);
  });

  it('minKernel compares two numbers; an empty one in excludes always excludes', () => {
    expect(
      applied(
        {
          below: { includes: { minKernel: '4.8' } },
          same: { includes: { minKernel: '5.10' } },
          above: { includes: { minKernel: '5.11' } },
          nine: { includes: { minKernel: '5.9' } },
          any: { includes: { minKernel: '' } },
          none: { excludes: { minKernel: '' } },
          notFrom: { excludes: { minKernel: '5.10' } },
          notYet: { excludes: { minKernel: '6.0' } },
          unset: { excludes: { minKernel: null } },
        },
        { kernel: '5.10.0-28-amd64' },
      ),
    ).toEqual(['below', 'same', 'nine', 'any', 'notYet', 'unset']);
  });

  it.each([
    ['6.18-rc3', true],
    ['6.18', true],
    [' 6. 18', true],
    ['6.17.9', false],
    ['10.0', true],
    ['99999999999999999999.1', 'error'],
    ['6', 'error'],
    ['weird', 'error'],
    ['6.x', 'error'],
    ['', 'error'],
    ['v6.18', 'error'],
    ['-6.18', 'error'],
  ])('reads the release %j', (kernel, meets) => {
    const read = (): boolean => applied({ a: { includes: { minKernel: '6.18' } } }, { kernel }).length === 1;
    if (meets === 'error') expect(read).toThrow('kernel: expected a release like 6.1 or 6.1.0-18-amd64');
    else expect(read()).toBe(meets);
  });

  it('does not read the release where no rule needs it', () => {
    expect(applied({ a: {} }, { kernel: 'weird' })).toEqual(['a']);
    expect(applied({ a: { includes: { caps: ['CAP_BPF'], minKernel: '4.8' } } }, { kernel: 'weird' })).toEqual([]);
  });
});
