import { describe, expect, it } from 'vitest';
import {
  buildFilter,
  libseccompVersion,
  notesOfFilters,
  notesOfPolicy,
  notesOfSpec,
  Simulator,
} from '../../../src/filter/index.js';
import type { NoteCode } from '../../../src/model/filter/notes.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';
import type { LxcPolicy, LxcRule } from '../../../src/model/profile/source.js';
import { defaultProfile, loadProfile } from '../../../src/profile/index.js';
import { ruleOrigins, convertProfile } from '../../../src/convert/index.js';
import { CAPABILITIES, DOCKER_CAPABILITIES } from '../../../src/model/profile/capabilities.js';
import {
  ALLOW,
  ALLOWED,
  allowList,
  answer,
  arg,
  codes,
  denyList,
  ERRNO,
  first,
  NEEDED,
  notes,
  rule,
  TARGET,
} from './noted.js';

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

  it('suggest a call for the first thousand wrong names only', () => {
    const others = Array.from({ length: 998 }, (_, at) => `no_such_call_${at}`);
    const found = notes(allowList(rule(['openatt', ...others, 'mkdirr', 'rmdirr', 'openatt'])));
    const named = found.filter(({ code, subject }) => code === 'unknown-name' && !others.includes(subject));
    expect(named.map(({ subject, detail }) => [subject, detail?.['meant']])).toEqual([
      ['openatt', 'openat'],
      ['mkdirr', 'mkdir'],
      ['rmdirr', undefined],
      ['openatt', 'openat'],
    ]);
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

  it('tell that a call newer than this libseccomp stays open in a deny list, and not that it is no call', (context) => {
    const [, minor = 0, patch = 0] = (libseccompVersion() ?? '0.0.0').split('.').map(Number);
    if (minor * 1000 + patch >= 6001) context.skip('libseccomp 2.6.1 knows rseq_slice_yield');
    const note = first(denyList(rule(['kexec_load', 'rseq_slice_yield'], [], ERRNO)));
    expect(note).toMatchObject({ code: 'newer-name', path: 'syscalls[0].names[1]', subject: 'rseq_slice_yield' });
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
    const log = { ...allowList(), defaultAction: 'SCMP_ACT_LOG' };
    const withActions = (kernel: string, ...actions: string[]): readonly NoteCode[] =>
      notesOfSpec(log, { file: 'p.json' }, { machine: 'x86_64', kernel, actions }).map(({ code }) => code);
    expect(withActions('4.9.0', 'errno', 'log', 'allow')).toEqual(['log-not-cached']);
    expect(withActions('6.1.0', 'errno', 'allow')).toEqual(['unsupported-action', 'log-not-cached']);
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
