import { machine as hostMachine } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { convertProfile, hostConversion } from '../../../src/convert/index.js';
import {
  AUDIT_ARCH,
  buildInProcess,
  buildLxcFilter,
  callsOf,
  libseccompVersion,
  RETURN,
  Simulator,
  toLoadable,
  verifyFilter,
  verifyPolicy,
} from '../../../src/filter/index.js';
import type { FilterForm, FilterVerification } from '../../../src/filter/index.js';
import { BPF } from '../../../src/filter/simulate/bpf.js';
import { conditionHolds } from '../../../src/filter/verify/conditions.js';
import type { Instruction } from '../../../src/filter/inspect/instructions.js';
import type { SeccompArg, SeccompSpec } from '../../../src/model/profile/seccomp.js';
import type { LxcPolicy } from '../../../src/model/profile/source.js';
import { defaultProfile, loadProfile } from '../../../src/profile/index.js';
import { drawsOf } from './random-programs.js';
import type { Draw } from './random-programs.js';

const needLibseccomp = (ctx: TestContext): void => {
  if (libseccompVersion() === null) ctx.skip('libseccomp.so.2 is not installed');
};

const OPERATORS = ['NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ'] as const;
const compare = (index: number, op: (typeof OPERATORS)[number], value: bigint, valueTwo = 0n): SeccompArg => ({
  index,
  value,
  valueTwo,
  op: `SCMP_CMP_${op}`,
});
const allow = (names: readonly string[], ...args: readonly SeccompArg[]) => ({ names, action: 'SCMP_ACT_ALLOW', args });

interface How {
  readonly machine?: string;
  readonly form?: FilterForm;
  readonly random?: number;
}

const built = (spec: SeccompSpec, { machine = 'x86_64', form = 'plain' }: How = {}): Simulator => {
  const { program, order } = buildInProcess(spec, machine, { form });
  return new Simulator(program, order);
};
const verified = (spec: SeccompSpec, how: How = {}): FilterVerification => verifyOf([built(spec, how)], spec, how);
const verifyOf = (
  filters: readonly Simulator[],
  spec: SeccompSpec,
  { machine = 'x86_64', random = 200 }: How = {},
): FilterVerification => verifyFilter(filters, spec, { machine, random, seed: 7 });

const SPEC: SeccompSpec = {
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86'],
  syscalls: [
    allow(['read', 'write', 'no_such_call']),
    allow(['clone'], compare(0, 'MASKED_EQ', 0x7e020000n, 0n)),
    allow(['lseek'], compare(1, 'GE', 0x1_0000_0005n), compare(2, 'NE', 2n)),
    { names: ['getppid'], action: 'SCMP_ACT_KILL_PROCESS' },
    { names: ['mount'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
  ],
};

describe('a condition of a rule', () => {
  const holds = (op: number, a: bigint, value: bigint, b = 0n): boolean =>
    conditionHolds({ index: 1, operator: op, a, b }, [0n, value], 64);

  it('compares unsigned 64-bit numbers, and masks both sides of a masked comparison', () => {
    const big = 2n ** 63n;
    expect([1, 2, 3, 4, 5, 6].map((op) => holds(op, big, big))).toEqual([false, false, true, true, true, false]);
    expect([1, 2, 3, 4, 5, 6].map((op) => holds(op, big, big - 1n))).toEqual([true, true, true, false, false, false]);
    expect([1, 2, 3, 4, 5, 6].map((op) => holds(op, big, big + 1n))).toEqual([true, false, false, false, true, true]);
    expect([holds(7, 0xf0n, 0x1fn, 0x10n), holds(7, 0xf0n, 0x2fn, 0x10n), holds(7, 0xf0n, 0x1fn, 0x13n)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('sees the lower half of an argument on a machine of 32 bits', () => {
    const equal = { index: 0, operator: 4, a: 0xffff_ffff_ffff_ffffn, b: 0n };
    expect(conditionHolds(equal, [0xffff_ffffn], 32)).toBe(true);
    expect(conditionHolds(equal, [0xffff_ffffn], 64)).toBe(false);
    expect(conditionHolds(equal, [0x7_ffff_ffffn], 32)).toBe(true);
  });
});

describe('verifyFilter', () => {
  it.for(['plain', 'tree'] as const)('agrees with the default profile on three architectures, %s', (form, ctx) => {
    needLibseccomp(ctx);
    const { text, name } = defaultProfile();
    const spec = convertProfile(loadProfile(Buffer.from(text), name), hostConversion({ arch: 'amd64' })).spec!;
    const result = verified(spec, { form, random: 2000 });
    expect(result.differences).toEqual([]);
    expect(result.agrees).toBe(true);
    expect(result.sections.map(({ arch }) => arch).sort()).toEqual([null, 'x32', 'x86', 'x86_64'].sort());
    // Every call that libseccomp knows was among the numbers, and rules about arguments take more than one call each.
    for (const { arch, numbers, evaluated, agreed } of result.sections) {
      expect(agreed).toBe(evaluated);
      if (arch !== null) expect(numbers).toBeGreaterThan(callsOf(arch).length);
    }
  });

  it.for(['x86', 'arm', 'aarch64', 'mips', 'mips64n32', 'mipsel64', 'ppc', 'ppc64le', 's390', 's390x', 'riscv64'])(
    'agrees on %s, whose calls may go through socketcall and ipc',
    (machine, ctx) => {
      needLibseccomp(ctx);
      const { text, name } = defaultProfile();
      const all = convertProfile(loadProfile(Buffer.from(text), name), hostConversion({ policy: 'native' })).spec!;
      const { spec } = toLoadable({ ...all, architectures: [] }, { machine });
      expect(verified(spec!, { machine }).differences).toEqual([]);
    },
  );

  it('finds every rule of a filter that lacks it, and names the rule', (ctx) => {
    needLibseccomp(ctx);
    SPEC.syscalls!.forEach((rule, index) => {
      const less = built({ ...SPEC, syscalls: SPEC.syscalls!.filter((_, other) => other !== index) });
      const { differences, agrees } = verifyOf([less], SPEC);
      expect(agrees).toBe(false);
      for (const { rules, arch, calls } of differences) {
        expect(rules).toEqual([{ file: 'linux.seccomp', path: `syscalls[${index}]` }]);
        expect(['x86_64', 'x86']).toContain(arch);
        expect(rule.names).toEqual(expect.arrayContaining(calls as string[]));
      }
      expect(new Set(differences.map(({ arch }) => arch)).size).toBe(2);
    });
  });

  it('says which filter is weaker and which is stricter than its rules, weaker ones first', (ctx) => {
    needLibseccomp(ctx);
    const changed: SeccompSpec = {
      ...SPEC,
      syscalls: [
        allow(['write']),
        ...SPEC.syscalls!.slice(1, 3),
        { names: ['getppid'], action: 'SCMP_ACT_LOG' },
        { names: ['mount'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 },
      ],
    };
    const { differences } = verifyOf([built(changed)], SPEC);
    const told = differences
      .filter(({ arch }) => arch === 'x86_64')
      .map(({ kind, calls, expected, answer }) => [kind, calls, expected, answer]);
    expect(told).toEqual([
      ['weaker', ['getppid'], ['KILL_PROCESS'], 'LOG'],
      ['other', ['mount'], ['ERRNO(ENOSYS)'], 'ERRNO(EACCES)'],
      ['stricter', ['read'], ['ALLOW'], 'ERRNO(EPERM)'],
    ]);
  });

  it('finds a changed constant and a swapped jump of every comparison of a filter', (ctx) => {
    needLibseccomp(ctx);
    const { instructions } = built(SPEC);
    const jumps = instructions.flatMap(({ code }, at) =>
      (code & 0x07) === BPF.JMP && code !== (BPF.JMP | BPF.JA) ? [at] : [],
    );
    const missed: string[] = [];
    for (const at of jumps) {
      const one = instructions[at]!;
      const mutants: Instruction[] = [
        { ...one, k: (one.k + 1) >>> 0 },
        { ...one, ifTrue: one.ifFalse, ifFalse: one.ifTrue },
      ];
      mutants.forEach((mutant, kind) => {
        const result = verifyOf([new Simulator(instructions.with(at, mutant))], SPEC);
        if (result.agrees) missed.push(`${at}/${kind}`);
      });
    }
    expect(missed).toEqual([]);
    expect(jumps.length).toBeGreaterThan(15);
  });

  it('agrees with random rules of which no two match the same call, in both forms', (ctx) => {
    needLibseccomp(ctx);
    const draw = drawsOf(11);
    const machines = ['x86_64', 'aarch64', 's390x', 'x86', 'mips'];
    for (let round = 0; round < 40; round += 1) {
      const machine = machines[round % machines.length]!;
      const spec = randomSpec(draw, machine);
      const how = { machine, form: round % 2 === 0 ? 'plain' : 'tree' } as const;
      expect({ spec, differences: verified(spec, how).differences }).toEqual({ spec, differences: [] });
    }
  });

  it('takes a rule that compares one argument twice as one rule for each comparison', (ctx) => {
    needLibseccomp(ctx);
    const twice: SeccompSpec = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [allow(['personality'], compare(0, 'EQ', 8n), compare(0, 'EQ', 0x20000n))],
    };
    expect(verified(twice).agrees).toBe(true);
    const never = built({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [] });
    const [difference] = verifyOf([never], twice).differences;
    expect(difference).toMatchObject({ kind: 'stricter', calls: ['personality'], expected: ['ALLOW'] });
  });

  it('expects KILL for architectures and x32 numbers that are not in the spec', (ctx) => {
    needLibseccomp(ctx);
    const spec: SeccompSpec = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [] };
    expect(verified(spec).agrees).toBe(true);
    const open = new Simulator([{ code: BPF.RET | BPF.K, k: RETURN.ALLOW, ifTrue: 0, ifFalse: 0 }]);
    const { differences } = verifyOf([open], spec);
    expect(differences).toHaveLength(1);
    expect(differences[0]).toMatchObject({
      kind: 'weaker',
      arch: null,
      by: 'architecture',
      expected: ['KILL_THREAD'],
      answer: 'ALLOW',
    });
    expect(differences[0]!.evaluations).toBeGreaterThan(300);
  });

  it('accepts any of several matching rules with different actions, and names the overlap', (ctx) => {
    needLibseccomp(ctx);
    const spec: SeccompSpec = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [allow(['kill'], compare(1, 'EQ', 15n)), { names: ['kill'], action: 'SCMP_ACT_LOG' }],
    };
    const { agrees, overlaps } = verified(spec);
    expect(agrees).toBe(true);
    expect(overlaps).toHaveLength(1);
    expect(overlaps[0]).toMatchObject({ arch: 'x86_64', calls: ['kill'], actions: ['ALLOW', 'LOG'] });
    expect(overlaps[0]!.rules.map(({ path }) => path)).toEqual(['syscalls[0]', 'syscalls[1]']);
    expect(overlaps[0]!.example.args[1]).toBe(15n);
  });

  it('does not judge a rule on arguments that socketcall hides behind a pointer, and counts such calls', (ctx) => {
    needLibseccomp(ctx);
    const spec: SeccompSpec = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [allow(['socket'], compare(0, 'NE', 40n)), allow(['bind'])],
    };
    const { agrees, sections } = verified(spec, { machine: 'x86' });
    expect(agrees).toBe(true);
    expect(sections.find(({ arch }) => arch === 'x86')!.hidden).toBeGreaterThan(0);
    expect(verified(spec, { machine: 'x86_64' }).sections.every(({ hidden }) => hidden === 0)).toBe(true);
    // bind has no condition, so socketcall(2) is decided.
    const closed = built({ ...spec, syscalls: [spec.syscalls![0]!] }, { machine: 'x86' });
    const { differences } = verifyOf([closed], spec, { machine: 'x86' });
    expect(
      differences
        .map(({ calls }) => calls)
        .flat()
        .sort(),
    ).toEqual(['bind', 'socketcall']);
  });

  it("counts a stub's ENOSYS above all rules apart, and no other answer of the stub", (ctx) => {
    needLibseccomp(ctx);
    const spec: SeccompSpec = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [allow(['read', 'openat'])] };
    const { instructions } = built(spec);
    const stubAbove = (highest: number): Simulator =>
      new Simulator([
        { code: BPF.LD | BPF.W | BPF.ABS, k: 4, ifTrue: 0, ifFalse: 0 },
        { code: BPF.JMP | BPF.JEQ | BPF.K, k: AUDIT_ARCH.X86_64, ifTrue: 0, ifFalse: 4 },
        { code: BPF.LD | BPF.W | BPF.ABS, k: 0, ifTrue: 0, ifFalse: 0 },
        { code: BPF.JMP | BPF.JGE | BPF.K, k: 0x40000000, ifTrue: 2, ifFalse: 0 },
        { code: BPF.JMP | BPF.JGT | BPF.K, k: highest, ifTrue: 0, ifFalse: 1 },
        { code: BPF.RET | BPF.K, k: RETURN.ERRNO + 38, ifTrue: 0, ifFalse: 0 },
        ...instructions,
      ]);
    const good = verifyOf([stubAbove(257)], spec);
    expect(good.differences).toEqual([]);
    expect(good.filters[0]!.stub).toBe(6);
    expect(good.sections.find(({ arch }) => arch === 'x86_64')!.stub).toBeGreaterThan(100);
    const low = verifyOf([stubAbove(200)], spec);
    expect(low.differences.find(({ calls }) => calls.includes('openat'))).toMatchObject({
      kind: 'stricter',
      expected: ['ALLOW'],
      answer: 'ERRNO(ENOSYS)',
    });
  });

  it('takes the least permissive answer of several filters', (ctx) => {
    needLibseccomp(ctx);
    const spec: SeccompSpec = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [allow(['read'])] };
    const wide = built({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [] });
    expect(verifyOf([wide, built(spec)], spec).agrees).toBe(true);
    expect(verifyOf([wide], spec).agrees).toBe(false);
  });

  it('tries the same random calls for the same seed, and none where none are wanted', (ctx) => {
    needLibseccomp(ctx);
    const filters = [built(OVERLAPPING)];
    const run = (seed: number, random: number): FilterVerification =>
      verifyFilter(filters, OVERLAPPING, { machine: 'x86_64', seed, random });
    expect(run(3, 500)).toEqual(run(3, 500));
    const count = (result: FilterVerification): number =>
      result.sections.reduce((sum, { evaluated }) => sum + evaluated, 0);
    expect(count(run(3, 500)) - count(run(3, 0))).toBe(500);
  });
});

/** Allows getppid for 0 to 5 and from 0x1_0000_0005 on. */
const OVERLAPPING: SeccompSpec = {
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [allow(['getppid'], compare(0, 'GE', 0x1_0000_0005n)), allow(['getppid'], compare(0, 'LE', 5n))],
};

const isBefore = (version: string, [major, minor, patch]: readonly [number, number, number]): boolean => {
  const [a = 0, b = 0, c = 0] = version.split('.').map(Number);
  return a * 1e6 + b * 1e3 + c < major * 1e6 + minor * 1e3 + patch;
};

describe('libseccomp up to 2.6.1', () => {
  // GHSA-4q85-33p6-j5g6 names 2.6.1 as fixed. Debian's 2.6.1-1+b2 still merges this pair, and the kernel agrees.
  it('merges two 64-bit comparisons to a filter that allows what no rule allows', (ctx) => {
    needLibseccomp(ctx);
    const version = libseccompVersion() ?? '';
    if (!isBefore(version, [2, 6, 2])) ctx.skip(`not known of libseccomp ${version}`);
    const [difference, ...more] = verified(OVERLAPPING).differences;
    expect(more).toEqual([]);
    expect(difference).toMatchObject({ kind: 'weaker', by: 'default', expected: ['ERRNO(EPERM)'], answer: 'ALLOW' });
    expect(difference!.example.args).toEqual([6n, 0n, 0n, 0n, 0n, 0n]);
  });
});

const VALUES = [0n, 1n, 5n, 0xffff_ffffn, 0x1_0000_0000n, 0x1_0000_0005n, 2n ** 63n, 2n ** 64n - 1n];

/** Every call has one rule, whose comparisons are of different arguments. */
function randomSpec(draw: Draw, machine: string): SeccompSpec {
  const pick = <Item>(items: readonly Item[]): Item => items[draw(0, items.length - 1)]!;
  const names = callsOf(machine)
    .map(({ name }) => name)
    .filter((name) => name !== 'socketcall' && name !== 'ipc');
  const chosen = [...new Set(Array.from({ length: draw(1, 30) }, () => pick(names)))];
  const actions = ['ALLOW', 'LOG', 'KILL', 'KILL_PROCESS', 'TRAP', 'TRACE', 'ERRNO'].map((name) => `SCMP_ACT_${name}`);
  const defaultAction = pick(actions);
  return {
    defaultAction,
    syscalls: chosen.map((name) => ({
      names: [name],
      action: pick(actions),
      args: Array.from({ length: draw(0, 3) }, (_, index) =>
        compare(index * 2, pick(OPERATORS), pick(VALUES), pick(VALUES)),
      ),
    })),
  };
}

/** A policy of version 2, with sections, arguments and a word of LXC's own. */
const POLICY: LxcPolicy = {
  version: 2,
  kind: 'deny',
  defaultAction: { action: 'SCMP_ACT_ALLOW' },
  rules: [
    { line: 3, section: 'all', call: 'kexec_load', action: { action: 'SCMP_ACT_ERRNO', errnoRet: 1 }, args: [] },
    {
      line: 5,
      section: 'x86_64',
      call: 'mount',
      action: { action: 'SCMP_ACT_KILL' },
      args: [{ index: 3, value: 1n, valueTwo: 1n, op: 'SCMP_CMP_MASKED_EQ' }],
    },
  ],
  words: [{ line: 4, section: 'all', word: 'reject_force_umount' }],
};

describe('verifyPolicy', () => {
  const source = (policy: LxcPolicy) => ({ policy, name: 'my.seccomp' });
  const build = (policy: LxcPolicy): Simulator => {
    const { program, order } = buildLxcFilter(policy, 'my.seccomp');
    return new Simulator(program, order);
  };
  const check = (filter: Simulator, policy: LxcPolicy): FilterVerification =>
    verifyPolicy([filter], source(policy), { machine: hostMachine(), random: 200 });
  const needMachine = (ctx: TestContext): void => {
    needLibseccomp(ctx);
    if (!['x86_64', 'aarch64'].includes(hostMachine())) ctx.skip(`LXC policies are not built on ${hostMachine()}`);
  };

  it('agrees with the filter that LXC builds, in both versions', (ctx) => {
    needMachine(ctx);
    expect(check(build(POLICY), POLICY).differences).toEqual([]);
    const numbers: LxcPolicy = {
      ...POLICY,
      version: 1,
      kind: 'allow',
      defaultAction: { action: 'SCMP_ACT_KILL' },
      rules: [0, 1, 5000].map((nr, index) => ({
        line: index + 3,
        section: '',
        call: String(nr),
        action: { action: 'SCMP_ACT_ALLOW' },
        args: [],
      })),
      words: [],
    };
    expect(check(build(numbers), numbers).differences).toEqual([]);
  });

  it('names the line of the rule that a filter lacks', (ctx) => {
    needMachine(ctx);
    const less = build({ ...POLICY, words: [], rules: POLICY.rules.slice(1) });
    const own = check(less, POLICY).differences.filter(({ arch }) => arch === hostMachine());
    expect(own.map(({ kind, calls, rules }) => [kind, calls, rules])).toEqual([
      ['weaker', ['umount2'], [{ file: 'my.seccomp', path: 'line 4' }]],
      ['weaker', ['kexec_load'], [{ file: 'my.seccomp', path: 'line 3' }]],
    ]);
  });
});
