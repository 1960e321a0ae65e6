import { ALWAYS_ALLOWED } from './default-calls.js';

/** A rule as Docker's format writes it. */
interface WrittenRule {
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

const ALLOW = 'SCMP_ACT_ALLOW';
const ENOSYS = 38;
const EPERM = 1;

const allow = (calls: string, rest: Omit<WrittenRule, 'names' | 'action'> = {}): WrittenRule => ({
  names: calls.split(' '),
  action: ALLOW,
  ...rest,
});
const withCap = (cap: string, calls: string): WrittenRule => allow(calls, { includes: { caps: [cap] } });
const onArches = (arches: string, calls: string): WrittenRule =>
  allow(calls, { includes: { arches: arches.split(' ') } });
const argument = (index: number, op: string, value: number): readonly WrittenArg[] => [{ index, value, op }];

/**
 * Address families of socket(2) that are refused: AF_ALG (38, the kernel's crypto interface) and AF_VSOCK (40, which
 * bypasses namespaces).
 */
const AF_ALG = 38;
const AF_VSOCK = 40;
const SOCKET_FAMILIES = [
  allow('socket', { args: argument(0, 'SCMP_CMP_LT', AF_ALG), comment: 'every family below AF_ALG' }),
  allow('socket', { args: argument(0, 'SCMP_CMP_EQ', AF_ALG + 1), comment: 'between AF_ALG and AF_VSOCK' }),
  allow('socket', { args: argument(0, 'SCMP_CMP_GT', AF_VSOCK), comment: 'every family above AF_VSOCK' }),
];

/** Linux, 32-bit Linux, both with UNAME26, and the query. */
const PERSONALITIES = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff].map((persona) =>
  allow('personality', { args: argument(0, 'SCMP_CMP_EQ', persona) }),
);

/** CLONE_NEW* without CLONE_NEWTIME: new namespaces require CAP_SYS_ADMIN. */
const NAMESPACE_FLAGS = 0x7e020000;
const S390 = ['s390', 's390x'];
const WITHOUT_ADMIN = ['CAP_SYS_ADMIN'];
const CLONES: readonly WrittenRule[] = [
  allow('clone', {
    args: argument(0, 'SCMP_CMP_MASKED_EQ', NAMESPACE_FLAGS),
    comment: 'no new namespaces',
    excludes: { caps: WITHOUT_ADMIN, arches: S390 },
  }),
  allow('clone', {
    args: argument(1, 'SCMP_CMP_MASKED_EQ', NAMESPACE_FLAGS),
    comment: 'no new namespaces; s390 has the flags second',
    includes: { arches: S390 },
    excludes: { caps: WITHOUT_ADMIN },
  }),
  {
    names: ['clone3'],
    action: 'SCMP_ACT_ERRNO',
    errnoRet: ENOSYS,
    excludes: { caps: WITHOUT_ADMIN },
    comment: 'its flags lie in memory, out of reach of a filter; ENOSYS makes libc fall back to clone',
  },
];

const BY_ARCHITECTURE = [
  onArches('amd64 x32', 'arch_prctl'),
  onArches('amd64 x32 x86', 'modify_ldt'),
  onArches('arm arm64', 'arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2'),
  onArches('ppc64le', 'swapcontext sync_file_range2'),
  onArches('riscv64', 'riscv_flush_icache'),
  onArches('s390 s390x', 's390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr'),
];

const BY_CAPABILITY = [
  withCap(
    'CAP_SYS_ADMIN',
    'bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr ' +
      'lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl ' +
      'quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare',
  ),
  withCap('CAP_BPF', 'bpf'),
  withCap('CAP_DAC_READ_SEARCH', 'open_by_handle_at'),
  withCap('CAP_PERFMON', 'perf_event_open'),
  withCap('CAP_SYSLOG', 'syslog'),
  withCap('CAP_SYS_BOOT', 'reboot'),
  withCap('CAP_SYS_CHROOT', 'chroot'),
  withCap('CAP_SYS_MODULE', 'delete_module finit_module init_module'),
  withCap('CAP_SYS_NICE', 'get_mempolicy mbind set_mempolicy set_mempolicy_home_node'),
  withCap('CAP_SYS_PACCT', 'acct'),
  withCap('CAP_SYS_PTRACE', 'kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace'),
  withCap('CAP_SYS_RAWIO', 'ioperm iopl'),
  withCap('CAP_SYS_TIME', 'clock_settime clock_settime64 settimeofday stime'),
  withCap('CAP_SYS_TTY_CONFIG', 'vhangup'),
];

const TRACING = allow('process_vm_readv process_vm_writev ptrace', {
  includes: { minKernel: '4.8' },
  comment: 'older kernels let a tracer change a call after the filter has seen it',
});

const entry = (architecture: string, subArchitectures = ''): object => ({
  architecture: `SCMP_ARCH_${architecture}`,
  subArchitectures: subArchitectures === '' ? null : subArchitectures.split(' ').map((name) => `SCMP_ARCH_${name}`),
});

/**
 * Docker's architectures in Docker's order, which policy `all` keeps; iSulad's search stops at the last two, which it
 * does not know.
 */
const ARCH_MAP = [
  entry('X86_64', 'X86 X32'),
  entry('AARCH64', 'ARM'),
  entry('MIPS64', 'MIPS MIPS64N32'),
  entry('MIPS64N32', 'MIPS MIPS64'),
  entry('MIPSEL64', 'MIPSEL MIPSEL64N32'),
  entry('MIPSEL64N32', 'MIPSEL MIPSEL64'),
  entry('S390X', 'S390'),
  entry('RISCV64'),
  entry('LOONGARCH64'),
];

/**
 * The built-in default profile as text in Docker's format. It behaves like the default profile of moby/profiles seccomp
 * v0.2.3 on every architecture, kernel and set of capabilities, but is written anew.
 */
export function defaultProfile(): { readonly text: string; readonly name: string } {
  const syscalls = [
    { names: ALWAYS_ALLOWED, action: ALLOW },
    ...SOCKET_FAMILIES,
    ...PERSONALITIES,
    TRACING,
    ...CLONES,
    ...BY_ARCHITECTURE,
    ...BY_CAPABILITY,
  ];
  const profile = { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: EPERM, archMap: ARCH_MAP, syscalls };
  return { text: `${JSON.stringify(profile, null, '\t')}\n`, name: 'built-in default profile' };
}
