import { BenchError } from '../../errors.js';
import type { RawSource } from '../../model/profile/source.js';
import { formatCount } from '../../model/numbers.js';

const INSTRUCTION_BYTES = 8;
/** BPF_MAXINSNS of linux/bpf_common.h. */
const MOST_INSTRUCTIONS = 4096;
/** Other bytes have a known opcode now and then; a filter has one in every instruction. */
const ENOUGH = 0.9;
/** How many instructions decide. */
const LOOKED_AT = 512;

/**
 * The opcodes of classic BPF, in order: loads, stores, arithmetic with a constant and with X, negation, jumps, returns,
 * transfers. Source: bpf_check_classic in net/core/filter.c of Linux 6.12.
 */
const OPCODES: ReadonlySet<number> = new Set([
  ...[0x00, 0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0x60, 0x80, 0x01, 0x61, 0x81, 0xb1, 0x02, 0x03],
  ...[0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x90, 0xa0].flatMap((operation) => [
    operation | 0x04,
    operation | 0x0c,
  ]),
  0x84,
  ...[0x05, 0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d],
  ...[0x06, 0x0e, 0x16, 0x07, 0x87],
]);

/** Whether bytes look like a BPF filter, in the byte order of x86 and arm64 or in the other one. */
export function looksLikeFilter(bytes: Uint8Array): 'little-endian' | 'big-endian' | null {
  const count = Math.min(Math.floor(bytes.length / INSTRUCTION_BYTES), LOOKED_AT);
  if (count === 0) return null;
  if (shareOfOpcodes(bytes, count, 0) >= ENOUGH) return 'little-endian';
  return shareOfOpcodes(bytes, count, 1) >= ENOUGH ? 'big-endian' : null;
}

/** The share of instructions with a known opcode in byte `at`, and 0 in the other byte of the 16-bit field. */
function shareOfOpcodes(bytes: Uint8Array, count: number, at: 0 | 1): number {
  let known = 0;
  for (let start = 0; start < count * INSTRUCTION_BYTES; start += INSTRUCTION_BYTES)
    if (bytes[start + 1 - at] === 0 && OPCODES.has(bytes[start + at] ?? -1)) known += 1;
  return known / count;
}

/** A filter as it is. Throws `input` for a size that no filter has. */
export function rawSource(bytes: Uint8Array, name: string, form: RawSource['form']): RawSource {
  const { length } = bytes;
  if (length === 0 || length % INSTRUCTION_BYTES !== 0)
    throw new BenchError(
      'input',
      `${name}: a raw BPF filter has 8 bytes an instruction, and ${length} bytes are not a multiple of 8`,
      { hint: 'The file is cut off or not a filter.' },
    );
  const instructions = length / INSTRUCTION_BYTES;
  if (instructions > MOST_INSTRUCTIONS)
    throw new BenchError(
      'input',
      `${name}: a BPF filter has at most ${formatCount(MOST_INSTRUCTIONS)} instructions, and this file has \
${formatCount(instructions)}`,
      { hint: 'The kernel refuses longer filters.' },
    );
  return { kind: 'raw', form, name, filter: Buffer.from(bytes) };
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const BASE64_GROUP = 4;

/** The bytes of a text in base64, with or without line breaks; `null` where it is none. */
function fromBase64(text: string): Buffer | null {
  const packed = text.replace(/\s+/g, '');
  if (packed.length % BASE64_GROUP === 1 || !BASE64.test(packed)) return null;
  return Buffer.from(packed, 'base64');
}

/** Whether a text is a filter in base64. */
export function isPackedFilter(text: string): boolean {
  const packed = fromBase64(text);
  return packed !== null && looksLikeFilter(packed) !== null;
}

/** Whether a text is a filter in the alphabet of base64 for URLs, which runtimes do not read. */
export const isUrlBase64Filter = (text: string): boolean =>
  /[-_]/.test(text) && isPackedFilter(text.replaceAll('-', '+').replaceAll('_', '/'));

/** A filter in base64, as in crun's annotation run.oci.seccomp_bpf_data. Throws `input`. */
export function base64Source(text: string, name: string): RawSource {
  const bytes = fromBase64(text);
  if (bytes === null)
    throw new BenchError('input', `${name} is not base64`, {
      hint: 'Give the value of the annotation alone, without its name and quotes.',
    });
  return rawSource(bytes, name, 'bpf-base64');
}
