import { describe, expect, it } from 'vitest';
import { libseccompVersion, notesOfSpec } from '../../../src/filter/index.js';
import type { Note } from '../../../src/model/filter/notes.js';
import type { SeccompRule, SeccompSpec } from '../../../src/model/profile/seccomp.js';
import { notesBlock } from '../../../src/report/inspection/notes-block.js';
import { notesTable, sharedNotes } from '../../../src/report/run/notes.js';
import { noteLine, noteSentence } from '../../../src/report/words/notes.js';

const ALLOW = 'SCMP_ACT_ALLOW';
const ERRNO = 'SCMP_ACT_ERRNO';
const arg = (op: string, value: number | bigint, valueTwo = 0, index = 0) => ({
  index,
  op: `SCMP_CMP_${op}`,
  value,
  valueTwo,
});
const rule = (name: string, rest: object = {}) => ({ names: [name], action: ALLOW, ...rest });

/** The sentences of a spec's notes, with the version of libseccomp left out. */
function sentences(spec: Partial<SeccompSpec>, kernel = '6.1.0'): readonly string[] {
  const whole = { defaultAction: ALLOW, architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'], ...spec };
  const notes = notesOfSpec(whole, { file: 'p.json' }, { machine: 'x86_64', kernel, listens: () => false });
  return notes.map((note) => noteSentence(note).replace(/libseccomp \d[\d.]*\d/, 'libseccomp 2'));
}
const inAllowList = (...rules: ReturnType<typeof rule>[]): readonly string[] =>
  sentences({
    defaultAction: ERRNO,
    syscalls: [{ names: ['execve', 'exit', 'exit_group'], action: ALLOW }, ...rules],
  });

describe('the sentence of a note', () => {
  it('of a call that is too new for this libseccomp', (context) => {
    const [, minor = 0, patch = 0] = (libseccompVersion() ?? '0.0.0').split('.').map(Number);
    if (minor * 1000 + patch >= 6001) context.skip('libseccomp 2.6.1 knows rseq_slice_yield');
    expect(sentences({ syscalls: [{ names: ['rseq_slice_yield'], action: ERRNO }] })).toEqual([
      'rseq_slice_yield: too new for libseccomp 2. A runtime with that version skips the rule, so the call stays open (ALLOW).',
    ]);
  });

  it.each(
    (
      [
        [
          { names: ['kexec_fileload'] },
          '"kexec_fileload" is not a system call that libseccomp 2 knows; did you mean kexec_file_load? Runtimes skip the name, so the call stays open (ALLOW).',
        ],
        [
          { names: ['qqqqqqq'] },
          '"qqqqqqq" is not a system call that libseccomp 2 knows. Runtimes skip the name, so the call stays open (ALLOW).',
        ],
        [
          { names: ['163'] },
          '"163" is a number (x86_64: acct), and runtimes take names only. They skip it, so the call stays open (ALLOW).',
        ],
        [
          { names: ['sync'], errnoRet: 0 },
          'sync: ERRNO(0) returns 0 and does nothing, so the program takes the call for a success.',
        ],
        [{ names: ['acct'], errnoRet: 65549 }, 'acct: runtimes keep 16 bits of errno 65549, which gives 13 (EACCES).'],
        [{ names: ['acct'], errnoRet: 4095 }, 'acct: libseccomp refuses an errno above 4094.'],
        [
          { names: ['acct'], errnoRet: 2 ** 32 + 13 },
          'acct: runtimes keep 16 bits of errno 4294967309, which gives 13 (EACCES); crun refuses numbers of more than 32 bits.',
        ],
        [
          { names: ['acct'], action: 'SCMP_ACT_LOG' },
          "acct: the action is LOG. The kernel's bitmap never holds such a call, and each one may write to the audit log.",
        ],
        [
          { names: ['acct'], action: 'SCMP_ACT_TRACE' },
          'acct: the action is TRACE. Without a tracer the call fails with ENOSYS.',
        ],
        [
          { names: ['acct'], action: 'SCMP_ACT_NOTIFY' },
          'acct: the action is NOTIFY, and there is no listenerPath. runc refuses this; without a listener the call fails with ENOSYS.',
        ],
        [{ names: ['acct'], action: 'SCMP_ACT_NONE' }, 'SCMP_ACT_NONE is not an action. Runtimes refuse it.'],
        [{ names: ['acct'], action: ALLOW }, 'acct: ALLOW is the default action, so runtimes skip the rule.'],
        [
          { names: ['exit_group'] },
          'exit_group: not allowed (ERRNO(EPERM)), so a program cannot end the way C libraries end it.',
        ],
        [{ names: ['exit', 'exit_group'] }, 'exit, exit_group: not allowed (ERRNO(EPERM)), so no program can end.'],
        [
          { names: ['execve'], action: 'SCMP_ACT_KILL' },
          'execve: not allowed (KILL_THREAD), so a container cannot start its program.',
        ],
      ] as [Partial<SeccompRule>, string][]
    ).map(([written, sentence]) => ({ written, sentence })),
  )('of a rule in a deny list: $sentence', ({ written, sentence }) => {
    expect(sentences({ syscalls: [{ names: [], action: ERRNO, ...written }] })).toEqual([sentence]);
  });

  it.each(
    (
      [
        [
          [rule('openatt')],
          '"openatt" is not a system call that libseccomp 2 knows; did you mean openat? Runtimes skip the name, so the call gets the default action, ERRNO(EPERM).',
        ],
        [
          [rule('clone'), rule('clone', { args: [arg('MASKED_EQ', 8)] })],
          'clone: syscalls[1].names[0] answers ALLOW for all arguments, so this rule and its comparisons have no effect.',
        ],
        [
          [rule('clone'), rule('clone', { action: 'SCMP_ACT_KILL' })],
          'clone: syscalls[1].names[0] answers ALLOW and comes first, so KILL_THREAD has no effect here.',
        ],
        [[rule('clone'), rule('clone')], 'clone: syscalls[1].names[0] already says ALLOW.'],
        [
          [rule('prctl', { args: [arg('EQ', 5)] }), rule('prctl', { args: [arg('LE', 7)] })],
          'prctl: syscalls[2].names[0] answers ALLOW for all calls that this rule matches, so it has no effect.',
        ],
        [
          [rule('prctl', { args: [arg('MASKED_EQ', 0)] })],
          'prctl: argument 0 is compared under a mask of 0, which always holds.',
        ],
        [
          [rule('prctl', { args: [arg('MASKED_EQ', 12, 21)] })],
          'prctl: argument 0: the value 0x15 has bits outside the mask 0xc. libseccomp drops them and compares with 0x4.',
        ],
        [[rule('prctl', { args: [arg('LT', 0)] })], 'prctl: argument 0 < 0 never holds, so the rule has no effect.'],
        [[rule('prctl', { args: [arg('GE', 0)] })], 'prctl: argument 0 >= 0 always holds.'],
        [
          [rule('prctl', { args: [arg('GE', 5), arg('LE', 9)] })],
          'prctl: argument 0 is compared more than once. runc and crun split such a rule: any one of its 2 comparisons is enough for ALLOW.',
        ],
        [
          [rule('socketcall', { args: [arg('NE', 40, 0, 1)] })],
          'socketcall: argument 1 is a pointer. A filter sees the address only, so != 0x28 holds for nearly every call.',
        ],
        [
          [rule('openat', { args: [arg('EQ', 40, 0, 1)] })],
          'openat: argument 1 is a pointer. A filter sees the address only, so == 0x28 holds for nearly no call.',
        ],
        [
          [rule('openat', { args: [arg('LE', 40, 0, 1)] })],
          'openat: argument 1 is a pointer. A filter sees the address only, so <= 0x28 says nothing about the data.',
        ],
        [
          [rule('personality', { args: [arg('EQ', 2n ** 64n - 1n)] })],
          'personality: argument 0 == 0xffffffffffffffff: the kernel reads 32 bits of this argument, and for a value of 32 bits, such as 0xffffffff, this never holds.',
        ],
        [
          [rule('prctl', { args: [arg('EQ', 0x1_0000_0005, 0, 1)] })],
          'prctl: argument 1 == 0x100000005: on x86 libseccomp compares the lower 32 bits only, with 0x5.',
        ],
        [
          [rule('socket', { args: [arg('EQ', 38)], action: ERRNO }), rule('socket')],
          'socket: ERRNO(EPERM) is the default action, so runtimes skip the rule, and syscalls[2] lets the call run.',
        ],
      ] as [ReturnType<typeof rule>[], string][]
    ).map(([rules, sentence]) => ({ rules, sentence })),
  )('of rules in a list of allowed calls: $sentence', ({ rules, sentence }) => {
    expect(inAllowList(...rules)).toEqual([sentence]);
  });

  it.each(
    (
      [
        [
          { defaultErrnoRet: 0, defaultAction: ERRNO },
          'the default action is ERRNO(0): a call without a rule returns 0 and does nothing.',
        ],
        [
          { defaultAction: 'SCMP_ACT_LOG' },
          "the default action is LOG. The kernel's bitmap never holds such a call, and each one may write to the audit log.",
        ],
        [
          { defaultAction: 'SCMP_ACT_TRACE' },
          'the default action is TRACE. Without a tracer the call fails with ENOSYS.',
        ],
        [
          { flags: ['SECCOMP_FILTER_FLAG_NEW'] },
          'SECCOMP_FILTER_FLAG_NEW is not a flag of seccomp(2). Runtimes refuse it.',
        ],
        [
          { flags: ['SECCOMP_FILTER_FLAG_SPEC_ALLOW'] },
          'SECCOMP_FILTER_FLAG_SPEC_ALLOW requires Linux 4.17 or newer, and this is 4.14.0.',
        ],
        [
          { syscalls: [rule('acct', { action: 'SCMP_ACT_NOTIFY' })], listenerPath: '/run/a.sock' },
          'acct: the action is NOTIFY, and nobody listens at /run/a.sock. No container can start.',
        ],
      ] as [Partial<SeccompSpec>, string][]
    ).map(([spec, sentence]) => ({ spec, sentence })),
  )('of a whole profile: $sentence', ({ spec, sentence }) => {
    expect(sentences(spec, '4.14.0')).toContain(sentence);
  });

  it('stands behind file and place, and shows no control characters', () => {
    const note: Note = {
      code: 'zero-mask',
      kind: 'security',
      file: 'a\u001b.json',
      path: 'line 3',
      subject: 'b\u0007',
      detail: { argument: 1 },
    };
    expect(noteLine(note)).not.toMatch(/[\u0007\u001b]/);
    expect(noteLine(note)).toMatch(/: line 3: .*argument 1 is compared/);
  });
});

describe('notes in a terminal and in a report', () => {
  const note = (at: number, file = 'p.json'): Note => ({
    code: 'errno-zero',
    kind: 'broken',
    file,
    path: `syscalls[${at}]`,
    subject: 'fsync',
    detail: { scope: 'rule' },
  });
  const many = Array.from({ length: 20 }, (_, at) => note(at));
  const plain = { width: 60, bold: (text: string) => text };

  it('are a short list, with the way to see all', () => {
    const lines = notesBlock(many, plain);
    expect(lines[0]).toBe('Notes on p.json, 20');
    expect(lines.filter((line) => line.startsWith('- '))).toHaveLength(9);
    expect(lines.at(-1)).toBe('- 12 more notes: --json shows all.');
    expect(lines.filter((line) => line.length > 60)).toEqual([]);
    expect(notesBlock([], plain)).toEqual([]);
  });

  it('name the file of each where there are several', () => {
    expect(notesBlock([note(1), note(2, 'q.json')], plain).join('\n')).toMatch(
      /^Notes, 2\n- p\.json: syscalls\[1\]: fsync:[^]*\n- q\.json: syscalls\[2\]: fsync:/,
    );
  });

  it('stand once in a table for all arms that have them, and in old results not at all', () => {
    const evidence = [{ arm: 'all', notes: [note(1)] }, { arm: 'host', notes: [note(1), note(2)] }, { arm: 'old' }];
    expect(sharedNotes(evidence).map(({ arms }) => arms)).toEqual([['all', 'host'], ['host']]);
    expect(notesTable(evidence)?.rows.map((row) => row.slice(0, 2))).toEqual([
      ['all, host', 'p.json: syscalls[1]'],
      ['host', 'p.json: syscalls[2]'],
    ]);
    expect(notesTable([{ arm: 'old' }])).toBeNull();
    const long = notesTable([{ arm: 'all', notes: many }]);
    expect([long?.rows.length, long?.note]).toEqual([
      12,
      '8 more notes: `bench inspect --json` shows all of a profile.',
    ]);
  });
});
