import { encodeFilter } from '../../../src/filter/inspect/instructions.js';
import type { Instruction } from '../../../src/filter/inspect/instructions.js';
import type { SystemCall } from '../../../src/model/filter/simulation.js';

const MASK = 0xffffffffn;

/**
 * Classic BPF run from its bytes in whole numbers without a size, written from the kernel's description alone
 * (Documentation/networking/filter.rst) and sharing nothing with the simulator but the encoder: what the two agree on
 * is not a slip of either. Little-endian.
 */
export function interpret(
  program: readonly Instruction[],
  call: SystemCall,
): { readonly value: number; readonly instructions: number } {
  const bytes = encodeFilter(program);
  const data = seccompData(call);
  const memory = Array.from({ length: 16 }, () => 0n);
  let [a, x, at, instructions] = [0n, 0n, 0, 0];
  for (;;) {
    const code = bytes.readUInt16LE(at * 8);
    const k = BigInt(bytes.readUInt32LE(at * 8 + 4));
    const operand = (code & 0x08) === 0 ? k : x;
    instructions += 1;
    at += 1;
    switch (code & 0x07) {
      case 0:
        a = loaded(code, Number(k), { data, memory });
        break;
      case 1:
        x = loaded(code, Number(k), { data, memory });
        break;
      case 2:
        memory[Number(k)] = a;
        break;
      case 3:
        memory[Number(k)] = x;
        break;
      case 4: {
        // The kernel ends a program that divides by an X of 0 with 0: KILL_THREAD.
        if ((code & 0xf0) === 0x30 && operand === 0n) return { value: 0, instructions };
        a = calculated(code & 0xf0, a, operand);
        break;
      }
      case 5: {
        const isTrue = (code & 0xf0) === 0 || jumps(code & 0xf0, a, operand);
        at += (code & 0xf0) === 0 ? Number(k) : bytes.readUInt8((at - 1) * 8 + (isTrue ? 2 : 3));
        break;
      }
      case 6:
        return { value: Number((code & 0x18) === 0x10 ? a : k), instructions };
      default:
        if ((code & 0x80) === 0) x = a;
        else a = x;
    }
  }
}

interface Store {
  readonly data: Buffer;
  readonly memory: readonly bigint[];
}

function loaded(code: number, k: number, { data, memory }: Store): bigint {
  const mode = code & 0xe0;
  if (mode === 0x00) return BigInt(k);
  if (mode === 0x60) return memory[k] ?? 0n;
  return mode === 0x80 ? BigInt(data.length) : BigInt(data.readUInt32LE(k));
}

function calculated(operation: number, a: bigint, operand: bigint): bigint {
  // A shift by X uses its lowest five bits, as the processors do that run it.
  const shift = operand & 31n;
  const results: Readonly<Record<number, () => bigint>> = {
    0x00: () => a + operand,
    0x10: () => a - operand,
    0x20: () => a * operand,
    0x30: () => a / operand,
    0x40: () => a | operand,
    0x50: () => a & operand,
    0x60: () => a << shift,
    0x70: () => a >> shift,
    0x80: () => -a,
    0xa0: () => a ^ operand,
  };
  const result = results[operation];
  if (result === undefined) throw new RangeError(`no operation ${operation}`);
  return result() & MASK;
}

function jumps(condition: number, a: bigint, operand: bigint): boolean {
  switch (condition) {
    case 0x10:
      return a === operand;
    case 0x20:
      return a > operand;
    case 0x30:
      return a >= operand;
    default:
      return (a & operand) !== 0n;
  }
}

/** struct seccomp_data: int nr, u32 arch, u64 instruction_pointer, u64 args[6]. */
function seccompData({ nr, arch, args = [], instructionPointer = 0n }: SystemCall): Buffer {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(nr >>> 0, 0);
  data.writeUInt32LE(arch >>> 0, 4);
  data.writeBigUInt64LE(instructionPointer, 8);
  args.forEach((arg, index) => data.writeBigUInt64LE(BigInt.asUintN(64, arg), 16 + 8 * index));
  return data;
}
