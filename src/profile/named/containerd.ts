import { ALWAYS_ALLOWED } from './docker-calls.js';
import type { ProfileFamily } from './family.js';
import {
  AF_VSOCK,
  allow,
  BY_ARCHITECTURE,
  changed,
  CLONES,
  entry,
  PERSONALITIES,
  socket,
  withCap,
  type WrittenProfile,
  type WrittenRule,
} from './rules.js';

interface Difference {
  readonly year: string;
  /** Against Docker's calls of ALWAYS_ALLOWED. */
  readonly calls: { readonly without: string; readonly plus?: string };
  readonly sockets: readonly WrittenRule[];
  /** Allowed from Linux 4.8 on. */
  readonly tracing: string;
  readonly loongArch: boolean;
  readonly handlesForAdmin?: true;
  readonly memoryPolicy: string;
}

/** Of Linux 6.8 to 6.13. */
const NEW_CALLS = 'getxattrat listmount listxattrat mseal removexattrat riscv_hwprobe setxattrat statmount uretprobe';
/** Of Linux 6.5 to 6.7, and one that containerd allowed late. */
const LATER_CALLS = 'cachestat fchmodat2 futex_requeue futex_wait futex_wake map_shadow_stack name_to_handle_at';
const IO_URING = 'io_uring_enter io_uring_register io_uring_setup';
const WITHOUT_VSOCK = [socket('NE', AF_VSOCK, 'every family but AF_VSOCK')];
const TRACING = 'process_vm_readv process_vm_writev ptrace';
const MEMORY_POLICY = 'get_mempolicy mbind set_mempolicy';

/**
 * What the versions differ in. Source: containerd's contrib/seccomp/seccomp_default.go, function DefaultProfile, in the
 * source packages of Debian 12, 13 and unstable; there it is Go code that depends on capabilities, kernel and
 * architecture, here the same as conditions of Docker's format.
 */
const VERSIONS: Readonly<Record<string, Difference>> = {
  'v1.6.20': {
    year: '2023',
    calls: { without: `${NEW_CALLS} ${LATER_CALLS}`, plus: `${IO_URING} socket` },
    sockets: [],
    tracing: 'ptrace',
    loongArch: false,
    handlesForAdmin: true,
    memoryPolicy: MEMORY_POLICY,
  },
  'v1.7.24': {
    year: '2024',
    calls: { without: NEW_CALLS, plus: IO_URING },
    sockets: WITHOUT_VSOCK,
    tracing: TRACING,
    loongArch: false,
    memoryPolicy: `${MEMORY_POLICY} set_mempolicy_home_node`,
  },
  'v2.1.9': {
    year: '2026',
    calls: { without: NEW_CALLS },
    sockets: WITHOUT_VSOCK,
    tracing: TRACING,
    loongArch: true,
    memoryPolicy: `${MEMORY_POLICY} set_mempolicy_home_node`,
  },
};

const byCapability = ({ handlesForAdmin, memoryPolicy }: Difference): readonly WrittenRule[] => [
  withCap(
    'CAP_SYS_ADMIN',
    'bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount ' +
      `${handlesForAdmin === true ? 'name_to_handle_at ' : ''}open_tree perf_event_open quotactl quotactl_fd ` +
      'setdomainname sethostname setns syslog umount umount2 unshare',
  ),
  withCap('CAP_BPF', 'bpf'),
  withCap('CAP_DAC_READ_SEARCH', 'open_by_handle_at'),
  withCap('CAP_PERFMON', 'perf_event_open'),
  withCap('CAP_SYSLOG', 'syslog'),
  withCap('CAP_SYS_BOOT', 'reboot'),
  withCap('CAP_SYS_CHROOT', 'chroot'),
  withCap('CAP_SYS_MODULE', 'delete_module finit_module init_module'),
  withCap('CAP_SYS_NICE', memoryPolicy),
  withCap('CAP_SYS_PACCT', 'acct'),
  withCap('CAP_SYS_PTRACE', 'kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace'),
  withCap('CAP_SYS_RAWIO', 'ioperm iopl'),
  withCap('CAP_SYS_TIME', 'clock_settime clock_settime64 settimeofday stime'),
  withCap('CAP_SYS_TTY_CONFIG', 'vhangup'),
];

const profileOf = (difference: Difference): WrittenProfile => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  archMap: [
    entry('X86_64', 'X86 X32'),
    entry('AARCH64', 'ARM'),
    entry('MIPS64', 'MIPS MIPS64N32'),
    entry('S390X', 'S390'),
    entry('RISCV64'),
    ...(difference.loongArch ? [entry('LOONGARCH64')] : []),
  ],
  syscalls: [
    allow(changed(ALWAYS_ALLOWED, difference.calls)),
    ...difference.sockets,
    ...PERSONALITIES,
    allow(difference.tracing, { includes: { minKernel: '4.8' } }),
    ...CLONES,
    ...BY_ARCHITECTURE,
    ...byCapability(difference),
  ],
});

/** containerd's default profile, which Kubernetes calls RuntimeDefault on containerd. */
export const CONTAINERD: ProfileFamily = {
  name: 'containerd',
  current: 'v2.1.9',
  versions: Object.fromEntries(
    Object.entries(VERSIONS).map(([version, difference]) => [
      version,
      { source: `containerd ${version}`, date: difference.year, profile: () => profileOf(difference) },
    ]),
  ),
};
