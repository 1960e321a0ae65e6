import { describe, expect, it } from 'vitest';
import { kernelInstructions, kernelProgramBytes } from '../../../src/filter/index.js';
import type { Instruction } from '../../../src/filter/index.js';
import { BPF } from '../../../src/filter/simulate/bpf.js';

const one = (code: number, k = 0, ifTrue = 0, ifFalse = 0): Instruction => ({ code, k, ifTrue, ifFalse });
const jump = (operation: number, k: number, ifTrue: number, ifFalse: number): Instruction =>
  one(BPF.JMP | operation | BPF.K, k, ifTrue, ifFalse);
/** Without the three that the kernel puts before every program. */
const converted = (instruction: Instruction): number => kernelInstructions([instruction]) - 3;

describe("the kernel's own form of a filter", () => {
  it('begins with three instructions of its own', () => {
    expect(kernelInstructions([])).toBe(3);
  });

  it('needs two instructions to return a constant, and one to return A', () => {
    expect([converted(one(BPF.RET | BPF.K, 0x7fff0000)), converted(one(BPF.RET | BPF.A))]).toEqual([2, 1]);
  });

  it('needs two instructions for a jump only where both ends are far', () => {
    expect([
      converted(jump(BPF.JEQ, 1, 0, 5)),
      converted(jump(BPF.JEQ, 1, 5, 0)),
      converted(jump(BPF.JEQ, 1, 5, 6)),
      converted(jump(BPF.JA, 7, 0, 0)),
    ]).toEqual([1, 1, 2, 1]);
  });

  it('cannot invert a test of bits, so that its far end for "no" takes two', () => {
    expect([converted(jump(BPF.JSET, 1, 0, 5)), converted(jump(BPF.JSET, 1, 5, 0))]).toEqual([2, 1]);
  });

  it('needs one more for a constant of 2^31 or more, and none for a register', () => {
    expect([
      converted(jump(BPF.JEQ, 0x7fffffff, 0, 5)),
      converted(jump(BPF.JEQ, 0x80000000, 0, 5)),
      converted(jump(BPF.JGT, 0xffffffff, 5, 6)),
      converted(one(BPF.JMP | BPF.JEQ | BPF.X, 0xffffffff, 0, 5)),
    ]).toEqual([1, 2, 3, 1]);
  });

  it('checks a divisor in a register with four more', () => {
    expect([
      converted(one(BPF.ALU | BPF.DIV | BPF.X)),
      converted(one(BPF.ALU | BPF.MOD | BPF.X)),
      converted(one(BPF.ALU | BPF.DIV | BPF.K, 3)),
      converted(one(BPF.ALU | BPF.AND | BPF.K, 3)),
      converted(one(BPF.LD | BPF.W | BPF.ABS, 0)),
    ]).toEqual([5, 5, 1, 1, 1]);
  });

  it('takes whole pages, with its header', () => {
    expect([kernelProgramBytes(503), kernelProgramBytes(504), kernelProgramBytes(1019)]).toEqual([4096, 8192, 12_288]);
    expect(kernelProgramBytes(1019, 65_536)).toBe(65_536);
  });
});
