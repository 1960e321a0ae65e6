import type { ByteOrder } from '../../model/filter/simulation.js';

/**
 * Architectures as the kernel's audit subsystem numbers them (linux/audit.h, linux/elf-em.h); seccomp_data.arch holds
 * this number, and libseccomp uses it as its token. x32 and the MIPS n32 forms are libseccomp's own tokens for a second
 * ABI of one architecture.
 */
export const AUDIT_ARCH = {
  X86: 0x40000003,
  X86_64: 0xc000003e,
  ARM: 0x40000028,
  AARCH64: 0xc00000b7,
} as const;

/** {@link AUDIT_ARCH} of a machine that bench runs on, by `uname -m`. */
export const auditArch = (machine: 'x86_64' | 'aarch64'): number =>
  machine === 'x86_64' ? AUDIT_ARCH.X86_64 : AUDIT_ARCH.AARCH64;

/** __AUDIT_ARCH_LE: the byte order is part of the number. */
const LITTLE_ENDIAN = 0x40000000;

/** Byte orders by libseccomp's names, for machines without libseccomp. */
const LITTLE: ReadonlySet<string> = new Set([
  'x86',
  'x86_64',
  'x32',
  'arm',
  'aarch64',
  'loongarch64',
  'mipsel',
  'mipsel64',
  'mipsel64n32',
  'ppc64le',
  'riscv64',
  'sh',
]);
const BIG: ReadonlySet<string> = new Set([
  'm68k',
  'mips',
  'mips64',
  'mips64n32',
  'parisc',
  'parisc64',
  'ppc',
  'ppc64',
  's390',
  's390x',
  'sheb',
]);

/** The architectures of all versions of libseccomp, by its names and in its order. */
export const LIBSECCOMP_NAMES = [
  'x86',
  'x86_64',
  'x32',
  'arm',
  'aarch64',
  'loongarch64',
  'm68k',
  'mips',
  'mips64',
  'mips64n32',
  'mipsel',
  'mipsel64',
  'mipsel64n32',
  'parisc',
  'parisc64',
  'ppc',
  'ppc64',
  'ppc64le',
  's390',
  's390x',
  'riscv64',
  'sheb',
  'sh',
] as const;

/** libseccomp's name for an architecture of an OCI spec: `x86_64` for `SCMP_ARCH_X86_64`. */
export const libseccompName = (ociName: string): string => ociName.replace(/^SCMP_ARCH_/, '').toLowerCase();

/** libseccomp's name for a machine by `uname -m`. */
export function nativeName(machine: string): string {
  if (/^i[3-6]86$/.test(machine)) return 'x86';
  if (/^armv\d/.test(machine)) return 'arm';
  return machine;
}

/** The byte order in a libseccomp token. */
export const byteOrderOfToken = (token: number): ByteOrder =>
  (token & LITTLE_ENDIAN) === 0 ? 'big-endian' : 'little-endian';

/** The byte order by libseccomp's name; `undefined` where the name is unknown. */
export function byteOrderOfName(name: string): ByteOrder | undefined {
  if (LITTLE.has(name)) return 'little-endian';
  return BIG.has(name) ? 'big-endian' : undefined;
}
