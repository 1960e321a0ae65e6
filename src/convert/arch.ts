import { unknownName } from '../errors.js';
import type { GoArch } from '../model/profile/seccomp.js';
import { ownValue } from '../model/own-value.js';

/** Go's GOARCH names for Linux, and what `uname -m` calls the same machines. */
const UNAME_NAMES: Readonly<Record<GoArch, readonly string[]>> = {
  386: ['i386', 'i486', 'i586', 'i686', 'x86'],
  amd64: ['x86_64', 'x64'],
  arm: ['armv5l', 'armv5tel', 'armv5tejl', 'armv6l', 'armv7', 'armv7l', 'armv8l', 'armhf', 'armel'],
  arm64: ['aarch64', 'armv8'],
  armbe: ['armeb', 'armv7b'],
  arm64be: ['aarch64_be'],
  loong64: ['loongarch64'],
  mips: [],
  mipsle: ['mipsel'],
  mips64: [],
  mips64le: ['mips64el', 'mipsel64'],
  mips64p32: ['mips64n32', 'mipsn32'],
  mips64p32le: ['mipsel64n32', 'mips64n32el', 'mipsn32el'],
  ppc: ['powerpc'],
  ppc64: ['powerpc64'],
  ppc64le: ['powerpc64le', 'ppc64el'],
  riscv: ['riscv32'],
  riscv64: [],
  s390: [],
  s390x: [],
  sparc: [],
  sparc64: [],
};

const BY_NAME = new Map(
  Object.entries(UNAME_NAMES).flatMap(([go, names]) => [go, ...names].map((name) => [name, go] as const)),
);

/** Go's name of an architecture (`amd64`), from Go's name or from that of `uname -m` (`x86_64`). Throws `usage`. */
export function goArchFromName(name: string): GoArch {
  const found = BY_NAME.get(name.trim().toLowerCase());
  if (found !== undefined) return found;
  throw unknownName(name, 'an architecture', [...BY_NAME.keys()], {
    hint: `Known: ${Object.keys(UNAME_NAMES).join(', ')}, and the names that uname -m prints for them.`,
  });
}

/**
 * moby's names of hosts in `includes.arches` and `excludes.arches`. Source: goToNative in moby/profiles seccomp v0.2.3;
 * as there, `mipsle` and `loong64` have names that the next table lacks.
 */
const NATIVE_NAMES: Readonly<Record<GoArch, string>> = {
  386: 'x86',
  amd64: 'amd64',
  arm: 'arm',
  arm64: 'arm64',
  loong64: 'loongarch64',
  mips64: 'mips64',
  mips64p32: 'mips64n32',
  mips64le: 'mipsel64',
  mips64p32le: 'mips3l64n32',
  mipsle: 'mipsel',
  ppc: 'ppc',
  ppc64: 'ppc64',
  ppc64le: 'ppc64le',
  riscv64: 'riscv64',
  s390: 's390',
  s390x: 's390x',
};

/** moby's name of the host in the conditions of rules; "" for hosts that its table lacks. */
export const nativeName = (arch: GoArch): string => NATIVE_NAMES[arch] ?? '';

/** libseccomp's names by moby's. Source: nativeToSeccomp in moby/profiles seccomp v0.2.3. */
const MOBY_SECCOMP: Readonly<Record<string, string>> = {
  x86: 'SCMP_ARCH_X86',
  amd64: 'SCMP_ARCH_X86_64',
  arm: 'SCMP_ARCH_ARM',
  arm64: 'SCMP_ARCH_AARCH64',
  loong64: 'SCMP_ARCH_LOONGARCH64',
  mips64: 'SCMP_ARCH_MIPS64',
  mips64n32: 'SCMP_ARCH_MIPS64N32',
  mipsel64: 'SCMP_ARCH_MIPSEL64',
  mips3l64n32: 'SCMP_ARCH_MIPSEL64N32',
  mipsle: 'SCMP_ARCH_MIPSEL',
  ppc: 'SCMP_ARCH_PPC',
  ppc64: 'SCMP_ARCH_PPC64',
  ppc64le: 'SCMP_ARCH_PPC64LE',
  riscv64: 'SCMP_ARCH_RISCV64',
  s390: 'SCMP_ARCH_S390',
  s390x: 'SCMP_ARCH_S390X',
};

/**
 * The architectures that a host's kernel also runs, by libseccomp's names. Source: archMap of the default profile of
 * moby/profiles seccomp v0.2.3; a host that is not in it runs its own.
 */
const COMPAT: Readonly<Record<string, readonly string[]>> = {
  SCMP_ARCH_X86_64: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  SCMP_ARCH_AARCH64: ['SCMP_ARCH_ARM'],
  SCMP_ARCH_MIPS64: ['SCMP_ARCH_MIPS', 'SCMP_ARCH_MIPS64N32'],
  SCMP_ARCH_MIPS64N32: ['SCMP_ARCH_MIPS', 'SCMP_ARCH_MIPS64'],
  SCMP_ARCH_MIPSEL64: ['SCMP_ARCH_MIPSEL', 'SCMP_ARCH_MIPSEL64N32'],
  SCMP_ARCH_MIPSEL64N32: ['SCMP_ARCH_MIPSEL', 'SCMP_ARCH_MIPSEL64'],
  SCMP_ARCH_S390X: ['SCMP_ARCH_S390'],
};

/** A host's own architecture and its compat ones; empty for hosts that moby's tables lack. */
export function hostFamily(arch: GoArch): readonly string[] {
  const own = mobySeccompArch(arch) ?? OTHERS[arch];
  return own === undefined ? [] : [own, ...(COMPAT[own] ?? [])];
}

/** Hosts that moby's tables lack and libseccomp knows. */
const OTHERS: Readonly<Record<GoArch, string>> = {
  loong64: 'SCMP_ARCH_LOONGARCH64',
  mips: 'SCMP_ARCH_MIPS',
  mipsle: 'SCMP_ARCH_MIPSEL',
};

/** iSulad knows two hosts (seccomp_optimization.md, 2021-12-30). */
const ISULAD_SECCOMP: Readonly<Record<GoArch, string>> = {
  386: 'SCMP_ARCH_X86_64',
  amd64: 'SCMP_ARCH_X86_64',
  arm: 'SCMP_ARCH_AARCH64',
  arm64: 'SCMP_ARCH_AARCH64',
};

/** The libseccomp name by which moby finds the host in `archMap`; `undefined` for hosts that its tables lack. */
export const mobySeccompArch = (arch: GoArch): string | undefined => ownValue(MOBY_SECCOMP, nativeName(arch));

/** The same for iSulad. */
export const isuladSeccompArch = (arch: GoArch): string | undefined => ISULAD_SECCOMP[arch];

/**
 * iSulad's names for libseccomp's architectures, as `includes.arches` mentions them. Source:
 * seccomp_trans_arch_for_docker in iSulad's specs_security.c of 2021.
 */
const ISULAD_NAMES: Readonly<Record<string, string>> = {
  SCMP_ARCH_X86: 'x86',
  SCMP_ARCH_X86_64: 'amd64',
  SCMP_ARCH_X32: 'x32',
  SCMP_ARCH_ARM: 'arm',
  SCMP_ARCH_AARCH64: 'arm64',
  SCMP_ARCH_MIPS: 'mips',
  SCMP_ARCH_MIPS64: 'mips64',
  SCMP_ARCH_MIPS64N32: 'mips64n32',
  SCMP_ARCH_MIPSEL: 'mipsel',
  SCMP_ARCH_MIPSEL64: 'mipsel64',
  SCMP_ARCH_MIPSEL64N32: 'mipsel64n32',
  SCMP_ARCH_PPC: 'ppc',
  SCMP_ARCH_PPC64: 'ppc64',
  SCMP_ARCH_PPC64LE: 'ppc64le',
  SCMP_ARCH_S390: 's390',
  SCMP_ARCH_S390X: 's390x',
  SCMP_ARCH_PARISC: 'parisc',
  SCMP_ARCH_PARISC64: 'parisc64',
  SCMP_ARCH_ALL: 'all',
};

/** The names of iSulad before its architecture filter. */
export const ISULAD_NAMES_BEFORE: ReadonlyMap<string, string> = new Map(Object.entries(ISULAD_NAMES));

/** The names of iSulad with the filter: it learned riscv64 with it, and loong64 in January 2025. */
export const ISULAD_NAMES_AFTER: ReadonlyMap<string, string> = new Map([
  ...ISULAD_NAMES_BEFORE,
  ['SCMP_ARCH_RISCV64', 'riscv64'],
  ['SCMP_ARCH_LOONGARCH64', 'loong64'],
]);
