import { invalidValue, type BenchError } from '../../errors.js';
import { BPF } from '../simulate/bpf.js';
import type { Instruction } from './instructions.js';

/** The kernel's BPF_MAXINSNS and BPF_MEMWORDS. */
const MOST_INSTRUCTIONS = 4096;
const MEMORY_WORDS = 16;
/** sizeof(struct seccomp_data). */
export const DATA_BYTES = 64;

const CONDITIONS = [BPF.JEQ, BPF.JGT, BPF.JGE, BPF.JSET].flatMap((operation) =>
  [BPF.K, BPF.X].map((source) => BPF.JMP | operation | source),
);
const ARITHMETIC = [BPF.ADD, BPF.SUB, BPF.MUL, BPF.DIV, BPF.AND, BPF.OR, BPF.XOR, BPF.LSH, BPF.RSH].flatMap(
  (operation) => [BPF.K, BPF.X].map((source) => BPF.ALU | operation | source),
);

/** Whole codes that seccomp takes (the kernel's seccomp_check_filter). */
const LOADS: ReadonlySet<number> = new Set([
  BPF.LD | BPF.W | BPF.ABS,
  BPF.LD | BPF.W | BPF.LEN,
  BPF.LDX | BPF.W | BPF.LEN,
  BPF.LD | BPF.IMM,
  BPF.LDX | BPF.IMM,
  BPF.LD | BPF.MEM,
  BPF.LDX | BPF.MEM,
]);
const OTHERS: ReadonlySet<number> = new Set([
  ...CONDITIONS,
  ...ARITHMETIC,
  BPF.JMP | BPF.JA,
  BPF.ALU | BPF.NEG,
  BPF.RET | BPF.K,
  BPF.RET | BPF.A,
  BPF.ST,
  BPF.STX,
  BPF.MISC | BPF.TAX,
  BPF.MISC | BPF.TXA,
]);
const IS_CONDITION: ReadonlySet<number> = new Set(CONDITIONS);

/**
 * Throws `input` for a program that the kernel would refuse with EINVAL, and names the first instruction at fault. The
 * rules are those of the kernel's bpf_check_classic, check_load_and_stores and seccomp_check_filter (net/core/filter.c,
 * kernel/seccomp.c).
 */
export function checkAcceptable(instructions: readonly Instruction[]): void {
  if (instructions.length === 0 || instructions.length > MOST_INSTRUCTIONS) {
    throw invalidValue('BPF filter', `1 to ${MOST_INSTRUCTIONS} instructions`, String(instructions.length), REFUSED);
  }
  instructions.forEach((instruction, at) => {
    checkInstruction(instruction, at, instructions.length);
  });
  const last = instructions.length - 1;
  const code = instructions[last]?.code;
  if (code !== (BPF.RET | BPF.K) && code !== (BPF.RET | BPF.A))
    throw unfit(instructions.length, 'an instruction', 'the end of the filter');
  checkMemory(instructions);
}

function checkInstruction(instruction: Instruction, at: number, length: number): void {
  const { code } = instruction;
  if (!LOADS.has(code) && !OTHERS.has(code)) throw unfit(at, expectedOf(code), `code ${code}`);
  const wanted = operandFault(instruction);
  if (wanted !== undefined) throw unfit(at, wanted, String(instruction.k));
  const jump = longestJump(instruction);
  if (jump >= length - at - 1) throw unfit(at, 'a jump within the filter', String(jump));
}

/** What the kernel expects in place of the operand `k`; `undefined` where it accepts it. */
function operandFault({ code, k }: Instruction): string | undefined {
  switch (code) {
    case BPF.LD | BPF.W | BPF.ABS:
      return k % 4 === 0 && k < DATA_BYTES ? undefined : 'an aligned offset into seccomp_data';
    case BPF.ALU | BPF.DIV | BPF.K:
      return k === 0 ? 'a divisor' : undefined;
    case BPF.ALU | BPF.LSH | BPF.K:
    case BPF.ALU | BPF.RSH | BPF.K:
      return k < 32 ? undefined : 'a shift below 32';
    default:
      return isMemory(code) && k >= MEMORY_WORDS ? `a word of memory below ${MEMORY_WORDS}` : undefined;
  }
}

/** Instructions skipped at most; -1 where it is not a jump. */
function longestJump({ code, ifTrue, ifFalse, k }: Instruction): number {
  if (code === (BPF.JMP | BPF.JA)) return k;
  return IS_CONDITION.has(code) ? Math.max(ifTrue, ifFalse) : -1;
}

function expectedOf(code: number): string {
  switch (code & 0x07) {
    case BPF.LD:
    case BPF.LDX:
      return 'a load that seccomp allows';
    case BPF.ALU:
      return 'arithmetic that seccomp allows';
    default:
      return 'an instruction that seccomp allows';
  }
}

const isMemory = (code: number): boolean =>
  code === (BPF.LD | BPF.MEM) || code === (BPF.LDX | BPF.MEM) || code === BPF.ST || code === BPF.STX;

/** Every word of memory is written, on each way there, before it is read. */
function checkMemory(instructions: readonly Instruction[]): void {
  const known = new Uint32Array(instructions.length).fill(0xffff);
  const reach = (at: number, valid: number): void => {
    known[at] = (known[at] ?? 0) & valid;
  };
  let valid = 0;
  instructions.forEach(({ code, ifTrue, ifFalse, k }, at) => {
    valid &= known[at] ?? 0;
    if (code === BPF.ST || code === BPF.STX) valid |= 1 << k;
    else if (isMemory(code) && (valid & (1 << k)) === 0)
      throw unfit(at, 'a word of memory that was written on every way here', `word ${k}`);
    else if (code === (BPF.JMP | BPF.JA)) {
      reach(at + 1 + k, valid);
      valid = 0xffff;
    } else if (IS_CONDITION.has(code)) {
      reach(at + 1 + ifTrue, valid);
      reach(at + 1 + ifFalse, valid);
      valid = 0xffff;
    }
  });
}

const unfit = (at: number, wanted: string, got: string): BenchError =>
  invalidValue(`BPF instruction ${at}`, wanted, got, REFUSED);

const REFUSED = { code: 'input', hint: 'The kernel would refuse this filter.' } as const;
