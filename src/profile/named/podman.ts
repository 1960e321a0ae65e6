import { ALWAYS_ALLOWED } from './docker-calls.js';
import type { ProfileFamily } from './family.js';
import {
  AF_VSOCK,
  allow,
  argument,
  BY_ARCHITECTURE,
  changed,
  COMMON_ARCHITECTURES,
  ENOSYS,
  EPERM,
  fail,
  onArches,
  PERSONALITIES,
  withCap,
  type WrittenProfile,
  type WrittenRule,
} from './rules.js';

/** Calls that Podman allows and Docker does not, or not to every container, in all versions. */
const MORE_THAN_DOCKER =
  'clone clone3 fsconfig fsmount fsopen fspick get_mempolicy keyctl mbind mount mount_setattr move_mount open_tree ' +
  'pidfd_getfd pivot_root process_vm_readv process_vm_writev ptrace reboot set_mempolicy setns signal syslog umount ' +
  'umount2 unshare';

/** Calls that Docker allows to every container and Podman does not, in all versions. */
const LESS_THAN_DOCKER =
  'cachestat futex_requeue futex_wait futex_waitv futex_wake getxattrat io_pgetevents io_pgetevents_time64 listmount ' +
  'listxattrat map_shadow_stack mseal removexattrat riscv_hwprobe setxattrat statmount uretprobe vmsplice';

/** Calls that fail with EPERM in all versions. Other calls fail with ENOSYS, so that programs try something else. */
const REFUSED =
  'bdflush io_pgetevents kexec_file_load kexec_load migrate_pages move_pages nfsservctl nice oldfstat oldlstat ' +
  'oldolduname oldstat olduname pciconfig_iobase pciconfig_read pciconfig_write sgetmask ssetmask swapoff swapon ' +
  'sysfs uselib userfaultfd ustat vm86 vm86old vmsplice';
const REFUSED_SINCE_2025 =
  'cachestat futex_requeue futex_wait futex_waitv futex_wake io_pgetevents_time64 map_shadow_stack syscall';

const withoutCaps = (caps: readonly string[], calls: string, rest: Partial<WrittenRule> = {}): WrittenRule =>
  fail(EPERM, calls, { ...rest, excludes: { caps } });

/** Allowed with a capability, EPERM without it. */
const eitherWay = (cap: string, calls: string): readonly WrittenRule[] => [
  withCap(cap, calls),
  withoutCaps([cap], calls),
];

const BY_CAPABILITY: readonly WrittenRule[] = [
  ...eitherWay('CAP_DAC_READ_SEARCH', 'open_by_handle_at'),
  ...eitherWay('CAP_SYS_CHROOT', 'chroot'),
  ...eitherWay('CAP_SYS_MODULE', 'delete_module finit_module init_module query_module'),
  ...eitherWay('CAP_SYS_PACCT', 'acct'),
  ...eitherWay('CAP_SYS_PTRACE', 'kcmp process_madvise'),
  ...eitherWay('CAP_SYS_RAWIO', 'ioperm iopl'),
  ...eitherWay('CAP_SYS_TIME', 'clock_settime clock_settime64 settimeofday stime'),
  ...eitherWay('CAP_SYS_TTY_CONFIG', 'vhangup'),
];

const ADMIN = 'lookup_dcookie quotactl setdomainname sethostname setns';
const ADMIN_2022 = eitherWay('CAP_SYS_ADMIN', `bpf fanotify_init perf_event_open ${ADMIN}`);
/** `more` with the capability only as the others are. CAP_SYS_ADMIN alone gives no perf_event_open. */
const adminSince2025 = (more: string): readonly WrittenRule[] => [
  withCap('CAP_SYS_ADMIN', `bpf quotactl_fd ${more} ${ADMIN}`),
  withoutCaps(['CAP_SYS_ADMIN'], `perf_event_open quotactl_fd ${more} ${ADMIN}`),
  withoutCaps(['CAP_SYS_ADMIN', 'CAP_BPF'], 'bpf perf_event_open'),
  withCap('CAP_BPF', 'bpf'),
  withCap('CAP_PERFMON', 'perf_event_open'),
];

/** Audit messages, of netlink sockets, are for containers with CAP_AUDIT_WRITE only. */
const AF_NETLINK = 16;
const NETLINK_AUDIT = 9;
const EINVAL = 22;
const WITHOUT_AUDIT = { excludes: { caps: ['CAP_AUDIT_WRITE'] } };
const isNetlink = argument(0, 'EQ', AF_NETLINK);
const notAudit = argument(2, 'NE', NETLINK_AUDIT);
const AUDIT_REFUSED = fail(EINVAL, 'socket', {
  args: [isNetlink, argument(2, 'EQ', NETLINK_AUDIT)],
  ...WITHOUT_AUDIT,
});
const NOT_NETLINK = allow('socket', { args: [argument(0, 'NE', AF_NETLINK)], ...WITHOUT_AUDIT });

const SOCKETS: readonly WrittenRule[] = [
  AUDIT_REFUSED,
  allow('socket', { args: [notAudit], ...WITHOUT_AUDIT }),
  NOT_NETLINK,
  withCap('CAP_AUDIT_WRITE', 'socket'),
];

/** AF_VSOCK is refused, too. */
const SOCKETS_WITHOUT_VSOCK: readonly WrittenRule[] = [
  fail(EPERM, 'socket', { args: [argument(0, 'EQ', AF_VSOCK)] }),
  AUDIT_REFUSED,
  allow('socket', { args: [isNetlink, notAudit], ...WITHOUT_AUDIT }),
  NOT_NETLINK,
  allow('socket', { args: [argument(0, 'NE', AF_VSOCK)], includes: { caps: ['CAP_AUDIT_WRITE'] } }),
];

interface Difference {
  readonly year: string;
  readonly refused: string;
  readonly calls: { readonly without: string; readonly plus: string };
  readonly architectures: readonly WrittenRule[];
  readonly admin: readonly WrittenRule[];
  readonly sockets: readonly WrittenRule[];
}

const SINCE_2025: Omit<Difference, 'year' | 'admin' | 'sockets'> = {
  refused: `${REFUSED} ${REFUSED_SINCE_2025}`,
  calls: { without: LESS_THAN_DOCKER, plus: MORE_THAN_DOCKER },
  architectures: BY_ARCHITECTURE,
};

const NOT_ON_PPC_AND_RISCV = ['ppc64le', 'riscv64'];

/**
 * What the versions differ in. Source: seccomp.json of containers/common (of containers/container-libs since 2025), in
 * Debian's package golang-github-containers-common of Debian 12, 13 and unstable.
 */
const VERSIONS: Readonly<Record<string, Difference>> = {
  'v0.50.1': {
    year: '2022',
    refused: `${REFUSED} swapcontext`,
    calls: {
      without: `${LESS_THAN_DOCKER} fchmodat2`,
      plus: `${MORE_THAN_DOCKER} readdir sigaction sigpending sigsuspend syscall timerfd`,
    },
    architectures: [
      ...BY_ARCHITECTURE.filter(({ includes }) => !NOT_ON_PPC_AND_RISCV.includes(includes?.arches?.[0] ?? '')),
      onArches('ppc64le', 'sync_file_range2'),
    ],
    admin: ADMIN_2022,
    sockets: SOCKETS,
  },
  'v0.62.2': { ...SINCE_2025, year: '2025', admin: adminSince2025('fanotify_init'), sockets: SOCKETS },
  'v0.67.1': {
    ...SINCE_2025,
    year: '2026',
    calls: { ...SINCE_2025.calls, plus: `${MORE_THAN_DOCKER} fanotify_init` },
    admin: adminSince2025(''),
    sockets: SOCKETS_WITHOUT_VSOCK,
  },
};

const profileOf = ({ refused, calls, architectures, admin, sockets }: Difference): WrittenProfile => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: ENOSYS,
  archMap: COMMON_ARCHITECTURES,
  syscalls: [
    fail(EPERM, refused),
    allow(changed(ALWAYS_ALLOWED, calls)),
    ...PERSONALITIES,
    ...architectures,
    ...admin,
    ...BY_CAPABILITY,
    ...sockets,
  ],
});

/** Podman's, Buildah's and CRI-O's default profile. The versions are those of containers/common. */
export const PODMAN: ProfileFamily = {
  name: 'podman',
  current: 'v0.67.1',
  versions: Object.fromEntries(
    Object.entries(VERSIONS).map(([version, difference]) => [
      version,
      { source: `containers/common ${version}`, date: difference.year, profile: () => profileOf(difference) },
    ]),
  ),
};
