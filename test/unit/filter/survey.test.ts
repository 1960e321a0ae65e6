import { describe, expect, it } from 'vitest';
import {
  buildFilter,
  callsOf,
  isConstantAllow,
  knownArchitectures,
  RETURN,
  sectionsOf,
  Simulator,
  surveyCalls,
  verdictOf,
} from '../../../src/filter/index.js';
import { boundsOf } from '../../../src/filter/simulate/bounds.js';
import { BPF } from '../../../src/filter/simulate/bpf.js';
import { pathsThrough } from '../../../src/filter/simulate/paths.js';
import type { Instruction } from '../../../src/filter/inspect/instructions.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';
import type { CallVerdict } from '../../../src/model/filter/simulation.js';
import { isPlainAllow, LONGEST } from './longest-programs.js';
import { ANSWERS, drawsOf, randomBytes, randomCall, randomProgram } from './random-programs.js';

const X86_64 = { name: 'x86_64', audit: 0xc000003e, order: 'little-endian' } as const;
const SPEC: SeccompSpec = {
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'],
  syscalls: [
    { names: ['read', 'write', 'getpid'], action: 'SCMP_ACT_ALLOW' },
    { names: ['personality'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 8, op: 'SCMP_CMP_EQ' }] },
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
  ],
};
const one = (code: number, k = 0, ifTrue = 0, ifFalse = 0): Instruction => ({ code, k, ifTrue, ifFalse });
const find = (verdicts: readonly CallVerdict[], name: string, arch = 'x86_64'): CallVerdict =>
  verdicts.find((verdict) => verdict.name === name && verdict.arch === arch)!;
const answers = ({ outcomes }: CallVerdict): readonly string[] => outcomes.map(({ action }) => action);

describe('surveyCalls', () => {
  const { program } = buildFilter(SPEC, 'x86_64');
  const verdicts = surveyCalls(program);

  it('covers all calls of all architectures that the filter compares with, and x32 with x86_64', () => {
    expect([...new Set(verdicts.map(({ arch }) => arch))]).toEqual(['x86', 'x86_64', 'x32']);
    expect(
      sectionsOf(new Simulator(buildFilter({ ...SPEC, architectures: [] }, 'aarch64').program)).map(({ name }) => name),
    ).toEqual(['aarch64']);
    expect(verdicts.filter(({ arch }) => arch === 'x86_64').map(({ name, nr }) => ({ name, nr }))).toEqual(
      callsOf('x86_64'),
    );
  });

  it('tells constant answers from those that depend on an argument', () => {
    expect(find(verdicts, 'read')).toMatchObject({
      nr: 0,
      dependsOnArguments: false,
      constantAllow: true,
      cacheable: true,
      range: 'exact',
    });
    expect(answers(find(verdicts, 'read'))).toEqual(['ALLOW']);
    expect(answers(find(verdicts, 'clone3'))).toEqual(['ERRNO(ENOSYS)']);
    expect(find(verdicts, 'mount')).toMatchObject({
      dependsOnArguments: false,
      constantAllow: false,
      cacheable: false,
    });
    const personality = find(verdicts, 'personality');
    expect(personality).toMatchObject({
      dependsOnArguments: true,
      constantAllow: false,
      cacheable: false,
      range: 'exact',
    });
    expect(answers(personality)).toEqual(['ALLOW', 'ERRNO(EPERM)']);
    expect(personality.outcomes[0]?.example?.args?.[0]).toBe(8n);
    // Denied at once where the high half is not 0, after one comparison more where the low half is not 8.
    expect([personality.fewest, personality.most, personality.zero.instructions]).toEqual([
      personality.most - 2,
      personality.outcomes[0]!.most,
      personality.most,
    ]);
  });

  it('kills every x32 call of a filter that does not list x32, and caches none', () => {
    const x32 = verdicts.filter(({ arch }) => arch === 'x32');
    expect(x32.length).toBeGreaterThan(300);
    expect(new Set(x32.flatMap(answers))).toEqual(new Set(['KILL_THREAD']));
    const listed = surveyCalls(
      buildFilter({ ...SPEC, architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32'] }, 'x86_64').program,
      ['x32'],
    );
    expect(find(listed, 'read', 'x32')).toMatchObject({ constantAllow: true, cacheable: false });
  });

  it.each(knownArchitectures().map(({ name }) => [name]))(
    'finds in the filter built for %s, plain and as a tree, what the spec says',
    (name) => {
      for (const form of ['plain', 'tree'] as const) {
        const many = Array.from({ length: 40 }, (_, index) => callsOf(name)[index * 7]?.name ?? '').filter(
          (call) => call !== '' && !['personality', 'clone3'].includes(call),
        );
        const spec: SeccompSpec = {
          ...SPEC,
          architectures: [],
          syscalls: [...SPEC.syscalls!, { names: many, action: 'SCMP_ACT_LOG' }],
        };
        const built = buildFilter(spec, name, { form });
        const survey = surveyCalls(new Simulator(built.program, built.order), [name]);
        const expected = (call: string): string[] => {
          if (['read', 'write', 'getpid'].includes(call)) return ['ALLOW'];
          if (call === 'personality') return ['ALLOW', 'ERRNO(EPERM)'];
          if (call === 'clone3') return ['ERRNO(ENOSYS)'];
          return many.includes(call) ? ['LOG'] : ['ERRNO(EPERM)'];
        };
        // A name with two rules, and the calls that libseccomp also makes of others (socket through socketcall), are
        // not what this is about.
        const unclear = new Set([
          ...['read', 'write', 'getpid'].filter((call) => many.includes(call)),
          'socketcall',
          'ipc',
        ]);
        const checked = survey.filter((verdict) => !unclear.has(verdict.name));
        expect(checked.map((verdict) => [verdict.name, answers(verdict)])).toEqual(
          checked.map((verdict) => [verdict.name, expected(verdict.name)]),
        );
        expect(checked.every(({ range }) => range === 'exact')).toBe(true);
      }
    },
  );

  it('refuses an architecture that libseccomp does not know', () => {
    expect(() => surveyCalls(program, ['vax'])).toThrow(/^"vax" is not an architecture of libseccomp [\d.]+$/);
  });
});

describe('isConstantAllow', () => {
  const walk = (...instructions: Instruction[]): boolean =>
    isConstantAllow(instructions, { arch: X86_64.audit, nr: 39 });
  const ALLOW = one(BPF.RET, RETURN.ALLOW);

  it('follows loads of number and architecture, comparisons with constants and AND, as the kernel does', () => {
    expect(walk(ALLOW)).toBe(true);
    expect(
      walk(
        one(0x20, 4),
        one(0x15, X86_64.audit, 1, 0),
        one(BPF.RET, 0),
        one(0x20, 0),
        one(0x35, 39, 0, 1),
        ALLOW,
        one(BPF.RET, 0),
      ),
    ).toBe(true);
    expect(walk(one(0x20, 0), one(0x54, 0xf0), one(0x15, 0x20, 0, 1), ALLOW, one(BPF.RET, 0))).toBe(true);
    expect(walk(one(0x20, 0), one(0x45, 1, 1, 0), one(BPF.RET, 0), one(0x25, 38, 0, 1), one(0x05, 0), ALLOW)).toBe(
      true,
    );
  });

  it('gives up at everything else, even where the answer is always ALLOW', () => {
    expect(walk(one(0x20, 16), ALLOW)).toBe(false);
    expect(walk(one(BPF.LD | BPF.IMM, 1), ALLOW)).toBe(false);
    expect(walk(one(BPF.ALU | BPF.OR, 1), ALLOW)).toBe(false);
    expect(walk(one(BPF.MISC | BPF.TAX), ALLOW)).toBe(false);
    expect(walk(one(BPF.JMP | BPF.JEQ | BPF.X), ALLOW)).toBe(false);
    expect(walk(one(BPF.RET, RETURN.ALLOW + 1))).toBe(false);
    expect(walk(one(BPF.RET, RETURN.LOG))).toBe(false);
  });
});

interface Ends {
  readonly value: number | null;
  readonly fewest: number;
  readonly most: number;
}

/** The ends for an answer, or for any (`null`). */
const endsOf = (all: readonly Ends[], value: number): Ends | undefined =>
  all.find((one) => one.value === value) ?? all.find((one) => one.value === null);

const isWithin = (instructions: number, ends: Ends | undefined): boolean =>
  ends !== undefined && instructions >= ends.fewest && instructions <= ends.most;

describe('verdictOf, over random programs', () => {
  const call = { name: 'personality', nr: 135 };

  it('contains every run with random arguments in its answers and its range, and proves both ends of an exact range', () => {
    const draw = drawsOf(20261125);
    const outside: unknown[] = [];
    let exact = 0;
    for (let round = 0; round < 1500; round += 1) {
      const filter = new Simulator(
        randomProgram(draw, { length: draw(1, 60), returns: ANSWERS, wild: round % 2 === 1 }),
      );
      const verdict = verdictOf(filter, X86_64, call);
      const bounds = boundsOf(filter.instructions, { arch: X86_64.audit, nr: call.nr });
      exact += Number(verdict.range === 'exact');
      const seen = new Set<number>();
      for (let run = 0; run < 20; run += 1) {
        const { value, instructions } = filter.execute(randomCall(draw, X86_64.audit, call.nr));
        seen.add(value);
        const kept = [verdict.outcomes, bounds].every((ends) => isWithin(instructions, endsOf(ends, value)));
        if (!kept) outside.push({ round, run, value, instructions });
      }
      if (seen.size > 1) expect(verdict.dependsOnArguments).toBe(true);
      if (verdict.constantAllow) expect([...seen]).toEqual([RETURN.ALLOW]);
      expect(verdict.constantAllow).toBe(isConstantAllow(filter.instructions, { arch: X86_64.audit, nr: call.nr }));
      for (const { example, value, fewest, most } of verdict.outcomes) {
        if (example === undefined) continue;
        const run = filter.execute(example);
        expect([
          value === null || run.value === value,
          run.instructions === fewest || run.instructions === most,
        ]).toEqual([true, true]);
      }
    }
    expect(outside).toEqual([]);
    // Most programs without arithmetic are decided exactly: the certificate is not an empty one.
    expect(exact).toBeGreaterThan(900);
  });

  it('ends with bounds on programs with too many ways', () => {
    // Every comparison doubles the ways, and none says anything of the next.
    const ladder = Array.from({ length: 60 }, (_, step): Instruction[] => [
      one(0x20, 16 + 4 * (step % 12)),
      one(BPF.ALU | BPF.ADD, step),
      one(0x45, 1 << (step % 31), 0, 1),
      one(0x20, 16),
    ]).flat();
    const filter = new Simulator([...ladder, one(BPF.RET, RETURN.ALLOW)]);
    expect(pathsThrough(filter.instructions, { arch: X86_64.audit, nr: 135 }, { steps: 200_000 })).toBeNull();
    expect(verdictOf(filter, X86_64, call)).toMatchObject({
      fewest: 181,
      most: 241,
      range: 'bound',
      dependsOnArguments: false,
      constantAllow: false,
    });
  });

  it('surveys every call of the longest program of that kind, within a budget for all of them', () => {
    for (const instructions of LONGEST) {
      const verdicts = surveyCalls(new Simulator(instructions), ['x86_64'], 500_000);
      expect(verdicts.length).toBe(callsOf('x86_64').length);
      expect(verdicts.every(isPlainAllow)).toBe(true);
    }
  });

  it('ends on any bytes: valid programs are surveyed, all else is refused with a reason', () => {
    const draw = drawsOf(7);
    for (let round = 0; round < 3000; round += 1) {
      const bytes = randomBytes(draw, draw(0, 12) * 8 + (round % 3 === 0 ? draw(0, 7) : 0));
      try {
        verdictOf(new Simulator(bytes), X86_64, call);
      } catch (error) {
        expect(String(error)).toMatch(/^BenchError: BPF (?:instruction \d+|filter): expected .*, got /);
      }
    }
  });
});
