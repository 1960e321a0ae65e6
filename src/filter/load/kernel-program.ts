import type { Instruction } from '../inspect/instructions.js';
import { BPF } from '../simulate/bpf.js';

const CLASS_MASK = 0x07;
const OPERATION_MASK = 0xf0;
const SOURCE_MASK = 0x08;
const RETURN_VALUE_MASK = 0x18;
/** A and X are set to 0, and the context is kept in a register of its own. */
const PROLOGUE = 3;
const INSTRUCTION_BYTES = 8;
/** sizeof(struct bpf_prog) without instructions; kernels differ by a few bytes. */
const HEADER_BYTES = 72;
const PAGE_BYTES = 4096;
const SIGN_BIT = 0x80000000;

/**
 * How many eBPF instructions the kernel makes of a classic seccomp filter (bpf_convert_filter in net/core/filter.c): a
 * return takes two; so does a jump with two far ends; a comparison with a constant of 2^31 or more takes one more.
 */
export function kernelInstructions(filter: readonly Instruction[]): number {
  return filter.reduce((sum, instruction) => sum + converted(instruction), PROLOGUE);
}

function converted({ code, ifTrue, ifFalse, k }: Instruction): number {
  switch (code & CLASS_MASK) {
    case BPF.RET:
      return (code & RETURN_VALUE_MASK) === BPF.K ? 2 : 1;
    case BPF.JMP:
      return jump(code & OPERATION_MASK, { isConstant: (code & SOURCE_MASK) === BPF.K, ifTrue, ifFalse, k });
    case BPF.ALU:
      return dividesByRegister(code) ? 5 : 1;
    default:
      return 1;
  }
}

interface Jump {
  readonly isConstant: boolean;
  readonly ifTrue: number;
  readonly ifFalse: number;
  readonly k: number;
}

function jump(operation: number, { isConstant, ifTrue, ifFalse, k }: Jump): number {
  if (operation === BPF.JA) return 1;
  // Constants of eBPF are signed: a large one goes through a register.
  const constant = isConstant && k >= SIGN_BIT ? 1 : 0;
  // With one end right behind it a jump is inverted, if it must be; there is no inverse of JSET.
  const isShort = ifFalse === 0 || (ifTrue === 0 && operation !== BPF.JSET);
  return constant + (isShort ? 1 : 2);
}

/** A divisor of 0 returns 0 from the filter, which takes four instructions more. */
const dividesByRegister = (code: number): boolean =>
  (code & SOURCE_MASK) === BPF.X && [BPF.DIV, BPF.MOD].some((operation) => operation === (code & OPERATION_MASK));

/** Bytes of the kernel's own form of a filter: its instructions with their header, in whole pages. */
export const kernelProgramBytes = (instructions: number, pageBytes = PAGE_BYTES): number =>
  Math.ceil((HEADER_BYTES + instructions * INSTRUCTION_BYTES) / pageBytes) * pageBytes;

/** What the filters of one task may have together, and what each adds below the newest (kernel/seccomp.c). */
const MOST_INSTRUCTIONS_PER_PATH = 32_768;
const STACKING_PENALTY = 4;

/** How many filters of so many instructions in the kernel's own form one task can load (seccomp_attach_filter). */
export const mostStacked = (instructions: number): number =>
  instructions > MOST_INSTRUCTIONS_PER_PATH
    ? 0
    : 1 + Math.floor((MOST_INSTRUCTIONS_PER_PATH - instructions) / (instructions + STACKING_PENALTY));
