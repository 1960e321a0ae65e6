import { BPF } from './bpf.js';

const OPERATION_MASK = 0xf0;

/** A conditional jump's test; the operands are unsigned. */
export function holds(code: number, a: number, operand: number): boolean {
  switch (code & OPERATION_MASK) {
    case BPF.JEQ:
      return a === operand;
    case BPF.JGT:
      return a > operand;
    case BPF.JGE:
      return a >= operand;
    default:
      return (a & operand) !== 0;
  }
}

/** 32-bit arithmetic; a shift by X uses its lowest five bits. The caller excludes division by 0. */
export function calculate(code: number, a: number, b: number): number {
  switch (code & OPERATION_MASK) {
    case BPF.ADD:
      return (a + b) >>> 0;
    case BPF.SUB:
      return (a - b) >>> 0;
    case BPF.MUL:
      return Math.imul(a, b) >>> 0;
    case BPF.DIV:
      return Math.floor(a / b);
    case BPF.AND:
      return (a & b) >>> 0;
    case BPF.OR:
      return (a | b) >>> 0;
    case BPF.XOR:
      return (a ^ b) >>> 0;
    case BPF.LSH:
      return (a << b) >>> 0;
    case BPF.RSH:
      return a >>> b;
    default:
      return -a >>> 0;
  }
}
