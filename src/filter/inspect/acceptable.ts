import { BenchError } from '../../errors.js';
import { BPF } from '../simulate/bpf.js';
import type { Instruction } from './program.js';

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
 * Throws `input` for a program that the kernel would refuse with EINVAL: what it names is the first instruction at
 * fault. The rules are those of the kernel's
 * bpf_check_classic, check_load_and_stores and seccomp_check_filter (net/core/filter.c, kernel/seccomp.c).
 */
export function checkAcceptable(instructions: readonly Instruction[]): void {
  if (instructions.length === 0 || instructions.length > MOST_INSTRUCTIONS) {
    throw new BenchError(
      'input',
      `BPF program: expected 1 to ${MOST_INSTRUCTIONS} instructions, got ${instructions.length}`,
      { hint: 'The kernel would refuse this program.' },
    );
  }
  instructions.forEach((instruction, at) => {
    checkInstruction(instruction, at, instructions.length);
  });
  const last = instructions.length - 1;
  const code = instructions[last]?.code;
  if (code !== (BPF.RET | BPF.K) && code !== (BPF.RET | BPF.A))
    throw unfit(instructions.length, 'an instruction', 'the end of the program');
  checkMemory(instructions);
}

function checkInstruction({ code, ifTrue, ifFalse, k }: Instruction, at: number, length: number): void {
  if (!LOADS.has(code) && !OTHERS.has(code)) throw unfit(at, expectedOf(code), `code ${code}`);
  const left = length - at - 1;
  if (code === (BPF.LD | BPF.W | BPF.ABS) && (k % 4 !== 0 || k >= DATA_BYTES))
    throw unfit(at, 'an aligned offset into seccomp_data', String(k));
  if (isMemory(code) && k >= MEMORY_WORDS) throw unfit(at, `a word of memory below ${MEMORY_WORDS}`, String(k));
  if (code === (BPF.ALU | BPF.DIV | BPF.K) && k === 0) throw unfit(at, 'a divisor', '0');
  if ((code === (BPF.ALU | BPF.LSH | BPF.K) || code === (BPF.ALU | BPF.RSH | BPF.K)) && k >= 32)
    throw unfit(at, 'a shift below 32', String(k));
  if (code === (BPF.JMP | BPF.JA) && k >= left) throw unfit(at, 'a jump within the program', String(k));
  if (IS_CONDITION.has(code) && Math.max(ifTrue, ifFalse) >= left)
    throw unfit(at, 'a jump within the program', String(Math.max(ifTrue, ifFalse)));
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

function unfit(at: number, wanted: string, got: string): BenchError {
  return new BenchError('input', `BPF instruction ${at}: expected ${wanted}, got ${got}`, {
    hint: 'The kernel would refuse this program.',
  });
}
