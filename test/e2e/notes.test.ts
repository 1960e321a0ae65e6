import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Inspection } from '../../src/model/filter/inspection.js';
import { needs, PrivateSandbox } from './bench.js';

const sandbox = new PrivateSandbox();
afterAll(() => {
  sandbox[Symbol.dispose]();
});

/** What a command prints for programs; whoever asks knows its shape. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
const json = <Shape>(...args: string[]): Shape => JSON.parse(sandbox.bench([...args, '--json']).stdout) as Shape;
const tooLong = (text: string, width: number): string[] => text.split('\n').filter((line) => line.length > width);

/** Few calls, so that the filter is small; everything a container needs is allowed. */
const NEEDED = { names: ['read', 'write', 'execve', 'exit', 'exit_group'], action: 'SCMP_ACT_ALLOW' };
function profileFile(name: string, profile: object): string {
  const path = join(sandbox.folder, name);
  writeFileSync(path, JSON.stringify({ architectures: ['SCMP_ARCH_X86_64'], ...profile }));
  return path;
}
const onX86 = (...args: string[]): string => sandbox.bench(['inspect', '--arch', 'x86_64', ...args]).stdout;

describe('the notes of bench inspect', () => {
  const typo = profileFile('typo.json', {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [
      { names: ['kexec_load', 'delete_modul', 'MOUNT', '169'], action: 'SCMP_ACT_ERRNO', errnoRet: 65537 },
      { names: ['sync'], action: 'SCMP_ACT_ERRNO', errnoRet: 0 },
      { names: ['acct'], action: 'SCMP_ACT_LOG' },
      { names: ['bpf'], action: 'SCMP_ACT_KILL_PROCESS' },
      { names: ['ptrace'], action: 'SCMP_ACT_TRACE', errnoRet: 7 },
      { names: ['swapon'], action: 'SCMP_ACT_TRAP' },
    ],
  });

  it('name the calls of a deny list that stay open, and errnos as runtimes load them', () => {
    const text = onX86(typo, '--limit', '1').replaceAll(/\s+/g, ' ');
    expect(text).toContain('"delete_modul" is not a system call');
    expect(text).toContain('did you mean delete_module? Runtimes skip the name, so the call stays open (ALLOW).');
    expect(text).toContain('syscalls[0].names[3]: "169" is a number (x86_64: reboot)');
    expect(text).toContain('runtimes keep 16 bits of errno 65537, which gives 1 (EPERM).');
    expect(text).toContain('syscalls[1].errnoRet: sync: ERRNO(0) returns 0 and does nothing');
  });

  it('are all in the JSON document, each with its sentence, and none for the built-in default', () => {
    const { notes } = json<{ notes: { code: string; path: string; sentence: string }[] }>('inspect', typo);
    expect(notes.map(({ code }) => code)).toEqual([
      'unknown-name',
      'unknown-name',
      'unknown-name',
      'errno-cut',
      'errno-zero',
      'trace-without-tracer',
      'log-not-cached',
    ]);
    expect(notes.every(({ sentence }) => sentence.endsWith('.'))).toBe(true);
    expect(json<{ notes: unknown[] }>('inspect').notes).toEqual([]);
  });

  it('go with counts and lists that tell denied calls apart, and take neither LOG nor ERRNO(0) for a denial', () => {
    const text = onX86(typo, '--sort', 'denied');
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'Logged: 1. Return 0 and do nothing: 1. Denied: 1 killed, 1 with an errno, 1 trapped, 1 left to a tracer.',
    );
    expect(text).toMatch(/^Denied calls of x86_64, 4$/m);
    expect(text).toMatch(/^Killed, 1\ncall.*\nbpf .* KILL_PROCESS$/m);
    expect(text).toMatch(/^kexec_load .* ERRNO\(EPERM\)$/m);
    expect(text).toMatch(/^Logged calls, which run, of x86_64, 1\ncall.*\nacct .* LOG$/m);
    expect(text).toMatch(/^Calls that return 0 and do nothing, of x86_64, 1\ncall.*\nsync .* ERRNO\(0\)$/m);
    const { filters } = json<Inspection>('inspect', '--arch', 'x86_64', typo);
    expect(filters[0]!.counts.find(({ arch }) => arch === 'x86_64')).toMatchObject({
      logged: 1,
      returnsZero: 1,
      denied: 4,
      denials: { killed: 1, errno: 1, trapped: 1, traced: 1, notified: 0, mixed: 0 },
    });
  });

  it('point at the rule in a config.json, and fit a terminal of 60 columns', (context) => {
    needs(context, 'script');
    const seccomp = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [
        NEEDED,
        { names: ['clone'], action: 'SCMP_ACT_ALLOW' },
        { names: ['clone'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 8, op: 'SCMP_CMP_MASKED_EQ' }] },
      ],
    };
    const config = profileFile('config.json', { ociVersion: '1.0.2', linux: { seccomp } });
    const text = sandbox.onTerminal(60, ['inspect', config, '--arch', 'x86_64']);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'linux.seccomp.syscalls[2].names[0]: clone: linux.seccomp.syscalls[1].names[0] answers ALLOW for all arguments',
    );
    expect(tooLong(text, 60)).toEqual([]);
  });

  it('stand on standard error of convert --explain, and nothing else changes', () => {
    const { status, stdout, stderr } = sandbox.bench(['convert', typo, '--explain']);
    expect(status).toBe(0);
    expect(stderr).toContain(`note: ${typo}: syscalls[0].names[1]: "delete_modul" is not a system call`);
    expect(stdout).toBe(sandbox.bench(['convert', typo]).stdout);
    expect(JSON.parse(stdout)).toMatchObject({ syscalls: [{ errnoRet: 65537 }, {}, {}, {}, {}, {}] });
  });
});
