import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { RETURN } from '../../../src/filter/index.js';
import { BPF } from '../../../src/filter/simulate/bpf.js';
import type { Instruction } from '../../../src/filter/inspect/instructions.js';
import type { SystemCall } from '../../../src/model/filter/simulation.js';

/** Whole numbers from `low` to `high`, the same for the same seed. */
export type Draw = (low: number, high: number) => number;

export function drawsOf(seed: number): Draw {
  const generator = xoroshiro128plus(seed);
  return (low, high) => uniformInt(generator, low, high);
}

const pick = <Item>(draw: Draw, items: readonly Item[]): Item => items[draw(0, items.length - 1)]!;
/** Constants that comparisons with arguments, numbers and each other can hit. */
const CONSTANTS = [0, 1, 2, 8, 31, 38, 40, 135, 0x7e020000, 0x7fffffff, 0x80000000, 0xc000003e, 0xfffffffe, 0xffffffff];
const constant = (draw: Draw): number => (draw(0, 3) === 0 ? draw(0, 0xffffffff) : pick(draw, CONSTANTS));
const ARITHMETIC = [BPF.ADD, BPF.SUB, BPF.MUL, BPF.AND, BPF.OR, BPF.XOR, BPF.LSH, BPF.RSH, BPF.DIV];
const COMPARISONS = [BPF.JEQ, BPF.JGT, BPF.JGE, BPF.JSET];

export interface Shape {
  readonly length: number;
  /** Return values to choose from. */
  readonly returns: readonly number[];
  /** With arithmetic, X, memory and computed returns, besides what compilers of filters write. */
  readonly wild: boolean;
  /** Whether it may look at the instruction pointer (default: yes), of which nobody outside knows. */
  readonly pointer?: boolean;
}

/** A program the kernel takes: every jump stays inside, memory is written first, the end is a return. */
export function randomProgram(draw: Draw, { length, returns, wild, pointer = true }: Shape): Instruction[] {
  const one = (code: number, k = 0, ifTrue = 0, ifFalse = 0): Instruction => ({ code, k, ifTrue, ifFalse });
  const memory: Instruction[] = wild ? [one(BPF.LD | BPF.W | BPF.ABS, 16), one(BPF.ST, 0), one(BPF.ST, 1)] : [];
  const body = Array.from({ length }, (_, index): Instruction => {
    const left = length - index - 1;
    const jump = (): number => draw(0, Math.min(left, draw(0, 4) === 0 ? 255 : 6));
    const kind = draw(0, wild ? 11 : 6);
    if (kind <= 1)
      return one(
        BPF.LD | BPF.W | BPF.ABS,
        4 * pick(draw, [0, 1, ...(pointer ? [2, 3] : []), 4, 4, 4, 5, 5, 6, 7, 14, 15]),
      );
    if (kind <= 4)
      return one(
        BPF.JMP | pick(draw, COMPARISONS) | (wild && draw(0, 4) === 0 ? BPF.X : BPF.K),
        constant(draw),
        jump(),
        jump(),
      );
    if (kind === 5) return draw(0, 3) === 0 ? one(BPF.RET | BPF.K, pick(draw, returns)) : one(BPF.JMP | BPF.JA, jump());
    if (kind === 6) return one(BPF.ALU | BPF.AND | BPF.K, constant(draw));
    return wildInstruction(draw, one);
  });
  return [...memory, ...body, one(BPF.RET | BPF.K, pick(draw, returns))];
}

function wildInstruction(draw: Draw, one: (code: number, k?: number) => Instruction): Instruction {
  const operation = pick(draw, ARITHMETIC);
  switch (draw(0, 8)) {
    case 0:
      return one(BPF.ALU | operation | BPF.X);
    case 1:
      return one(pick(draw, [BPF.ST, BPF.STX]), draw(0, 1));
    case 2:
      return one(pick(draw, [BPF.LD, BPF.LDX]) | BPF.MEM, draw(0, 1));
    case 3:
      return one(pick(draw, [BPF.LD, BPF.LDX]) | BPF.IMM, constant(draw));
    case 4:
      return one(BPF.MISC | pick(draw, [BPF.TAX, BPF.TXA]));
    case 5:
      return one(BPF.ALU | BPF.NEG);
    case 6:
      return one(pick(draw, [BPF.LD, BPF.LDX]) | BPF.W | BPF.LEN);
    default: {
      const isShift = operation === BPF.LSH || operation === BPF.RSH;
      return one(BPF.ALU | operation | BPF.K, isShift ? draw(0, 31) : Math.max(1, constant(draw)));
    }
  }
}

/** A call with arguments that the constants of {@link randomProgram} meet now and then. */
export function randomCall(draw: Draw, arch: number, nr: number): SystemCall {
  const half = (): bigint => BigInt(constant(draw));
  return { arch, nr, args: Array.from({ length: 6 }, () => half() | (draw(0, 2) === 0 ? half() << 32n : 0n)) };
}

/** Bytes that are no program, or one by chance. */
export const randomBytes = (draw: Draw, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => draw(0, 255)));

export const ANSWERS = [RETURN.ALLOW, RETURN.ERRNO + 1, RETURN.ERRNO + 38, RETURN.KILL_THREAD];
