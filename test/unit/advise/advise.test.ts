import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisedArms } from '../../../src/advise/arms.js';
import type { AdviceSubject } from '../../../src/advise/arms.js';
import { observedCounts, orderOf, readCounts } from '../../../src/advise/counts.js';
import { builderByVersion } from '../../../src/engine/filter-builder.js';
import { buildFilter } from '../../../src/filter/index.js';
import type { Io } from '../../../src/model/io.js';
import type { CallPart, SyscallCounts } from '../../../src/model/results/syscalls.js';
import { loadProfile } from '../../../src/profile/index.js';
import { DOCKER_CAPABILITIES } from '../../../src/model/profile/capabilities.js';
import { needCommand } from '../payload/machine.js';

const PROFILE = {
  defaultAction: 'SCMP_ACT_ERRNO',
  archMap: [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
  ],
  syscalls: [
    {
      names: [
        'read',
        'write',
        'close',
        'exit',
        'exit_group',
        'execve',
        'brk',
        'mmap',
        'munmap',
        'getppid',
        'fstat',
        'ioctl',
      ],
      action: 'SCMP_ACT_ALLOW',
    },
    { names: ['personality'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 0xffffffff, op: 'SCMP_CMP_EQ' }] },
    { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 40, op: 'SCMP_CMP_NE' }] },
  ],
};
const subject = (profile: object = PROFILE, more: Partial<AdviceSubject> = {}): AdviceSubject => ({
  profile: loadProfile(Buffer.from(JSON.stringify(profile)), 'p.json', { lenient: false }),
  file: 'p.json',
  machine: 'x86_64',
  capabilities: DOCKER_CAPABILITIES,
  kernel: '6.18',
  dialect: 'moby',
  counts: null,
  engine: { facts: { name: 'namespaces' }, makesFilters: true },
  ...more,
});
const counts = (calls: Readonly<Record<string, number>>) => ({
  from: 'counts.txt',
  calls: new Map(Object.entries(calls)),
  warnings: [],
});
const stateOf = (advised: ReturnType<typeof advisedArms>) =>
  advised.options.map((one) => `${one.option}: ${'arm' in one ? one.arm.name : one.reason}`);

describe('the arms of advice', () => {
  it("hold every option against the host's architectures, with a control", () => {
    const advised = advisedArms(subject(PROFILE, { counts: counts({ read: 9, socket: 3, personality: 7 }) }));
    expect(stateOf(advised)).toEqual([
      'hostOnly: all',
      'nativeOnly: native',
      'tree: tree',
      'ordered: ordered',
      'prebuilt: prebuilt',
    ]);
    expect(advised.arms.map(({ name, policy, making }) => [name, policy, making])).toEqual([
      ['as-is', 'host', undefined],
      ['all', 'all', undefined],
      ['native', 'native', undefined],
      ['tree', 'host', { form: 'tree' }],
      ['ordered', 'host', { first: ['personality', 'socket', 'read'] }],
      ['prebuilt', 'host', { prebuilt: true }],
      ['control', 'host', undefined],
    ]);
    expect(
      advised.options.flatMap((one) =>
        'checked' in one ? [one.checked.replace(/[\d,]+ calls/, 'N calls').replace(/SHA-256 \w+/, 'SHA-256 X')] : [],
      ),
    ).toEqual([
      'the possible answers to all N calls that libseccomp knows of its architectures are the same (simulated)',
      'the possible answers to all N calls that libseccomp knows of its architectures are the same (simulated)',
      'its bytes are those that libseccomp builds at a start (SHA-256 X)',
    ]);
  });

  it('cut an explicit list to what the machine runs, where the dialect reads such a list', () => {
    const explicit = {
      ...PROFILE,
      archMap: undefined,
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32', 'SCMP_ARCH_AARCH64'],
    };
    const advised = advisedArms(subject(explicit));
    expect(stateOf(advised)[1]).toBe('trim: trim');
    expect(advised.arms.find(({ name }) => name === 'trim')).toMatchObject({ policy: 'trim', profile: 'p.json' });
    expect(stateOf(advisedArms(subject(explicit, { machine: 'aarch64' })))[1]).toBe('trim: trim');
    expect(stateOf(advisedArms(subject(explicit, { dialect: 'isulad' })))[1]).toBe(
      'trim: iSulad ignores the list "architectures", so there is nothing to cut',
    );
    expect(stateOf(advisedArms(subject())).some((state) => state.startsWith('trim'))).toBe(false);
  });

  it('leave out what cannot change anything, and say why', () => {
    expect(
      stateOf(
        advisedArms(
          subject({
            defaultAction: 'SCMP_ACT_ALLOW',
            architectures: ['SCMP_ARCH_X86_64'],
            syscalls: [{ names: ['reboot'], action: 'SCMP_ACT_ERRNO' }],
          }),
        ),
      ),
    ).toEqual([
      'hostOnly: the profile lists its architectures explicitly, and Docker copies such a list whole',
      'trim: this machine runs every architecture of the list',
      'nativeOnly: it changes nothing: the spec is the same',
      'tree: tree',
      'ordered: there are no counts to order rules by (output of strace -c, a syscalls.json, or a command to observe)',
      'prebuilt: prebuilt',
    ]);
    expect(stateOf(advisedArms(subject(PROFILE, { counts: counts({ no_such_call: 4 }) })))[3]).toBe(
      'ordered: it changes nothing: libseccomp builds the same filter',
    );
    expect(() => advisedArms(subject({}))).toThrow('disables seccomp: it has no default action and no rules');
  });
});

describe('the arms of advice for a runtime', () => {
  const runtime = (version: string, more: Partial<AdviceSubject['engine']> = {}): AdviceSubject['engine'] => ({
    facts: { name: version.split(' ')[0] ?? '' },
    builderOf: () => builderByVersion({ version, libseccomp: null }, {}),
    ...more,
  });
  const making = (profile: object, engine: AdviceSubject['engine']) => {
    const { options } = advisedArms(subject(profile, { engine, counts: counts({ personality: 7, read: 9 }) }));
    return options.flatMap((one) => {
      if ('arm' in one) return one.arm.making === undefined ? [] : [[one.option, one.arm.making, one.arm.against]];
      return [[one.option, one.reason]];
    });
  };
  const OTHERS = '--engine namespaces, bwrap or crun can measure this';

  it('that takes finished filters compare other forms with the plain filter that is finished, too', () => {
    expect(making(PROFILE, runtime('crun version 1.8.1', { loads: new Set(['raw']) }))).toEqual([
      ['tree', { form: 'tree', prebuilt: true }, 'prebuilt'],
      ['ordered', { first: ['personality', 'read'], prebuilt: true }, 'prebuilt'],
      ['prebuilt', { prebuilt: true }, undefined],
    ]);
  });

  it('that builds only its own filters have the tree that its version builds, and reasons for the rest', () => {
    const others = (version: string) => [
      ['ordered', `${version} tries rules in an order of its own; ${OTHERS}`],
      ['prebuilt', `${version} builds its filters itself and takes none that is built already; ${OTHERS}`],
    ];
    expect(making(PROFILE, runtime('runc version 1.1.5'))).toEqual([
      ['tree', `runc 1.1.5 builds only the plain form; runc builds trees from 1.2 on; ${OTHERS}`],
      ...others('runc 1.1.5'),
    ]);
    expect(making(PROFILE, runtime('runc version 1.3.6'))).toEqual([
      ['tree', { form: 'tree' }, undefined],
      ...others('runc 1.3.6'),
    ]);
    const many = { ...PROFILE, syscalls: [...PROFILE.syscalls, ...PROFILE.syscalls, ...PROFILE.syscalls] };
    expect(making(many, runtime('runc version 1.3.6'))).toEqual([
      ['tree', 'runc 1.3.6 builds a binary tree already: the spec names 42 calls, more than 32'],
      ...others('runc 1.3.6'),
    ]);
  });
});

describe('observed calls', () => {
  it('are put in order only where the profile has a rule for them, and those that are cached are named', () => {
    const advised = advisedArms(
      subject(PROFILE, { counts: counts({ mount: 50, umount2: 40, read: 9, socket: 3, no_such_call: 2, write: 1 }) }),
    );
    expect([advised.first, advised.cached]).toEqual([
      ['socket', 'read', 'write'],
      ['read', 'write'],
    ]);
    expect(advised.options[3]).toMatchObject({
      option: 'ordered',
      arm: { making: { first: ['socket', 'read', 'write'] } },
    });
  });
});

describe('a filter that answers otherwise than the plain one', () => {
  it('is not measured, and the reason is given', () => {
    const advised = advisedArms(subject(PROFILE, { counts: counts({ socket: 3 }) }), (spec, machine, making) => {
      const { syscalls, ...rest } = spec;
      return making?.form === 'tree'
        ? buildFilter(
            { ...rest, syscalls: (syscalls ?? []).filter(({ names }) => !names.includes('personality')) },
            machine,
            making,
          )
        : buildFilter(spec, machine, making);
    });
    // personality of x86_64, x86 and x32.
    expect(stateOf(advised)[2]).toMatch(
      /^tree: for 3 of [\d,]+ calls the answers of the filter that libseccomp \S+ builds differ from those of the plain one/,
    );
    expect(advised.arms.map(({ name }) => name)).toEqual(['as-is', 'all', 'native', 'ordered', 'prebuilt', 'control']);
  });
});

describe('counts', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'advise-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const io = (): Io => ({ cwd: folder }) as Io;

  it('are read from strace -c', async () => {
    writeFileSync(
      join(folder, 'c.txt'),
      [
        '% time     seconds  usecs/call     calls    errors syscall',
        '------ ----------- ----------- --------- --------- ----------------',
        ' 60.00    0.000060           6        10           read',
        ' 40.00    0.000040           8         5         1 socket',
        '------ ----------- ----------- --------- --------- ----------------',
        '100.00    0.000100           6        15         1 total',
        '',
      ].join('\n'),
    );
    expect([...(await readCounts('c.txt', io())).calls]).toEqual([
      ['read', 10],
      ['socket', 5],
    ]);
    writeFileSync(join(folder, 'none.txt'), 'hello\n');
    await expect(readCounts('none.txt', io())).rejects.toThrow('none.txt is not a table of system calls');
    await expect(readCounts('missing.txt', io())).rejects.toThrow(
      'could not read missing.txt: no such file or directory',
    );
  });

  const document = (...arms: (readonly (readonly [CallPart, string, number])[] | null)[]): void => {
    const written: SyscallCounts = {
      formatVersion: 1,
      counter: { name: 'strace', version: '6.1', split: 'exec' },
      refusals: [],
      notes: [],
      arms: arms.map((parts, index) =>
        parts === null
          ? { arm: `a${index}`, state: 'notCounted', reason: 'it failed' }
          : {
              arm: `a${index}`,
              state: 'counted',
              countedNs: [1],
              uncountedNs: [1],
              runs: [
                parts.map(([part, name, calls]) => ({
                  part,
                  calls: [{ name, calls, errors: 0, seconds: null }],
                  operations: [],
                })),
              ],
            },
      ),
    };
    writeFileSync(join(folder, 'c.json'), JSON.stringify(written));
  };

  it('are those of the container in the first arm that was counted of a syscalls.json', async () => {
    document(
      null,
      [
        ['runtime', 'mount', 50],
        ['container', 'read', 7],
        ['container', 'read', 1],
      ],
      [['container', 'read', 100]],
    );
    expect(await readCounts('c.json', io())).toEqual({ from: 'c.json', calls: new Map([['read', 8]]), warnings: [] });
  });

  it('of a syscalls.json that does not tell parts apart are taken with a warning, and refused where no call has a name', async () => {
    document([
      ['all', 'read', 7],
      ['runtime', 'mount', 1],
    ]);
    expect(await readCounts('c.json', io())).toEqual({
      from: 'c.json',
      calls: new Map([['read', 7]]),
      warnings: ["Counts: c.json does not separate the container's calls from those of the runtime."],
    });
    document([['all', '(any call)', 7]]);
    await expect(readCounts('c.json', io())).rejects.toThrow('c.json has no named system calls of a container');
    document(null);
    await expect(readCounts('c.json', io())).rejects.toThrow('c.json has no named system calls of a container');
  });

  it('of a command that cannot be run are refused; of one that fails they come with a warning', async (ctx) => {
    needCommand(ctx, 'strace');
    const observed: Io = { ...io(), env: process.env };
    await expect(observedCounts('nosuchcmd', observed)).rejects.toThrow(
      /^could not run the observed command: nosuchcmd: exit code 127 \(.*nosuchcmd.*not found\)$/,
    );
    await expect(observedCounts('/', observed)).rejects.toThrow('could not run the observed command: /: exit code 126');
    expect((await observedCounts('/bin/true; exit 3', observed)).warnings).toEqual([
      'Counts: /bin/true; exit 3: it exited with 3; its calls up to then are used.',
    ]);
    expect((await observedCounts('kill -9 $$', observed)).warnings).toEqual([
      'Counts: kill -9 $$: it was ended by a signal; its calls up to then are used.',
    ]);
    expect((await observedCounts('/bin/true', observed)).warnings).toEqual([]);
  });

  it('put calls that run the filter before those that are cached, each by number, then by name', () => {
    const observed = counts({ read: 100, openat: 3, socket: 3, clone: 8, write: 200 });
    expect(orderOf(observed, (name) => name === 'read' || name === 'write')).toEqual([
      'clone',
      'openat',
      'socket',
      'write',
      'read',
    ]);
    expect(orderOf(counts({}), () => false)).toEqual([]);
  });
});
