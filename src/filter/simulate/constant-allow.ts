import { RETURN } from './actions.js';
import { BPF } from './bpf.js';
import type { Instruction } from '../inspect/instructions.js';
import { calculate, holds } from './arithmetic.js';

const COMPARISONS: ReadonlySet<number> = new Set(
  [BPF.JEQ, BPF.JGE, BPF.JGT, BPF.JSET].map((operation) => BPF.JMP | operation | BPF.K),
);
const LOAD = BPF.LD | BPF.W | BPF.ABS;
const [OFFSET_NR, OFFSET_ARCH] = [0, 4];

/** Whether the kernel's walk continues at an instruction, or ends there with an answer. */
export function isFollowedByKernel({ code, k }: Instruction): boolean {
  if (code === LOAD) return k === OFFSET_NR || k === OFFSET_ARCH;
  return (
    code === (BPF.RET | BPF.K) ||
    code === (BPF.JMP | BPF.JA) ||
    COMPARISONS.has(code) ||
    code === (BPF.ALU | BPF.AND | BPF.K)
  );
}

/** The number and architecture of a call: all that the kernel's walk knows. */
export interface WalkedCall {
  readonly arch: number;
  readonly nr: number;
}

/**
 * Whether the kernel finds, from number and architecture alone, that a filter allows a call: seccomp_is_const_allow of
 * kernel/seccomp.c (5.11 and newer). It walks the program once when it is attached and gives up at the first
 * instruction that it does not follow: loads of anything else, arithmetic except AND with a constant, comparisons with
 * X. The end must be RET with exactly SECCOMP_RET_ALLOW.
 */
export const isConstantAllow = (instructions: readonly Instruction[], call: WalkedCall): boolean =>
  walk(instructions, call).isAllowed;

/** How many instructions of a filter that walk reads for a call. */
export const walkedInstructions = (instructions: readonly Instruction[], call: WalkedCall): number =>
  walk(instructions, call).steps;

function walk(
  instructions: readonly Instruction[],
  call: WalkedCall,
): { readonly isAllowed: boolean; readonly steps: number } {
  let value = 0;
  let steps = 0;
  for (let at = 0; at < instructions.length; at += 1) {
    const instruction = instructions[at];
    if (instruction === undefined) break;
    const { code, k } = instruction;
    steps += 1;
    if (code === LOAD && k === OFFSET_NR) value = call.nr >>> 0;
    else if (code === LOAD && k === OFFSET_ARCH) value = call.arch;
    else if (code === (BPF.RET | BPF.K)) return { isAllowed: k === RETURN.ALLOW, steps };
    else if (code === (BPF.JMP | BPF.JA)) at += k;
    else if (COMPARISONS.has(code)) at += holds(code, value, k) ? instruction.ifTrue : instruction.ifFalse;
    else if (code === (BPF.ALU | BPF.AND | BPF.K)) value = calculate(code, value, k);
    else break;
  }
  return { isAllowed: false, steps };
}
