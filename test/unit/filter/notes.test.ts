import { describe, expect, it } from 'vitest';
import {
  buildFilter,
  libseccompVersion,
  notesOfFilters,
  notesOfPolicy,
  notesOfSpec,
  Simulator,
} from '../../../src/filter/index.js';
import type { Note, NoteCode } from '../../../src/model/filter/notes.js';
import type { SeccompArg, SeccompRule, SeccompSpec } from '../../../src/model/profile/seccomp.js';
import type { LxcPolicy, LxcRule } from '../../../src/model/profile/source.js';
import { defaultProfile, loadProfile } from '../../../src/profile/index.js';
import { ruleOrigins, convertProfile } from '../../../src/convert/index.js';
import { CAPABILITIES, DOCKER_CAPABILITIES } from '../../../src/model/profile/capabilities.js';

const ALLOW = 'SCMP_ACT_ALLOW';
const ERRNO = 'SCMP_ACT_ERRNO';
const X86_64 = 0xc000003e;
const ALL = 2n ** 64n - 1n;
const NEEDED = { names: ['execve', 'exit', 'exit_group'], action: ALLOW };
const TARGET = { machine: 'x86_64', kernel: '6.1.0' };

const arg = (op: string, value: number | bigint, valueTwo: number | bigint = 0, index = 0): SeccompArg => ({
  index,
  op: `SCMP_CMP_${op}`,
  value,
  ...(valueTwo === 0 ? {} : { valueTwo }),
});
const rule = (names: string[], args: SeccompArg[] = [], action = ALLOW, errnoRet?: number): SeccompRule => ({
  names,
  action,
  ...(errnoRet === undefined ? {} : { errnoRet }),
  ...(args.length === 0 ? {} : { args }),
});
const allowList = (...rules: SeccompRule[]): SeccompSpec => ({
  defaultAction: ERRNO,
  architectures: ['SCMP_ARCH_X86_64'],
  syscalls: [NEEDED, ...rules],
});
const denyList = (...rules: SeccompRule[]): SeccompSpec => ({
  defaultAction: ALLOW,
  architectures: ['SCMP_ARCH_X86_64'],
  syscalls: rules,
});
const notes = (spec: SeccompSpec, target: Partial<typeof TARGET & { listens: () => boolean }> = {}): readonly Note[] =>
  notesOfSpec(spec, { file: 'p.json' }, { ...TARGET, ...target });
const codes = (spec: SeccompSpec): readonly NoteCode[] => notes(spec).map(({ code }) => code);
const first = (spec: SeccompSpec): Note => notes(spec)[0]!;

/** What libseccomp's filter answers, for the statements that notes make about it. */
const answer = (spec: SeccompSpec, nr: number, value: bigint): number =>
  new Simulator(buildFilter(spec, 'x86_64').program).execute({ arch: X86_64, nr, args: [value] }).value;
const PERSONALITY = 135;
const ALLOWED = 0x7fff0000;

describe('notes on names', () => {
  it('tell that the call meant stays open where a deny list has a name that is no call', () => {
    const spec = denyList(rule(['kexec_load', 'kexec_fileload', 'ACCT', '163', 'sys_mount', 'qqqqqqq'], [], ERRNO));
    expect(
      notes(spec).map(({ code, kind, path, subject, detail }) => [code, kind, path, subject, detail?.['meant']]),
    ).toEqual([
      ['unknown-name', 'security', 'syscalls[0].names[1]', 'kexec_fileload', 'kexec_file_load'],
      ['unknown-name', 'security', 'syscalls[0].names[2]', 'ACCT', 'acct'],
      ['unknown-name', 'security', 'syscalls[0].names[3]', '163', 'acct'],
      ['unknown-name', 'security', 'syscalls[0].names[4]', 'sys_mount', 'mount'],
      ['unknown-name', 'security', 'syscalls[0].names[5]', 'qqqqqqq', undefined],
    ]);
    expect(first(spec).detail).toMatchObject({ open: 'yes', answer: 'ALLOW', libseccomp: libseccompVersion() });
    // The filter has a rule for the one real call only.
    expect([answer(spec, 246, 0n), answer(spec, 320, 0n), answer(spec, 163, 0n)]).toEqual([0x50001, ALLOWED, ALLOWED]);
  });

  it('are milder where the default denies the call anyway', () => {
    expect(first(allowList(rule(['openatt'])))).toMatchObject({
      kind: 'useless',
      detail: { meant: 'openat', answer: 'ERRNO(EPERM)' },
    });
  });

  it('say nothing of calls of other architectures, pseudo names, and newer calls in a list of allowed ones', () => {
    const names = ['socketcall', '_llseek', 'breakpoint', 'arm_fadvise64_64', 'riscv_flush_icache', 'rseq_slice_yield'];
    expect(notes(allowList(rule(names)))).toEqual([]);
    expect(notes(denyList(rule(['socketcall', 'breakpoint'], [], ERRNO)))).toEqual([]);
  });

  it('tell that a call newer than this libseccomp stays open in a deny list, and not that it is no call', () => {
    const note = first(denyList(rule(['kexec_load', 'rseq_slice_yield'], [], ERRNO)));
    expect(note).toMatchObject({ code: 'newer-name', path: 'syscalls[0].names[1]', subject: 'rseq_slice_yield' });
  });
});

describe('notes on dead rules', () => {
  it('name the rule without comparisons that makes a comparison dead, before or after it', () => {
    const masked = rule(['clone'], [arg('MASKED_EQ', 0x7e020000)]);
    for (const [spec, path, winner] of [
      [allowList(rule(['clone']), masked), 'syscalls[2].names[0]', 'syscalls[1].names[0]'],
      [allowList(masked, rule(['read', 'clone'])), 'syscalls[1].names[0]', 'syscalls[2].names[1]'],
    ] as const)
      expect(notes(spec)).toEqual([
        expect.objectContaining({
          code: 'dead-rule',
          kind: 'security',
          path,
          detail: { winner, reason: 'by number', action: 'ALLOW', winnerAction: 'ALLOW' },
        }),
      ]);
  });

  it('know that the first of two rules without comparisons wins', () => {
    const spec = denyList(rule(['personality'], [], ERRNO, 9), rule(['personality'], [], ERRNO, 5));
    expect(first(spec)).toMatchObject({
      path: 'syscalls[1].names[0]',
      detail: { winner: 'syscalls[0].names[0]', reason: 'repeated', winnerAction: 'ERRNO(EBADF)' },
    });
    expect(answer(spec, PERSONALITY, 0n)).toBe(0x50009);
  });

  it('find a comparison that lies within another of the same action, which libseccomp answers alike without it', () => {
    for (const [narrow, broad] of [
      [arg('EQ', 5), arg('LE', 10)],
      [arg('LT', 5), arg('LE', 5)],
      [arg('GT', 7), arg('NE', 7)],
      [arg('EQ', 0x30), arg('MASKED_EQ', 0xf0, 0x30)],
      [arg('MASKED_EQ', 0xff, 0x31), arg('MASKED_EQ', 0xf0, 0x30)],
      [arg('MASKED_EQ', 0xff, 0x31), arg('NE', 0x30)],
      [arg('MASKED_EQ', ALL - 0xfn, 0x20), arg('LE', 0x2f)],
    ] as const) {
      const both = allowList(rule(['personality'], [narrow]), rule(['personality'], [broad]));
      expect(notes(both)).toEqual([
        expect.objectContaining({
          path: 'syscalls[1].names[0]',
          kind: 'useless',
          detail: expect.objectContaining({ reason: 'within' }),
        }),
      ]);
      const without = allowList(rule(['personality'], [broad]));
      for (const value of [0n, 3n, 4n, 5n, 7n, 8n, 10n, 11n, 0x20n, 0x2fn, 0x30n, 0x31n, 0x130n, ALL])
        expect(answer(both, PERSONALITY, value)).toBe(answer(without, PERSONALITY, value));
    }
  });

  it('keep the first of two equal rules', () => {
    const twice = allowList(rule(['personality'], [arg('LT', 5)]), rule(['personality'], [arg('LE', 4)]));
    expect(notes(twice)).toEqual([expect.objectContaining({ path: 'syscalls[2].names[0]' })]);
    expect(notes(allowList(rule(['read', 'write', 'read'])))).toEqual([
      expect.objectContaining({
        path: 'syscalls[1].names[2]',
        detail: expect.objectContaining({ reason: 'repeated' }),
      }),
    ]);
  });

  it('say nothing where comparisons only overlap, or other actions stand in between', () => {
    expect(codes(allowList(rule(['personality'], [arg('LE', 5)]), rule(['personality'], [arg('GE', 5)])))).toEqual([]);
    expect(codes(allowList(rule(['socket'], [arg('LE', 37)]), rule(['socket'], [arg('GE', 41)])))).toEqual([]);
    const between = allowList(
      rule(['personality'], [arg('EQ', 5)]),
      rule(['personality'], [arg('LE', 7)], ERRNO, 9),
      rule(['personality'], [arg('LE', 10)]),
    );
    expect(codes(between)).toEqual([]);
    // Without its first rule this filter would answer otherwise.
    expect(answer(between, PERSONALITY, 5n)).toBe(ALLOWED);
    expect(answer(between, PERSONALITY, 6n)).toBe(0x50009);
  });

  it('gather the names of one rule', () => {
    const names = ['clone', 'personality', 'socket'];
    expect(notes(allowList(rule(names), rule(names, [arg('NE', 40)])))).toEqual([
      expect.objectContaining({ path: 'syscalls[2]', subject: 'clone, personality, socket' }),
    ]);
  });

  it('do not count a rule with the default action, which runtimes leave out', () => {
    expect(codes(denyList(rule(['personality']), rule(['personality'], [arg('EQ', 5)], ERRNO)))).toEqual([
      'equals-default',
    ]);
  });
});

describe('notes on comparisons', () => {
  const personality = (...args: SeccompArg[]): SeccompSpec => allowList(rule(['personality'], args));

  it('find what always and what never holds', () => {
    for (const [args, code] of [
      [[arg('MASKED_EQ', 0)], 'zero-mask'],
      [[arg('MASKED_EQ', 0, 5)], 'zero-mask'],
      [[arg('GE', 0)], 'always-holds'],
      [[arg('LE', ALL)], 'always-holds'],
      [[arg('LT', 0)], 'never-holds'],
      [[arg('GT', ALL)], 'never-holds'],
    ] as const) {
      expect(first(personality(...args))).toMatchObject({ code, path: 'syscalls[1].args[0]', subject: 'personality' });
      for (const value of [0n, 5n, ALL])
        expect(answer(personality(...args), PERSONALITY, value)).toBe(code === 'never-holds' ? 0x50001 : ALLOWED);
    }
  });

  it('tell which value libseccomp compares where one has bits outside the mask', () => {
    const spec = personality(arg('MASKED_EQ', 0xc, 0x15));
    expect(first(spec)).toMatchObject({
      code: 'value-outside-mask',
      detail: { mask: '0xc', value: '0x15', kept: '0x4' },
    });
    expect([0x15n, 0x4n, 0x10n].map((value) => answer(spec, PERSONALITY, value))).toEqual([ALLOWED, ALLOWED, 0x50001]);
  });

  it('tell that runtimes take any one of two comparisons of one argument', () => {
    const spec = personality(arg('GE', 5), arg('LE', 8));
    expect(first(spec)).toMatchObject({ code: 'any-comparison', path: 'syscalls[1].args[1]' });
    expect([4n, 6n, 9n].map((value) => answer(spec, PERSONALITY, value))).toEqual([ALLOWED, ALLOWED, ALLOWED]);
  });

  it('find values above 32 bits of an argument that has 32', () => {
    expect(first(personality(arg('EQ', ALL)))).toMatchObject({
      code: 'beyond-32-bits',
      detail: { where: 'argument', outcome: 'never', kept: '0xffffffff' },
    });
    expect(first(personality(arg('LT', 2n ** 32n)))).toMatchObject({ detail: { outcome: 'always' } });
    expect(codes(personality(arg('EQ', 0xffffffff)))).toEqual([]);
    expect(codes(personality(arg('MASKED_EQ', ALL - 0xffn, 0x100)))).toEqual([]);
    // The kernel reads all 64 bits of this one.
    expect(codes(allowList(rule(['prctl'], [arg('EQ', ALL, 0, 1)])))).toEqual([]);
  });

  it('tell what is left of such a value on an architecture of 32 bits', () => {
    const spec = allowList(rule(['prctl'], [arg('EQ', 0x1_0000_0005, 0, 1)]));
    const both = { ...spec, architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'] };
    expect(codes(spec)).toEqual([]);
    expect(first(both)).toMatchObject({ code: 'beyond-32-bits', detail: { where: 'x86', kept: '0x5' } });
    const filter = new Simulator(buildFilter(both, 'x86_64').program);
    expect(filter.execute({ arch: 0x40000003, nr: 172, args: [0n, 5n] }).value).toBe(ALLOWED);
  });

  it('find arguments that are pointers, but leave a test for none alone', () => {
    expect(first(allowList(rule(['socketcall', 'socket'], [arg('NE', 40, 0, 1)])))).toMatchObject({
      code: 'pointer-condition',
      subject: 'socketcall',
      path: 'syscalls[1].args[0]',
    });
    expect(codes(allowList(rule(['openat'], [arg('EQ', 7, 0, 1)])))).toEqual(['pointer-condition']);
    expect(codes(allowList(rule(['clone3'], [arg('MASKED_EQ', 0x10000)])))).toEqual(['pointer-condition']);
    expect(codes(allowList(rule(['openat'], [arg('NE', 0, 0, 1)])))).toEqual([]);
    expect(codes(allowList(rule(['openat'], [arg('EQ', 7, 0, 0)])))).toEqual([]);
  });
});

describe('notes on actions', () => {
  it('find rules with the default action, and say where another lets the call run', () => {
    expect(first(allowList(rule(['bpf'], [], ERRNO, 1)))).toMatchObject({ code: 'equals-default', kind: 'useless' });
    expect(first(allowList(rule(['socket'], [arg('EQ', 38)], ERRNO), rule(['socket'])))).toMatchObject({
      code: 'equals-default',
      kind: 'security',
      detail: { other: 'syscalls[2]' },
    });
    expect(codes(allowList(rule(['bpf'], [], ERRNO, 38)))).toEqual([]);
  });

  it('tell ERRNO(0) and errnos that do not fit', () => {
    expect(first(denyList(rule(['fsync', 'sync'], [], ERRNO, 0)))).toMatchObject({
      code: 'errno-zero',
      subject: 'fsync, sync',
      path: 'syscalls[0].errnoRet',
    });
    const cut = (errnoRet: number) => first(denyList(rule(['acct'], [], ERRNO, errnoRet))).detail;
    expect(cut(65549)).toMatchObject({ given: '65549', kept: 13, name: 'EACCES' });
    expect(cut(5000)).toMatchObject({ kept: 5000, most: 4094 });
    expect(cut(2 ** 32 + 1)).toMatchObject({ kept: 1, crun: 'refuses' });
    expect(codes(denyList(rule(['acct'], [], ERRNO, 4094)))).toEqual([]);
    expect(codes({ ...allowList(), defaultErrnoRet: 0 })).toEqual(
      ['cannot-start', 'cannot-end', 'errno-zero'].slice(2),
    );
  });

  it('tell LOG, TRACE and NOTIFY, as the default and in rules', () => {
    expect(codes({ ...allowList(), defaultAction: 'SCMP_ACT_LOG' })).toEqual(['log-not-cached']);
    expect(codes({ ...allowList(), defaultAction: 'SCMP_ACT_TRACE' })).toEqual(['trace-without-tracer']);
    for (const defaultAction of ['SCMP_ACT_KILL', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_TRAP'])
      expect(codes({ ...allowList(), defaultAction })).toEqual([]);
    const notify = denyList(rule(['fchownat'], [], 'SCMP_ACT_NOTIFY'));
    expect(codes(notify)).toEqual(['notify-without-listener']);
    const listening = { ...notify, listenerPath: '/run/agent.sock' };
    expect(notes(listening, { listens: () => true })).toEqual([]);
    expect(notes(listening, { listens: () => false })[0]?.detail).toMatchObject({ listener: '/run/agent.sock' });
  });

  it('tell what cannot start or end, with the place that denies it', () => {
    const needing = (...names: string[]): SeccompSpec => ({ ...allowList(), syscalls: [{ names, action: ALLOW }] });
    expect(notes(needing('execve', 'read'))).toEqual([
      expect.objectContaining({ code: 'cannot-end', subject: 'exit, exit_group', path: 'defaultAction' }),
    ]);
    expect(notes(needing('exit_group', 'exit'))).toEqual([
      expect.objectContaining({ code: 'cannot-start', detail: { answer: 'ERRNO(EPERM)' } }),
    ]);
    expect(notes(denyList(rule(['mount', 'execve'], [], 'SCMP_ACT_KILL')))).toEqual([
      expect.objectContaining({ code: 'cannot-start', path: 'syscalls[0].names[1]' }),
    ]);
    // Arguments decide.
    expect(codes(denyList(rule(['exit_group'], [arg('EQ', 7)], ERRNO)))).toEqual([]);
  });

  it('tell flags and actions that a kernel lacks', () => {
    const flags = ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV', 'SECCOMP_FILTER_FLAG_NEW'];
    const spec = { ...allowList(), flags };
    expect(notes(spec).map(({ subject, path }) => [subject, path])).toEqual([['SECCOMP_FILTER_FLAG_NEW', 'flags[1]']]);
    expect(notes(spec, { kernel: '5.10.0-8' })[0]).toMatchObject({
      code: 'unsupported-flag',
      path: 'flags[0]',
      detail: { since: '5.19', kernel: '5.10.0-8' },
    });
    const old = notes({ ...allowList(), defaultAction: 'SCMP_ACT_KILL_PROCESS' }, { kernel: '4.9.0' });
    expect(old[0]).toMatchObject({ code: 'unsupported-action', subject: 'SCMP_ACT_KILL_PROCESS' });
    expect(codes(denyList(rule(['acct'], [], 'SCMP_ACT_NONE')))).toEqual(['unsupported-action']);
  });

  it('put what is a matter of security first', () => {
    const spec = denyList(rule(['acct'], [], 'SCMP_ACT_LOG'), rule(['sync'], [], ERRNO, 0), rule(['mont'], [], ERRNO));
    expect(notes(spec).map(({ kind }) => kind)).toEqual(['security', 'broken', 'cost']);
  });
});

describe('notes on well-known profiles', () => {
  const { text, name } = defaultProfile();
  const profile = loadProfile(Buffer.from(text), name);

  it.each([
    ['the default capabilities', DOCKER_CAPABILITIES],
    ['all capabilities', CAPABILITIES],
    ['none', []],
  ])('are none for the built-in default with %s', (_, capabilities) => {
    for (const policy of ['all', 'host', 'native'] as const) {
      const request = { arch: 'amd64', policy, dialect: 'moby', capabilities, kernel: '6.1.0' } as const;
      const { spec } = convertProfile(profile, request);
      const origins = ruleOrigins(profile, request);
      expect(origins).toHaveLength(spec!.syscalls!.length);
      expect(notesOfSpec(spec!, { file: name, origins, profile }, TARGET)).toEqual([]);
    }
  });

  it('point at the rule in the profile, not in the spec that it becomes', () => {
    const file = {
      defaultAction: ERRNO,
      syscalls: [
        { ...NEEDED },
        { names: ['bpf'], action: ALLOW, includes: { caps: ['CAP_BPF'] } },
        { name: 'raed', action: ALLOW },
        { names: ['write', 'writev2x'], action: ALLOW },
      ],
    };
    const own = loadProfile(Buffer.from(JSON.stringify(file)), 'own.json');
    const request = { arch: 'amd64', policy: 'all', dialect: 'moby', capabilities: [], kernel: '6.1.0' } as const;
    const { spec } = convertProfile(own, request);
    const places = { file: 'own.json', prefix: 'linux.seccomp.', origins: ruleOrigins(own, request), profile: own };
    expect(notesOfSpec(spec!, places, TARGET).map(({ path }) => path)).toEqual([
      'linux.seccomp.syscalls[2].name',
      'linux.seccomp.syscalls[3].names[1]',
    ]);
  });
});

describe('notes on LXC policies and built filters', () => {
  const line = (at: number, call: string, action = 'SCMP_ACT_ERRNO', errnoRet = 1): LxcRule => ({
    line: at,
    section: 'all',
    call,
    action: { action, errnoRet },
    args: [],
  });
  const policy = (version: 1 | 2, ...rules: LxcRule[]): LxcPolicy => ({
    version,
    kind: 'deny',
    defaultAction: { action: 'SCMP_ACT_KILL' },
    rules,
    words: [],
  });

  it('give the line, and take numbers for names in the first version only', () => {
    const rules = [line(4, 'acct'), line(5, 'kexec_laod'), line(6, '163'), line(9, 'sync', 'SCMP_ACT_ERRNO', 0)];
    const of = (version: 1 | 2): unknown[] =>
      notesOfPolicy(policy(version, ...rules), 'p.seccomp', TARGET).map(({ code, path }) => [code, path]);
    expect(of(2)).toEqual([
      ['unknown-name', 'line 5'],
      ['unknown-name', 'line 6'],
      ['errno-zero', 'line 9'],
    ]);
    expect(of(1)).toEqual([
      ['unknown-name', 'line 5'],
      ['errno-zero', 'line 9'],
    ]);
  });

  it('tell of a built filter whether anything can start and end under it', () => {
    const filterOf = (spec: SeccompSpec): Simulator => new Simulator(buildFilter(spec, 'x86_64').program);
    expect(notesOfFilters([filterOf(allowList())], 'f.bpf', 'x86_64')).toEqual([]);
    const stacked = [filterOf(allowList()), filterOf(denyList(rule(['exit_group'], [], ERRNO)))];
    expect(notesOfFilters(stacked, 'f.bpf', 'x86_64')).toEqual([
      expect.objectContaining({ code: 'cannot-end', subject: 'exit_group', path: null }),
    ]);
  });
});
