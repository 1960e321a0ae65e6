import type { ByteOrder, Execution, SystemCall } from '../../model/filter/simulation.js';
import { checkAcceptable, DATA_BYTES } from '../inspect/acceptable.js';
import { calculate, holds } from './arithmetic.js';
import { BPF } from './bpf.js';
import { isFollowedByKernel } from './constant-allow.js';
import { decodeFilter } from '../inspect/instructions.js';
import type { Instruction } from '../inspect/instructions.js';

/** Words of struct seccomp_data: int nr, u32 arch, u64 instruction_pointer, u64 args[6]. */
export const DATA_WORDS = DATA_BYTES / 4;
export const WORD = { NR: 0, ARCH: 1, POINTER: 2, ARGUMENTS: 4 } as const;
const SOURCE_MASK = 0x08;
const LOAD_ABSOLUTE = BPF.LD | BPF.W | BPF.ABS;

/**
 * A filter that is ready to run many times. The constructor throws `input` for a filter that the kernel would refuse,
 * so running it cannot fail.
 */
export class Simulator {
  readonly instructions: readonly Instruction[];
  /** The same as flat arrays, for speed. */
  private readonly codes: Uint16Array;
  private readonly ifTrue: Uint8Array;
  private readonly ifFalse: Uint8Array;
  private readonly k: Uint32Array;
  /** 1 where the kernel's walk for its bitmap goes on. */
  private readonly followed: Uint8Array;

  constructor(
    filter: Buffer | readonly Instruction[],
    readonly order: ByteOrder = 'little-endian',
  ) {
    this.instructions = Buffer.isBuffer(filter) ? decodeFilter(filter, order) : filter;
    checkAcceptable(this.instructions);
    this.codes = Uint16Array.from(this.instructions, ({ code }) => code);
    this.ifTrue = Uint8Array.from(this.instructions, ({ ifTrue }) => ifTrue);
    this.ifFalse = Uint8Array.from(this.instructions, ({ ifFalse }) => ifFalse);
    this.k = Uint32Array.from(this.instructions, ({ k }) => k);
    this.followed = Uint8Array.from(this.instructions, (instruction) => Number(isFollowedByKernel(instruction)));
  }

  get length(): number {
    return this.codes.length;
  }

  /** Runs the filter as the kernel's interpreter of classic BPF does; `visit` gets the index of every instruction. */
  execute(call: SystemCall, visit?: (at: number) => void): Execution {
    const { value, instructions } = this.run(dataWords(call, this.order), DATA_WORDS, visit);
    return { value, instructions };
  }

  /** The run where number and architecture decide; `null` where the filter loads an argument or the pointer. */
  decide(call: { readonly arch: number; readonly nr: number }): Decision | null {
    const decided = this.run(dataWords(call, this.order), WORD.POINTER);
    return decided.stopped ? null : decided;
  }

  /** Stops, without an answer, where a word from `known` on is loaded. */
  // eslint-disable-next-line complexity -- an interpreter's inner loop: a call per instruction would double its time
  private run(
    data: Uint32Array,
    known: number,
    visit?: (at: number) => void,
  ): Decision & { readonly stopped: boolean } {
    const { codes, k: constants, followed } = this;
    const memory = new Uint32Array(16);
    let [a, x, at, instructions, isFollowed] = [0, 0, 0, 0, 1];
    const end = (value: number, stopped = false): Decision & { readonly stopped: boolean } => ({
      value,
      instructions,
      isFollowed: isFollowed === 1,
      stopped,
    });
    for (;;) {
      const code = codes[at] ?? 0;
      const k = constants[at] ?? 0;
      visit?.(at);
      isFollowed &= followed[at] ?? 0;
      instructions += 1;
      at += 1;
      if (code === LOAD_ABSOLUTE) {
        if (k >> 2 >= known) return end(0, true);
        a = data[k >> 2] ?? 0;
        continue;
      }
      switch (code & 0x07) {
        case BPF.RET:
          return end(code === (BPF.RET | BPF.A) ? a : k);
        case BPF.JMP:
          if (code === (BPF.JMP | BPF.JA)) at += k;
          else
            at +=
              (holds(code, a, (code & SOURCE_MASK) === 0 ? k : x) ? this.ifTrue[at - 1] : this.ifFalse[at - 1]) ?? 0;
          break;
        case BPF.ALU:
          // The kernel ends the filter with 0 at a division by an X of 0.
          if (code === (BPF.ALU | BPF.DIV | BPF.X) && x === 0) return end(0);
          a = calculate(code, a, (code & SOURCE_MASK) === 0 ? k : x);
          break;
        case BPF.LD:
          a = loaded(code, k, memory);
          break;
        case BPF.LDX:
          x = loaded(code, k, memory);
          break;
        case BPF.ST:
          memory[k] = a;
          break;
        case BPF.STX:
          memory[k] = x;
          break;
        default:
          if (code === (BPF.MISC | BPF.TAX)) x = a;
          else a = x;
      }
    }
  }
}

/** A run where number and architecture decide. */
export interface Decision extends Execution {
  /** Whether the kernel's walk for its bitmap follows every instruction of it. */
  readonly isFollowed: boolean;
}

/**
 * A filter's answer to one system call and the instructions it takes. Throws `input` for a filter that the kernel would
 * refuse.
 */
export const execute = (filter: Buffer, call: SystemCall, order: ByteOrder = 'little-endian'): Execution =>
  new Simulator(filter, order).execute(call);

/** The 32-bit return value of {@link execute}. */
export const simulate = (filter: Buffer, call: SystemCall): number => execute(filter, call).value;

/**
 * seccomp_data as 32-bit words in memory order: the low half of a 64-bit field is first in little-endian order only.
 */
function dataWords({ arch, nr, args = [], instructionPointer = 0n }: SystemCall, order: ByteOrder): Uint32Array {
  const words = new Uint32Array(DATA_WORDS);
  words[WORD.NR] = nr;
  words[WORD.ARCH] = arch;
  [instructionPointer, ...args].forEach((value, index) => {
    const first = WORD.POINTER + index * 2;
    const [low, high] = [Number(BigInt.asUintN(32, value)), Number(BigInt.asUintN(32, value >> 32n))];
    words[first] = order === 'little-endian' ? low : high;
    words[first + 1] = order === 'little-endian' ? high : low;
  });
  return words;
}

function loaded(code: number, k: number, memory: Uint32Array): number {
  switch (code & 0xe0) {
    case BPF.IMM:
      return k;
    case BPF.MEM:
      return memory[k] ?? 0;
    default:
      return DATA_BYTES;
  }
}
