import { createHash } from 'node:crypto';
import type { FilterFacts } from '../../model/run/evidence.js';
import type { ByteOrder } from '../../model/filter/simulation.js';

/** struct sock_filter: 16-bit code, two 8-bit jumps, 32-bit k. */
const INSTRUCTION_BYTES = 8;

/** One classic-BPF instruction; jumps count instructions from the next one. */
export interface Instruction {
  readonly code: number;
  readonly ifTrue: number;
  readonly ifFalse: number;
  readonly k: number;
}

/** Length and hash of a program (array of struct sock_filter). */
export function filterFacts(program: Buffer): FilterFacts {
  return {
    instructions: program.length / INSTRUCTION_BYTES,
    sha256: createHash('sha256').update(program).digest('hex'),
  };
}

/** The instructions of a program in the byte order of the machine it is for. Bytes left over at the end are ignored. */
export function decodeProgram(program: Buffer, order: ByteOrder = 'little-endian'): Instruction[] {
  const little = order === 'little-endian';
  return Array.from({ length: Math.floor(program.length / INSTRUCTION_BYTES) }, (_, index) => {
    const start = index * INSTRUCTION_BYTES;
    return {
      code: little ? program.readUInt16LE(start) : program.readUInt16BE(start),
      ifTrue: program.readUInt8(start + 2),
      ifFalse: program.readUInt8(start + 3),
      k: little ? program.readUInt32LE(start + 4) : program.readUInt32BE(start + 4),
    };
  });
}

/** The reverse of {@link decodeProgram}. */
export function encodeProgram(instructions: readonly Instruction[], order: ByteOrder = 'little-endian'): Buffer {
  const little = order === 'little-endian';
  const program = Buffer.alloc(instructions.length * INSTRUCTION_BYTES);
  instructions.forEach(({ code, ifTrue, ifFalse, k }, index) => {
    const start = index * INSTRUCTION_BYTES;
    if (little) program.writeUInt16LE(code, start);
    else program.writeUInt16BE(code, start);
    program.writeUInt8(ifTrue, start + 2);
    program.writeUInt8(ifFalse, start + 3);
    if (little) program.writeUInt32LE(k, start + 4);
    else program.writeUInt32BE(k, start + 4);
  });
  return program;
}
