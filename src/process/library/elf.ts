import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { fileError } from '../../errors.js';

/** What an ELF file says of itself in its headers (elf(5)). */
export interface ElfFacts {
  /** By `uname -m`, such as x86_64 and aarch64; `ELF machine N` for one without a name here. */
  readonly machine: string;
  /** Whether it can be loaded into a process: a shared library, or a program that is built like one. */
  readonly shared: boolean;
  /** The loader that a dynamically linked program names; absent for static programs and for libraries. */
  readonly interpreter?: string;
  /** Whether the file ends before the parts that it says it has. */
  readonly truncated: boolean;
}

const HEADER_BYTES = 64;
const MAGIC = 0x7f454c46;
const CLASS_32 = 1;
const BIG_ENDIAN = 2;
const ET_DYN = 3;
const PT_LOAD = 1;
const PT_INTERP = 3;
const LONGEST_PATH = 4096;
const MOST_SEGMENTS = 1024;

/** e_machine of 64-bit files; 32-bit ones of the same number have another name. */
const MACHINES: Readonly<Record<number, readonly [wide: string, narrow: string]>> = {
  2: ['sparc', 'sparc'],
  3: ['i386', 'i386'],
  8: ['mips64', 'mips'],
  20: ['ppc', 'ppc'],
  21: ['ppc64', 'ppc64'],
  22: ['s390x', 's390'],
  40: ['arm', 'arm'],
  62: ['x86_64', 'x32'],
  183: ['aarch64', 'aarch64'],
  243: ['riscv64', 'riscv32'],
  258: ['loongarch64', 'loongarch32'],
};

/** The headers of a file; `undefined` where it is no ELF file. Throws `input` where it cannot be read. */
export function readElf(path: string): ElfFacts | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw fileError('read', path, error);
  }
  try {
    const facts = fstatSync(fd);
    // A folder cannot be read, and a FIFO would wait for a writer.
    return facts.isFile() ? factsOf(fd, facts.size) : undefined;
  } catch (error) {
    throw fileError('read', path, error);
  } finally {
    closeSync(fd);
  }
}

function factsOf(fd: number, size: number): ElfFacts | undefined {
  const header = part(fd, 0, HEADER_BYTES);
  if (header.length < HEADER_BYTES || header.readUInt32BE(0) !== MAGIC) return undefined;
  const fields = new Fields(header[4] === CLASS_32, header[5] === BIG_ENDIAN);
  const number = fields.half(header, 18);
  const names = MACHINES[number];
  const segments = segmentsOf(fd, header, fields);
  const interpreter = segments.find(({ type }) => type === PT_INTERP);
  return {
    machine: names?.[fields.narrow ? 1 : 0] ?? `ELF machine ${number}`,
    shared: fields.half(header, 16) === ET_DYN,
    ...(interpreter === undefined ? {} : { interpreter: textAt(fd, interpreter) }),
    truncated: segments.some(({ type, offset, bytes }) => type === PT_LOAD && offset + bytes > size),
  };
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly bytes: number;
}

function segmentsOf(fd: number, header: Buffer, fields: Fields): readonly Segment[] {
  const [start, entryBytes, count] = fields.narrow
    ? [fields.word(header, 28), fields.half(header, 42), fields.half(header, 44)]
    : [fields.address(header, 32), fields.half(header, 54), fields.half(header, 56)];
  const [offsetAt, bytesAt, least] = fields.narrow ? [4, 16, 32] : [8, 32, 56];
  if (entryBytes < least) return [];
  return Array.from({ length: Math.min(count, MOST_SEGMENTS) }, (_, index): Segment => {
    const entry = part(fd, start + index * entryBytes, least);
    // What the file does not have anymore counts as a part beyond its end.
    if (entry.length < least) return { type: PT_LOAD, offset: Infinity, bytes: 0 };
    return {
      type: fields.word(entry, 0),
      offset: fields.address(entry, offsetAt),
      bytes: fields.address(entry, bytesAt),
    };
  });
}

const textAt = (fd: number, { offset, bytes }: Segment): string =>
  part(fd, offset, Math.min(bytes, LONGEST_PATH)).toString('utf8').replace(/\0.*$/s, '');

function part(fd: number, offset: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  if (!Number.isSafeInteger(offset)) return Buffer.alloc(0);
  return buffer.subarray(0, readSync(fd, buffer, 0, bytes, offset));
}

/** Reads the numbers of a file of either width and byte order. */
class Fields {
  readonly narrow: boolean;
  readonly #big: boolean;

  constructor(narrow: boolean, big: boolean) {
    this.narrow = narrow;
    this.#big = big;
  }

  half = (from: Buffer, at: number): number => (this.#big ? from.readUInt16BE(at) : from.readUInt16LE(at));

  word = (from: Buffer, at: number): number => (this.#big ? from.readUInt32BE(at) : from.readUInt32LE(at));

  address(from: Buffer, at: number): number {
    if (this.narrow) return this.word(from, at);
    return Number(this.#big ? from.readBigUInt64BE(at) : from.readBigUInt64LE(at));
  }
}
