import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import {
  AUDIT_ARCH,
  buildFilter,
  callsOf,
  execute,
  libseccompVersion,
  RETURN,
  rulesText,
  simulate,
} from '../../../src/filter/index.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';
import { nativePrograms } from '../payload/machine.js';

const EPERM = 1;
const DENIED = RETURN.ERRNO + EPERM;
/** x32 calls come as x86_64 with this bit in their number. */
const X32_BIT = 0x40000000;

const SPEC: SeccompSpec = {
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  syscalls: [
    { names: ['read', 'no_such_call', 'arm_sync_file_range'], action: 'SCMP_ACT_ALLOW' },
    {
      names: ['personality'],
      action: 'SCMP_ACT_ALLOW',
      args: [
        { index: 0, value: 0, op: 'SCMP_CMP_EQ' },
        { index: 0, value: 8, op: 'SCMP_CMP_EQ' },
      ],
    },
    {
      names: ['socket'],
      action: 'SCMP_ACT_ALLOW',
      args: [
        { index: 0, value: 1, op: 'SCMP_CMP_EQ' },
        { index: 1, value: 2, op: 'SCMP_CMP_NE' },
      ],
    },
    {
      names: ['clone'],
      action: 'SCMP_ACT_ALLOW',
      args: [{ index: 0, value: 0x7e020000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
    },
    {
      names: ['mmap'],
      action: 'SCMP_ACT_TRACE',
      errnoRet: 5,
      args: [{ index: 1, value: 2n ** 63n + 1n, op: 'SCMP_CMP_GE' }],
    },
    { names: ['getpid'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
    { names: ['reboot'], action: 'SCMP_ACT_KILL_PROCESS' },
    { names: ['kill'], action: 'SCMP_ACT_ERRNO' },
  ],
};

const needLibseccomp = (ctx: TestContext): void => {
  if (libseccompVersion() === null) ctx.skip('libseccomp.so.2 is not installed');
};

describe('buildFilter', () => {
  it('decides every kind of rule by the profile, on x86_64', (ctx) => {
    needLibseccomp(ctx);
    const { program } = buildFilter(SPEC, 'x86_64');
    const answer = (nr: number, ...args: bigint[]): number => simulate(program, { arch: AUDIT_ARCH.X86_64, nr, args });
    expect(answer(0)).toBe(RETURN.ALLOW);
    expect(answer(1)).toBe(DENIED);
    expect([0n, 8n, 9n].map((persona) => answer(135, persona))).toEqual([RETURN.ALLOW, RETURN.ALLOW, DENIED]);
    expect([answer(41, 1n, 1n), answer(41, 1n, 2n), answer(41, 2n, 1n)]).toEqual([RETURN.ALLOW, DENIED, DENIED]);
    expect([answer(56, 0x01200011n), answer(56, 0x10000000n)]).toEqual([RETURN.ALLOW, DENIED]);
    expect([answer(9, 0n, 2n ** 63n), answer(9, 0n, 2n ** 63n + 1n), answer(9, 0n, 2n ** 64n - 1n)]).toEqual([
      DENIED,
      RETURN.TRACE + 5,
      RETURN.TRACE + 5,
    ]);
    expect(answer(39)).toBe(RETURN.ERRNO + 38);
    expect(answer(169)).toBe(RETURN.KILL_PROCESS);
    expect(answer(62)).toBe(DENIED);
    expect(answer(X32_BIT)).not.toBe(RETURN.ALLOW);
  });

  it('translates names for each architecture and kills calls of those not listed', (ctx) => {
    needLibseccomp(ctx);
    const { program } = buildFilter(SPEC, 'x86_64');
    const [I386_READ, I386_PERSONALITY] = [3, 136];
    expect(simulate(program, { arch: AUDIT_ARCH.X86, nr: I386_READ })).toBe(RETURN.ALLOW);
    expect(simulate(program, { arch: AUDIT_ARCH.X86, nr: I386_PERSONALITY, args: [9n] })).toBe(DENIED);
    expect(simulate(program, { arch: AUDIT_ARCH.AARCH64, nr: 63 })).toBe(RETURN.KILL_THREAD);
    const native = buildFilter({ ...SPEC, architectures: ['SCMP_ARCH_X86_64'] }, 'x86_64').program;
    expect(simulate(native, { arch: AUDIT_ARCH.X86, nr: I386_READ })).toBe(RETURN.KILL_THREAD);
  });

  it('always has the native architecture of the machine that it is built for', (ctx) => {
    needLibseccomp(ctx);
    const none = { ...SPEC, architectures: [] };
    const arm = buildFilter(none, 'aarch64').program;
    const [ARM64_READ, ARM64_SOCKET] = [63, 198];
    expect(simulate(arm, { arch: AUDIT_ARCH.AARCH64, nr: ARM64_READ })).toBe(RETURN.ALLOW);
    expect(simulate(arm, { arch: AUDIT_ARCH.AARCH64, nr: ARM64_SOCKET, args: [1n, 2n] })).toBe(DENIED);
    expect(simulate(arm, { arch: AUDIT_ARCH.X86_64, nr: 0 })).toBe(RETURN.KILL_THREAD);
    expect(buildFilter({ ...SPEC, architectures: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_AARCH64'] }, 'aarch64').sha256).toBe(
      buildFilter(none, 'aarch64').sha256,
    );
    expect(buildFilter({ ...SPEC, architectures: ['SCMP_ARCH_X86_64'] }, 'x86_64').sha256).toBe(
      buildFilter(none, 'x86_64').sha256,
    );
  });

  it('grows with every architecture and reports its length and hash', (ctx) => {
    needLibseccomp(ctx);
    const lists = [['X86_64'], ['X86_64', 'X86', 'X32'], ['X86_64', 'X86', 'X32', 'AARCH64', 'ARM']];
    const filters = lists.map((list) =>
      buildFilter({ ...SPEC, architectures: list.map((name) => `SCMP_ARCH_${name}`) }, 'x86_64'),
    );
    for (const { program, instructions, sha256 } of filters) {
      expect(program.length).toBe(instructions * 8);
      expect(sha256).toBe(createHash('sha256').update(program).digest('hex'));
    }
    const lengths = filters.map(({ instructions }) => instructions);
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
    expect(new Set(lengths).size).toBe(3);
  });

  it('gives the bytes that bpf-build writes for the same spec', (ctx) => {
    needLibseccomp(ctx);
    const { bpfBuild } = nativePrograms(ctx);
    const folder = mkdtempSync(join(tmpdir(), 'build-'));
    try {
      const specs = [
        SPEC,
        { ...SPEC, architectures: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM', 'SCMP_ARCH_X86_64'] },
        { defaultAction: 'SCMP_ACT_ALLOW' },
      ];
      for (const [spec, making] of specs.flatMap(
        (one) =>
          [
            [one, {}],
            [one, { first: ['mount', 'read'] }],
          ] as const,
      )) {
        writeFileSync(join(folder, 'rules'), rulesText(spec, making));
        const built = spawnSync(bpfBuild, [join(folder, 'rules'), '--out', join(folder, 'filter')], {
          encoding: 'utf8',
        });
        expect([built.status, built.stderr]).toEqual([0, '']);
        expect(readFileSync(join(folder, 'filter')).equals(buildFilter(spec, undefined, making).program)).toBe(true);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses what libseccomp refuses, naming it', (ctx) => {
    needLibseccomp(ctx);
    expect(() => buildFilter({ ...SPEC, architectures: ['SCMP_ARCH_MIPS'] })).toThrow(
      'libseccomp refuses architecture SCMP_ARCH_MIPS: EDOM',
    );
    expect(() => buildFilter({ ...SPEC, architectures: ['SCMP_ARCH_VAX'] })).toThrow(
      `libseccomp refuses architecture SCMP_ARCH_VAX: it is unknown to version ${libseccompVersion() ?? ''}`,
    );
    expect(() => buildFilter(SPEC, 's390x')).toThrow('libseccomp refuses architecture SCMP_ARCH_X86_64: EDOM');
  });

  it('builds a binary tree on request: longer, but with shorter ways', () => {
    const long: SeccompSpec = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [
        {
          names: callsOf('x86_64')
            .slice(0, 300)
            .map(({ name }) => name),
          action: 'SCMP_ACT_ALLOW',
        },
      ],
    };
    const [plain, tree] = [buildFilter(long, 'x86_64'), buildFilter(long, 'x86_64', { form: 'tree' })];
    expect(tree.instructions).toBeGreaterThan(plain.instructions);
    const last = callsOf('x86_64')[299]!.nr;
    expect(execute(tree.program, { arch: AUDIT_ARCH.X86_64, nr: last }).instructions).toBeLessThan(30);
    // Architecture, number, the x32 test (4), each call once, the return.
    expect(execute(plain.program, { arch: AUDIT_ARCH.X86_64, nr: last })).toEqual({
      value: RETURN.ALLOW,
      instructions: 305,
    });
  });

  it('ignores priorities of calls without a rule, with which libseccomp would build a filter that finds no other call', (ctx) => {
    needLibseccomp(ctx);
    const ordered = buildFilter(SPEC, 'x86_64', { first: ['mount', 'kill', 'personality', 'no_such_call', 'read'] });
    const [READ, EXECVE, KILL, REBOOT] = [0, 59, 62, 169];
    const answer = (nr: number): number => simulate(ordered.program, { arch: AUDIT_ARCH.X86_64, nr });
    // kill has a rule in the spec, but one that says what the default says.
    expect([answer(READ), answer(EXECVE), answer(KILL), answer(REBOOT)]).toEqual([
      RETURN.ALLOW,
      DENIED,
      DENIED,
      RETURN.KILL_PROCESS,
    ]);
    expect(ordered.sha256).toBe(buildFilter(SPEC, 'x86_64', { first: ['personality', 'read'] }).sha256);
    const allowing = {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: SPEC.architectures ?? [],
      syscalls: [{ names: ['read', 'execve', 'exit_group'], action: 'SCMP_ACT_ALLOW' }],
    };
    const { program, sha256 } = buildFilter(allowing, 'x86_64', { first: ['mount', 'read'] });
    expect([READ, EXECVE, 231].map((nr) => simulate(program, { arch: AUDIT_ARCH.X86_64, nr }))).toEqual([
      RETURN.ALLOW,
      RETURN.ALLOW,
      RETURN.ALLOW,
    ]);
    expect(sha256).toBe(buildFilter(allowing, 'x86_64', { first: ['read'] }).sha256);
  });

  it('builds for machines of the other byte order, in that order', () => {
    const { program, order } = buildFilter({ ...SPEC, architectures: ['SCMP_ARCH_S390X'] }, 's390x');
    expect([order, program.subarray(0, 8).toString('hex')]).toEqual(['big-endian', '0020000000000004']);
    const S390X_READ = 3;
    expect(execute(program, { arch: 0x80000016, nr: S390X_READ }, order).value).toBe(RETURN.ALLOW);
  });
});
