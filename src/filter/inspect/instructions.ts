import { createHash } from 'node:crypto';
import type { FilterFacts } from '../../model/run/evidence.js';
import type { ByteOrder } from '../../model/filter/simulation.js';

/** struct sock_filter: 16-bit code, two 8-bit jumps, 32-bit k. */
export const INSTRUCTION_BYTES = 8;

/** One classic-BPF instruction; jumps count instructions from the next one. */
export interface Instruction {
  readonly code: number;
  readonly ifTrue: number;
  readonly ifFalse: number;
  readonly k: number;
}

/** Length and hash of a filter (array of struct sock_filter). */
export function filterFacts(filter: Buffer): FilterFacts {
  return {
    instructions: filter.length / INSTRUCTION_BYTES,
    sha256: createHash('sha256').update(filter).digest('hex'),
  };
}

/** The instructions of a filter in the byte order of the machine it is for. Bytes left over at the end are ignored. */
export function decodeFilter(filter: Buffer, order: ByteOrder = 'little-endian'): Instruction[] {
  const little = order === 'little-endian';
  return Array.from({ length: Math.floor(filter.length / INSTRUCTION_BYTES) }, (_, index) => {
    const start = index * INSTRUCTION_BYTES;
    return {
      code: little ? filter.readUInt16LE(start) : filter.readUInt16BE(start),
      ifTrue: filter.readUInt8(start + 2),
      ifFalse: filter.readUInt8(start + 3),
      k: little ? filter.readUInt32LE(start + 4) : filter.readUInt32BE(start + 4),
    };
  });
}

/** The reverse of {@link decodeFilter}. */
export function encodeFilter(instructions: readonly Instruction[], order: ByteOrder = 'little-endian'): Buffer {
  const little = order === 'little-endian';
  const filter = Buffer.alloc(instructions.length * INSTRUCTION_BYTES);
  instructions.forEach(({ code, ifTrue, ifFalse, k }, index) => {
    const start = index * INSTRUCTION_BYTES;
    if (little) filter.writeUInt16LE(code, start);
    else filter.writeUInt16BE(code, start);
    filter.writeUInt8(ifTrue, start + 2);
    filter.writeUInt8(ifFalse, start + 3);
    if (little) filter.writeUInt32LE(k, start + 4);
    else filter.writeUInt32BE(k, start + 4);
  });
  return filter;
}
