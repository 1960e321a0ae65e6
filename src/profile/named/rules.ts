/** A rule as Docker's format writes it. */
export interface WrittenRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly WrittenArg[];
  readonly comment?: string;
  readonly includes?: WrittenFilter;
  readonly excludes?: WrittenFilter;
}
interface WrittenArg {
  readonly index: number;
  readonly value: number;
  readonly op: string;
}
interface WrittenFilter {
  readonly caps?: readonly string[];
  readonly arches?: readonly string[];
  readonly minKernel?: string;
}
type RestOfRule = Omit<WrittenRule, 'names' | 'action' | 'errnoRet'>;

/** A profile of Docker's format, before it is text. */
export interface WrittenProfile {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly archMap: readonly object[];
  readonly syscalls: readonly WrittenRule[];
}

export const EPERM = 1;
export const ENOSYS = 38;

/** Names between spaces and line breaks. */
const namesIn = (text: string): readonly string[] => text.trim().split(/\s+/);

export const allow = (calls: string, rest: RestOfRule = {}): WrittenRule => ({
  names: namesIn(calls),
  action: 'SCMP_ACT_ALLOW',
  ...rest,
});
export const fail = (errnoRet: number, calls: string, rest: RestOfRule = {}): WrittenRule => ({
  names: namesIn(calls),
  action: 'SCMP_ACT_ERRNO',
  errnoRet,
  ...rest,
});
export const withCap = (cap: string, calls: string): WrittenRule => allow(calls, { includes: { caps: [cap] } });
export const onArches = (arches: string, calls: string): WrittenRule =>
  allow(calls, { includes: { arches: arches.split(' ') } });
export const argument = (index: number, op: string, value: number): WrittenArg => ({
  index,
  value,
  op: `SCMP_CMP_${op}`,
});

/** A list with and without some names. */
export function changed(
  names: readonly string[],
  change: { readonly without?: string; readonly plus?: string },
): string {
  const gone = new Set(namesIn(change.without ?? ''));
  return `${names.filter((name) => !gone.has(name)).join(' ')} ${change.plus ?? ''}`;
}

/** Address families of socket(2): the kernel's crypto interface, and one that bypasses namespaces. */
export const AF_ALG = 38;
export const AF_VSOCK = 40;

/** socket(2) for families that an operator chooses. */
export const socket = (op: string, family: number, comment: string): WrittenRule =>
  allow('socket', { args: [argument(0, op, family)], comment });

/** Linux, 32-bit Linux, both with UNAME26, and the query. */
export const PERSONALITIES: readonly WrittenRule[] = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff].map((persona) =>
  allow('personality', { args: [argument(0, 'EQ', persona)] }),
);

/** CLONE_NEW* without CLONE_NEWTIME: new namespaces require CAP_SYS_ADMIN. */
const NAMESPACE_FLAGS = 0x7e020000;
const S390 = ['s390', 's390x'];
const WITHOUT_ADMIN = ['CAP_SYS_ADMIN'];

/** Docker's and containerd's rules for new processes in containers without CAP_SYS_ADMIN. */
export const CLONES: readonly WrittenRule[] = [
  allow('clone', {
    args: [argument(0, 'MASKED_EQ', NAMESPACE_FLAGS)],
    comment: 'no new namespaces',
    excludes: { caps: WITHOUT_ADMIN, arches: S390 },
  }),
  allow('clone', {
    args: [argument(1, 'MASKED_EQ', NAMESPACE_FLAGS)],
    comment: 'no new namespaces; s390 has the flags second',
    includes: { arches: S390 },
    excludes: { caps: WITHOUT_ADMIN },
  }),
  fail(ENOSYS, 'clone3', {
    excludes: { caps: WITHOUT_ADMIN },
    comment: 'its flags lie in memory, out of reach of a filter; ENOSYS makes libc fall back to clone',
  }),
];

/** Calls that exist on some architectures only; the four profiles agree on them. */
export const BY_ARCHITECTURE: readonly WrittenRule[] = [
  onArches('amd64 x32', 'arch_prctl'),
  onArches('amd64 x32 x86', 'modify_ldt'),
  onArches('arm arm64', 'arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2'),
  onArches('ppc64le', 'swapcontext sync_file_range2'),
  onArches('riscv64', 'riscv_flush_icache'),
  onArches('s390 s390x', 's390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr'),
];

/** An entry of `archMap`. */
export const entry = (architecture: string, subArchitectures = ''): object => ({
  architecture: `SCMP_ARCH_${architecture}`,
  subArchitectures: subArchitectures === '' ? null : subArchitectures.split(' ').map((name) => `SCMP_ARCH_${name}`),
});

/** The architectures that Docker and Podman both list, in Docker's order. */
export const COMMON_ARCHITECTURES: readonly object[] = [
  entry('X86_64', 'X86 X32'),
  entry('AARCH64', 'ARM'),
  entry('MIPS64', 'MIPS MIPS64N32'),
  entry('MIPS64N32', 'MIPS MIPS64'),
  entry('MIPSEL64', 'MIPSEL MIPSEL64N32'),
  entry('MIPSEL64N32', 'MIPSEL MIPSEL64'),
  entry('S390X', 'S390'),
];

/** A profile as text. */
export const profileText = (profile: WrittenProfile): string => `${JSON.stringify(profile, null, '\t')}\n`;
