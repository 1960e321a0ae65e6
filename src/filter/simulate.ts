import { BenchError } from '../errors.js';
import { BPF } from './bpf.js';
import { decodeProgram } from './program.js';
import type { Instruction } from './program.js';

/** struct seccomp_data, the instruction pointer left at 0. */
export interface SystemCall {
  /** AUDIT_ARCH_... */
  readonly arch: number;
  readonly nr: number;
  /** Up to six; missing ones are 0. */
  readonly args?: readonly bigint[];
}

/** struct seccomp_data: int nr, u32 arch, u64 instruction_pointer, u64 args[6]. */
const DATA_BYTES = 64;
const CLASS_MASK = 0x07;
const OPERATION_MASK = 0xf0;

interface Registers {
  a: number;
  x: number;
  readonly memory: Uint32Array;
  readonly data: Buffer;
}

/**
 * What a filter answers to one system call: the 32-bit return value (action in the upper, data in the lower half). Runs the classic BPF subset
 * that seccomp accepts. Throws `input` for a program the kernel would have refused.
 */
export function simulate(program: Buffer, call: SystemCall): number {
  const instructions = decodeProgram(program);
  const registers: Registers = { a: 0, x: 0, memory: new Uint32Array(16), data: dataOf(call) };
  let at = 0;
  for (;;) {
    const instruction = instructions[at];
    // Jumps only go forward, so every program ends.
    if (instruction === undefined) throw unfit(at, 'an instruction', 'the end of the program');
    at += 1;
    switch (instruction.code & CLASS_MASK) {
      case BPF.RET:
        return (instruction.code & 0x18) === BPF.A ? registers.a : instruction.k;
      case BPF.JMP:
        at += jump(instruction, registers);
        break;
      default:
        compute(instruction, registers, at - 1);
    }
  }
}

function dataOf({ arch, nr, args = [] }: SystemCall): Buffer {
  const data = Buffer.alloc(DATA_BYTES);
  data.writeInt32LE(nr | 0, 0);
  data.writeUInt32LE(arch, 4);
  args.forEach((value, index) => { data.writeBigUInt64LE(value, 16 + index * 8); });
  return data;
}

function jump({ code, ifTrue, ifFalse, k }: Instruction, { a, x }: Registers): number {
  const operand = (code & BPF.X) === 0 ? k : x;
  switch (code & OPERATION_MASK) {
    case BPF.JEQ:
      return a === operand ? ifTrue : ifFalse;
    case BPF.JGT:
      return a > operand ? ifTrue : ifFalse;
    case BPF.JGE:
      return a >= operand ? ifTrue : ifFalse;
    case BPF.JSET:
      return (a & operand) === 0 ? ifFalse : ifTrue;
    default:
      return k;
  }
}

function compute({ code, k }: Instruction, registers: Registers, at: number): void {
  switch (code & CLASS_MASK) {
    case BPF.LD:
      registers.a = load(code, k, registers, at);
      break;
    case BPF.LDX:
      registers.x = load(code, k, registers, at);
      break;
    case BPF.ST:
      registers.memory[k] = registers.a;
      break;
    case BPF.STX:
      registers.memory[k] = registers.x;
      break;
    case BPF.ALU:
      registers.a = calculate(code, registers.a, (code & BPF.X) === 0 ? k : registers.x, at);
      break;
    default:
      if ((code & 0xf8) === BPF.TXA) registers.a = registers.x;
      else registers.x = registers.a;
  }
}

function load(code: number, k: number, { memory, data }: Registers, at: number): number {
  switch (code & 0xe0) {
    case BPF.IMM:
      return k;
    case BPF.MEM:
      return memory[k] ?? 0;
    case BPF.LEN:
      return DATA_BYTES;
    case BPF.ABS:
      if (k % 4 !== 0 || k >= DATA_BYTES) throw unfit(at, 'an aligned offset into seccomp_data', String(k));
      return data.readUInt32LE(k);
    default:
      throw unfit(at, 'a load that seccomp allows', `code ${code}`);
  }
}

function calculate(code: number, a: number, b: number, at: number): number {
  switch (code & OPERATION_MASK) {
    case BPF.ADD:
      return (a + b) >>> 0;
    case BPF.SUB:
      return (a - b) >>> 0;
    case BPF.MUL:
      return Math.imul(a, b) >>> 0;
    case BPF.DIV:
      // The kernel ends the program with 0 on a division by the X register's 0.
      return b === 0 ? 0 : Math.floor(a / b);
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
    case BPF.NEG:
      return -a >>> 0;
    default:
      throw unfit(at, 'arithmetic that seccomp allows', `code ${code}`);
  }
}

function unfit(at: number, wanted: string, got: string): BenchError {
  return new BenchError('input', `BPF instruction ${at}: expected ${wanted}, got ${got}`, { hint: 'The kernel would refuse this program.' });
}
