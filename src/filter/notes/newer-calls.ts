/**
 * System calls of Linux 5.1 and newer, by the first version that has them (arch/x86/entry/syscalls/syscall_64.tbl,
 * scripts/syscall.tbl; a version of libseccomp may be older than they are): names that are right although the library
 * does not know them.
 */
const BY_VERSION: Readonly<Record<string, string>> = {
  '5.1': 'pidfd_send_signal io_uring_setup io_uring_enter io_uring_register',
  '5.2': 'open_tree move_mount fsopen fsconfig fsmount fspick',
  '5.3': 'pidfd_open clone3',
  '5.6': 'openat2 pidfd_getfd',
  '5.8': 'faccessat2',
  '5.9': 'close_range',
  '5.10': 'process_madvise',
  '5.11': 'epoll_pwait2',
  '5.12': 'mount_setattr',
  '5.13': 'landlock_create_ruleset landlock_add_rule landlock_restrict_self',
  '5.14': 'quotactl_fd memfd_secret',
  '5.15': 'process_mrelease',
  '5.16': 'futex_waitv',
  '5.17': 'set_mempolicy_home_node',
  '6.4': 'riscv_hwprobe',
  '6.5': 'cachestat',
  '6.6': 'fchmodat2 map_shadow_stack',
  '6.7': 'futex_wake futex_wait futex_requeue',
  '6.8': 'statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules',
  '6.10': 'mseal',
  '6.11': 'uretprobe',
  '6.13': 'setxattrat getxattrat listxattrat removexattrat',
  '6.15': 'open_tree_attr',
  '6.17': 'file_getattr file_setattr',
  '6.18': 'uprobe',
  '6.19': 'listns',
  '7.0': 'rseq_slice_yield',
};

const VERSIONS: ReadonlyMap<string, string> = new Map(
  Object.entries(BY_VERSION).flatMap(([version, names]) => names.split(' ').map((name) => [name, version] as const)),
);

/** The Linux version that brought a call, `6.6`; `undefined` for an older call and for a name that is none. */
export const newSince = (name: string): string | undefined => VERSIONS.get(name);

/** The names of {@link newSince}. */
export const newerNames = (): readonly string[] => [...VERSIONS.keys()];
