import { ALWAYS_ALLOWED } from './docker-calls.js';
import {
  AF_ALG,
  AF_VSOCK,
  allow,
  BY_ARCHITECTURE,
  changed,
  CLONES,
  COMMON_ARCHITECTURES,
  ENOSYS,
  entry,
  EPERM,
  fail,
  PERSONALITIES,
  socket,
  withCap,
  type WrittenProfile,
  type WrittenRule,
} from './rules.js';
import type { ProfileFamily } from './family.js';

/** Calls by capability, in all versions. */
const BY_CAPABILITY: readonly WrittenRule[] = [
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

/** Only AF_VSOCK is refused. */
const WITHOUT_VSOCK = [socket('NE', AF_VSOCK, 'every family but AF_VSOCK')];

const BELOW_VSOCK = [
  socket('LT', AF_ALG, 'every family below AF_ALG'),
  socket('EQ', AF_ALG + 1, 'between AF_ALG and AF_VSOCK'),
];
/** AF_ALG, too. */
const WITHOUT_ALG = [...BELOW_VSOCK, socket('GT', AF_VSOCK, 'every family above AF_VSOCK')];

/** AF_ALG, too, and every value above the last family of Linux 6. */
const LAST_FAMILY = 45;
const UP_TO_LAST = [
  ...BELOW_VSOCK,
  ...Array.from({ length: LAST_FAMILY - AF_VSOCK }, (_, index) =>
    socket('EQ', AF_VSOCK + 1 + index, 'a family above AF_VSOCK'),
  ),
];

interface Difference {
  readonly date: string;
  readonly sockets: readonly WrittenRule[];
  /** Whether LoongArch is in `archMap`. */
  readonly loongArch?: false;
  /** socketcall(2) has the family in memory, out of reach of a filter: `enosys` refuses all of it. */
  readonly socketcall?: 'enosys';
}

/**
 * What the released versions of the module differ in. Source: moby/profiles, tags seccomp/v0.1.0 to seccomp/v0.2.4,
 * file seccomp/default.json; a file with these differences has the SHA-256 of the original (v0.2.0: its size). v0.2.1
 * and v0.2.3 have the same rules. Docker Engine 28.5 and 29.1 have v0.1.0, 29.4.2 has v0.2.2, 29.4.3 to 29.8 have
 * v0.2.3.
 */
const VERSIONS: Readonly<Record<string, Difference>> = {
  'v0.1.0': { date: '2025-07', sockets: WITHOUT_VSOCK, loongArch: false },
  'v0.2.0': { date: '2026-04', sockets: WITHOUT_VSOCK },
  'v0.2.1': { date: '2026', sockets: WITHOUT_ALG },
  'v0.2.2': { date: '2026-05', sockets: WITHOUT_ALG, socketcall: 'enosys' },
  'v0.2.3': { date: '2026-05', sockets: WITHOUT_ALG },
  'v0.2.4': { date: '2026', sockets: UP_TO_LAST },
};

const profileOf = ({ sockets, loongArch, socketcall }: Difference): WrittenProfile => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: EPERM,
  // Docker's order, which policy `all` keeps.
  archMap: [...COMMON_ARCHITECTURES, entry('RISCV64'), ...(loongArch === false ? [] : [entry('LOONGARCH64')])],
  syscalls: [
    allow(changed(ALWAYS_ALLOWED, socketcall === 'enosys' ? { without: 'socketcall' } : {})),
    ...(socketcall === 'enosys' ? [fail(ENOSYS, 'socketcall')] : []),
    ...sockets,
    ...PERSONALITIES,
    TRACING,
    ...CLONES,
    ...BY_ARCHITECTURE,
    ...BY_CAPABILITY,
  ],
});

/** Docker's default profile. The version is that of Docker Engine 29.4.3 to 29.8. */
export const DOCKER: ProfileFamily = {
  name: 'docker',
  current: 'v0.2.3',
  versions: Object.fromEntries(
    Object.entries(VERSIONS).map(([version, difference]) => [
      version,
      {
        source: `moby/profiles seccomp ${version}`,
        date: difference.date,
        profile: () => profileOf(difference),
      },
    ]),
  ),
};
