import { describe, expect, it } from 'vitest';
import {
  buildFilter,
  compareCache,
  disassemble,
  fieldText,
  inspectFilter,
  readKernelCache,
  RETURN,
  Simulator,
  surveyCalls,
} from '../../../src/filter/index.js';
import { BPF } from '../../../src/filter/simulate/bpf.js';
import type { Instruction } from '../../../src/filter/inspect/instructions.js';
import { stubOf } from '../../../src/filter/inspect/stub.js';
import { callKind, denialOf } from '../../../src/model/filter/answers.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';
import type { CallVerdict } from '../../../src/model/filter/simulation.js';

const one = (code: number, k = 0, ifTrue = 0, ifFalse = 0): Instruction => ({ code, k, ifTrue, ifFalse });
const LOAD = BPF.LD | BPF.W | BPF.ABS;
const X86_64 = 0xc000003e;
const spec = (...rules: NonNullable<SeccompSpec['syscalls']>): SeccompSpec => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64'],
  syscalls: rules,
});
const built = (...rules: NonNullable<SeccompSpec['syscalls']>): Simulator =>
  new Simulator(buildFilter(spec(...rules), 'x86_64').program);
const PREDICTED = { kind: 'predicted', libseccomp: '2', form: 'plain' } as const;
const find = (calls: readonly CallVerdict[], name: string): CallVerdict =>
  calls.find((call) => call.arch === 'x86_64' && call.name === name)!;

describe('inspectFilter', () => {
  it('counts what is allowed, allowed with some arguments, logged and denied, and how', () => {
    const { counts, calls, programs } = inspectFilter(
      [
        built(
          { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
          { names: ['open'], action: 'SCMP_ACT_LOG' },
          { names: ['sync'], action: 'SCMP_ACT_ERRNO', errnoRet: 0 },
          { names: ['acct'], action: 'SCMP_ACT_KILL' },
          { names: ['bpf'], action: 'SCMP_ACT_TRAP' },
          { names: ['dup'], action: 'SCMP_ACT_KILL', args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }] },
          { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }] },
        ),
      ],
      PREDICTED,
      'x86_64',
    );
    const own = counts.find(({ arch }) => arch === 'x86_64')!;
    expect(own).toEqual({
      arch: 'x86_64',
      calls: own.calls,
      allowed: 2,
      conditional: 1,
      logged: 1,
      returnsZero: 1,
      denied: own.calls - 5,
      denials: { killed: 1, errno: own.calls - 8, trapped: 1, traced: 0, notified: 0, mixed: 1 },
      cacheable: 2,
    });
    expect(['read', 'open', 'socket', 'sync', 'mount'].map((name) => callKind(find(calls, name)))).toEqual([
      'allowed',
      'logged',
      'conditional',
      'returnsZero',
      'denied',
    ]);
    expect(['acct', 'bpf', 'dup', 'mount', 'read', 'sync'].map((name) => denialOf(find(calls, name)))).toEqual([
      'killed',
      'trapped',
      'mixed',
      'errno',
      null,
      null,
    ]);
    const [program] = programs;
    // One more than any known call takes: number -1 (a call that a tracer cancelled) passes one comparison more on its
    // way there.
    expect(program!.longest).toBe(Math.max(...calls.map(({ most }) => most)) + 1);
    expect(program!.sections.map(({ arch }) => arch)).toEqual(['x86_64', 'x32']);
    // No x32 call gets past the test for its bit.
    expect(program!.sections[1]).toEqual({ arch: 'x32', instructions: 6, longest: 6, jumpDepth: 3 });
    expect(program!.stub).toBeUndefined();
  });

  it('adds up stacked filters: the least permissive answer, and the bitmap only where all allow by number', () => {
    const older = built(
      { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
      { names: ['getpid'], action: 'SCMP_ACT_ERRNO', errnoRet: 5 },
    );
    const newer = built(
      { names: ['read'], action: 'SCMP_ACT_ALLOW' },
      { names: ['write'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ' }] },
      { names: ['getpid'], action: 'SCMP_ACT_ERRNO', errnoRet: 6 },
    );
    const { calls } = inspectFilter([older, newer], PREDICTED, 'x86_64');
    const [read, write, getpid] = ['read', 'write', 'getpid'].map((name) => find(calls, name));
    const alone = [older, newer].map((filter) => find(surveyCalls(filter), 'read').most);
    expect(read).toMatchObject({
      cacheable: true,
      dependsOnArguments: false,
      most: alone[0]! + alone[1]!,
      range: 'exact',
    });
    expect(write).toMatchObject({ cacheable: false, dependsOnArguments: true });
    expect(write!.outcomes.map(({ action }) => action)).toEqual(['ALLOW', 'ERRNO(EPERM)']);
    // Both answer with an errno: the one loaded later is run first, and its number stands.
    expect(getpid!.outcomes.map(({ value }) => value)).toEqual([RETURN.ERRNO + 6]);
  });
});

describe('stubOf', () => {
  const filter = built({ names: ['read'], action: 'SCMP_ACT_ALLOW' }).instructions;
  const stub = (value: number): Instruction[] => [
    one(LOAD, 4),
    one(0x15, X86_64, 0, 3),
    one(LOAD, 0),
    one(0x25, 450, 0, 1),
    one(BPF.RET, value),
  ];

  it('recognises instructions at the start that answer newer calls with ENOSYS and lead to the real filter', () => {
    expect(stubOf([...stub(RETURN.ERRNO + 38), ...filter])).toEqual({ kind: 'enosys', instructions: 5 });
  });

  it('recognises nothing else as a stub', () => {
    expect(stubOf(filter)).toBeUndefined();
    expect(stubOf([...stub(RETURN.ERRNO + 1), ...filter])).toBeUndefined();
    expect(stubOf([...stub(RETURN.ALLOW), ...filter])).toBeUndefined();
    expect(stubOf([one(LOAD, 16), ...stub(RETURN.ERRNO + 38), ...filter])).toBeUndefined();
    expect(stubOf([one(BPF.RET, RETURN.ALLOW)])).toBeUndefined();
  });
});

describe('disassemble', () => {
  it('names fields, architectures, calls by architecture, and actions', () => {
    const lines = disassemble(
      new Simulator([
        one(LOAD, 4),
        one(0x15, X86_64, 0, 8),
        one(LOAD, 0),
        one(0x15, 59, 3, 0),
        one(0x15, 0x40000009, 2, 0),
        one(0x35, 0x40000000, 1, 0),
        one(0x05, 3),
        one(LOAD, 16),
        one(0x45, 0x7e, 1, 0),
        one(BPF.RET, RETURN.ALLOW),
        one(BPF.RET, RETURN.ERRNO + 38),
      ]),
    );
    expect(lines.map(({ text }) => text)).toEqual([
      'ld arch',
      'jeq x86_64',
      'ld nr',
      'jeq execve (59)',
      'jeq mmap (x32 9)',
      'jge 0x40000000',
      'ja',
      'ld args[0].lo',
      'jset 0x7e',
      'ret ALLOW',
      'ret ERRNO(ENOSYS)',
    ]);
    expect(lines[1]).toEqual({ at: 1, text: 'jeq x86_64', target: 2, otherwise: 10 });
    expect(lines[6]).toEqual({ at: 6, text: 'ja', target: 10 });
  });

  it('has a word for every instruction that seccomp accepts', () => {
    const lines = disassemble(
      new Simulator([
        one(LOAD, 8),
        one(BPF.LD | BPF.IMM, 7),
        one(BPF.LDX | BPF.IMM, 7),
        one(BPF.ST, 1),
        one(BPF.STX, 2),
        one(BPF.LD | BPF.MEM, 1),
        one(BPF.LDX | BPF.W | BPF.LEN),
        one(BPF.ALU | BPF.ADD | BPF.X),
        one(BPF.ALU | BPF.RSH, 3),
        one(BPF.ALU | BPF.NEG),
        one(BPF.MISC | BPF.TAX),
        one(BPF.MISC | BPF.TXA),
        one(BPF.JMP | BPF.JGT | BPF.X),
        one(BPF.RET | BPF.A),
      ]),
    );
    expect(lines.map(({ text }) => text)).toEqual([
      'ld ip.lo',
      'ld #0x7',
      'ldx #0x7',
      'st M[1]',
      'stx M[2]',
      'ld M[1]',
      'ldx #64, the size of seccomp_data',
      'add X',
      'rsh 0x3',
      'neg',
      'tax',
      'txa',
      'jgt X',
      'ret A',
    ]);
    expect([16, 20, 60].map((offset) => [fieldText(offset, 'little-endian'), fieldText(offset, 'big-endian')])).toEqual(
      [
        ['args[0].lo', 'args[0].hi'],
        ['args[0].hi', 'args[0].lo'],
        ['args[5].hi', 'args[5].lo'],
      ],
    );
  });
});

describe('compareCache', () => {
  const verdicts = surveyCalls(built({ names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' }), ['x86_64', 'x86']);
  const text = (allowed: readonly number[]): string =>
    [
      ...Array.from({ length: 300 }, (_, nr) => `x86_64 ${nr} ${allowed.includes(nr) ? 'ALLOW' : 'FILTER'}`),
      'ia32 3 FILTER',
      '',
    ].join('\n');

  it("compares the kernel's bitmap with the prediction and names the calls that differ", () => {
    expect(compareCache({ text: text([0, 1]) }, verdicts)).toMatchObject({
      state: 'compared',
      calls: 301,
      differing: [],
    });
    expect(compareCache({ text: text([0, 2]) }, verdicts)).toMatchObject({
      differing: ['x86_64 write', 'x86_64 open'],
    });
  });

  it('gives the reason where there is nothing to compare', () => {
    expect(compareCache({ text: '' }, verdicts)).toEqual({
      state: 'notSeen',
      reason: 'the kernel lists none of the calls that were checked',
    });
    expect(readKernelCache(2 ** 22 + 1)).toEqual({
      reason: 'this kernel has no /proc/PID/seccomp_cache (CONFIG_SECCOMP_CACHE_DEBUG is off)',
    });
  });
});
