import { describe, expect, it } from 'vitest';
import { AUDIT_ARCH, execute, executeAll, RETURN, simulate, Simulator } from '../../../src/filter/index.js';
import { BPF } from '../../../src/filter/simulate/bpf.js';
import { decodeFilter, encodeFilter } from '../../../src/filter/inspect/instructions.js';
import type { Instruction } from '../../../src/filter/inspect/instructions.js';

const one = (code: number, k = 0, ifTrue = 0, ifFalse = 0): Instruction => ({ code, k, ifTrue, ifFalse });
const call = { arch: AUDIT_ARCH.X86_64, nr: 59, args: [0x1122334455667788n, 2n ** 64n - 1n] };
const run = (...instructions: Instruction[]): number => simulate(encodeFilter(instructions), call);
const RET_A = one(BPF.RET | BPF.A);
const loadImmediate = (k: number): Instruction => one(BPF.LD | BPF.IMM, k);
const loadX = (k: number): Instruction => one(BPF.LDX | BPF.IMM, k);

describe('simulate', () => {
  it('reads number, architecture and both halves of an argument, 0 for missing ones', () => {
    const at = (offset: number): number => run(one(BPF.LD | BPF.W | BPF.ABS, offset), RET_A);
    expect([0, 4, 8, 16, 20, 24, 60].map(at)).toEqual([59, 0xc000003e, 0, 0x55667788, 0x11223344, 0xffffffff, 0]);
    expect(run(one(BPF.LD | BPF.W | BPF.LEN), RET_A)).toBe(64);
  });

  it('reads numbers above 2^31 as the kernel stores them', () => {
    expect(simulate(encodeFilter([one(BPF.LD | BPF.W | BPF.ABS, 0), RET_A]), { arch: 0, nr: 0xffffffff })).toBe(
      0xffffffff,
    );
    expect(simulate(encodeFilter([one(BPF.LD | BPF.W | BPF.ABS, 0), RET_A]), { arch: 0, nr: -1 })).toBe(0xffffffff);
  });

  it('compares unsigned numbers and jumps from the next instruction', () => {
    const jumps = (operation: number, a: number, k: number): boolean =>
      run(
        loadImmediate(a),
        one(BPF.JMP | BPF.K | operation, k, 0, 1),
        one(BPF.RET | BPF.K, 1),
        one(BPF.RET | BPF.K, 2),
      ) === 1;
    expect([jumps(BPF.JEQ, 5, 5), jumps(BPF.JEQ, 5, 6)]).toEqual([true, false]);
    expect([jumps(BPF.JGT, 0xffffffff, 1), jumps(BPF.JGT, 5, 5)]).toEqual([true, false]);
    expect([jumps(BPF.JGE, 5, 5), jumps(BPF.JGE, 4, 0x80000000)]).toEqual([true, false]);
    expect([jumps(BPF.JSET, 0x80000001, 0x80000000), jumps(BPF.JSET, 1, 2)]).toEqual([true, false]);
    expect(run(one(BPF.JMP | BPF.JA, 1), one(BPF.RET, 1), one(BPF.RET, 2))).toBe(2);
    expect(
      run(loadImmediate(7), loadX(7), one(BPF.JMP | BPF.JEQ | BPF.X, 0, 0, 1), one(BPF.RET, 1), one(BPF.RET, 2)),
    ).toBe(1);
  });

  it('calculates with 32 bits', () => {
    const calculated = (operation: number, a: number, k: number): number =>
      run(loadImmediate(a), one(BPF.ALU | BPF.K | operation, k), RET_A);
    expect(calculated(BPF.ADD, 0xffffffff, 2)).toBe(1);
    expect(calculated(BPF.SUB, 1, 2)).toBe(0xffffffff);
    expect(calculated(BPF.MUL, 0x10001, 0x10001)).toBe(0x00020001);
    expect(calculated(BPF.DIV, 0xfffffffe, 2)).toBe(0x7fffffff);
    expect(calculated(BPF.AND, 0xf0f0f0f0, 0xff000000)).toBe(0xf0000000);
    expect(calculated(BPF.OR, 0x80000000, 1)).toBe(0x80000001);
    expect(calculated(BPF.XOR, 0xffffffff, 0x0000ffff)).toBe(0xffff0000);
    expect(calculated(BPF.LSH, 0x80000001, 1)).toBe(2);
    expect(calculated(BPF.RSH, 0x80000000, 31)).toBe(1);
    expect(calculated(BPF.NEG, 1, 0)).toBe(0xffffffff);
    expect(run(loadImmediate(6), loadX(3), one(BPF.ALU | BPF.DIV | BPF.X), RET_A)).toBe(2);
  });

  it('keeps values in memory and moves them between registers', () => {
    expect(run(loadImmediate(9), one(BPF.ST, 3), loadImmediate(1), one(BPF.LD | BPF.MEM, 3), RET_A)).toBe(9);
    expect(run(loadX(8), one(BPF.STX, 15), one(BPF.LD | BPF.MEM, 15), RET_A)).toBe(8);
    expect(run(loadImmediate(4), one(BPF.MISC | BPF.TAX), loadImmediate(1), one(BPF.MISC | BPF.TXA), RET_A)).toBe(4);
    expect(run(loadImmediate(4), one(BPF.ST, 2), one(BPF.LDX | BPF.MEM, 2), one(BPF.MISC | BPF.TXA), RET_A)).toBe(4);
  });

  it('ends with 0 at a division by an X of 0, as the kernel does', () => {
    expect(
      execute(encodeFilter([loadImmediate(6), loadX(0), one(BPF.ALU | BPF.DIV | BPF.X), one(BPF.RET, 5)]), call),
    ).toEqual({ value: 0, instructions: 3 });
  });

  it('counts every instruction executed, the return included', () => {
    const program = encodeFilter([
      one(BPF.LD | BPF.W | BPF.ABS, 0),
      one(BPF.JMP | BPF.JEQ, 59, 1, 0),
      one(BPF.RET, 1),
      one(BPF.JMP | BPF.JA, 0),
      one(BPF.RET, 2),
    ]);
    expect(execute(program, call)).toEqual({ value: 2, instructions: 4 });
    expect(execute(program, { ...call, nr: 1 })).toEqual({ value: 1, instructions: 3 });
    const seen: number[] = [];
    new Simulator(program).execute(call, (at) => {
      seen.push(at);
    });
    expect(seen).toEqual([0, 1, 3, 4]);
  });

  it('reads the high half of an argument first on a big-endian machine', () => {
    const at = (offset: number): number =>
      execute(
        encodeFilter([one(BPF.LD | BPF.W | BPF.ABS, offset), RET_A], 'big-endian'),
        { ...call, instructionPointer: 7n },
        'big-endian',
      ).value;
    expect([0, 4, 8, 12, 16, 20].map(at)).toEqual([59, 0xc000003e, 0, 7, 0x11223344, 0x55667788]);
  });

  it('adds up stacked filters and takes the least permissive answer, as the kernel orders them', () => {
    const filter = (value: number): Simulator => new Simulator(encodeFilter([one(BPF.RET, value)]));
    expect(executeAll([], call)).toEqual({ value: RETURN.ALLOW, instructions: 0 });
    expect(executeAll([filter(RETURN.ALLOW), filter(RETURN.ERRNO + 1), filter(RETURN.LOG)], call)).toEqual({
      value: RETURN.ERRNO + 1,
      instructions: 3,
    });
    expect(executeAll([filter(RETURN.KILL_THREAD), filter(RETURN.KILL_PROCESS), filter(RETURN.TRAP)], call).value).toBe(
      RETURN.KILL_PROCESS,
    );
    // Of two of the same action the data of the newer stands: it is run first.
    expect(executeAll([filter(RETURN.ERRNO + 2), filter(RETURN.ERRNO + 1)], call).value).toBe(RETURN.ERRNO + 1);
  });

  it('refuses programs that the kernel would refuse', () => {
    expect(() => run(loadImmediate(1))).toThrow(
      'BPF instruction 1: expected an instruction, got the end of the filter',
    );
    expect(() => run(one(BPF.LD | BPF.W | BPF.ABS, 64), RET_A)).toThrow(
      'BPF instruction 0: expected an aligned offset into seccomp_data, got 64',
    );
    expect(() => run(one(BPF.LD | BPF.W | BPF.ABS, 2), RET_A)).toThrow(
      'expected an aligned offset into seccomp_data, got 2',
    );
    expect(() => run(one(BPF.LD | BPF.W | BPF.IND, 0), RET_A)).toThrow('expected a load that seccomp allows');
    expect(() => run(one(BPF.ALU | BPF.K | BPF.MOD, 2), RET_A)).toThrow('expected arithmetic that seccomp allows');
    expect(() => run(one(BPF.ALU | BPF.K | BPF.DIV, 0), RET_A)).toThrow('BPF instruction 0: expected a divisor, got 0');
    expect(() => run(one(BPF.ALU | BPF.K | BPF.LSH, 32), RET_A)).toThrow('expected a shift below 32, got 32');
    expect(() => run(one(BPF.LD | BPF.MEM, 1), RET_A)).toThrow(
      'expected a word of memory that was written on every way here, got word 1',
    );
    expect(() => run(one(BPF.ST, 16), RET_A)).toThrow('expected a word of memory below 16, got 16');
    expect(() => run(one(BPF.JMP | BPF.JA, 1), RET_A)).toThrow('expected a jump within the filter, got 1');
    expect(() => run(one(BPF.JMP | BPF.JEQ, 0, 0, 1), RET_A)).toThrow('expected a jump within the filter, got 1');
    expect(() => run(one(0xffff), RET_A)).toThrow('expected an instruction that seccomp allows, got code 65535');
    expect(() => run()).toThrow('expected 1 to 4096 instructions, got 0');
  });
});

describe('encodeFilter and decodeFilter', () => {
  it("are each other's reverse, in the layout of struct sock_filter", () => {
    const instructions = [one(0x15, 0xc000003e, 1, 255), one(6, 0x7fff0000)];
    expect(encodeFilter(instructions).toString('hex')).toBe('150001ff3e0000c0060000000000ff7f');
    expect(decodeFilter(encodeFilter(instructions))).toEqual(instructions);
    expect(encodeFilter(instructions, 'big-endian').toString('hex')).toBe('001501ffc000003e000600007fff0000');
    expect(decodeFilter(encodeFilter(instructions, 'big-endian'), 'big-endian')).toEqual(instructions);
  });
});
