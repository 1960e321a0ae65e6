import { ALWAYS_ALLOWED } from './docker-calls.js';
import type { ProfileFamily } from './family.js';
import { allow, changed, COMMON_ARCHITECTURES, entry, EPERM, type WrittenProfile } from './rules.js';

/** Calls that Docker allows to every container and @system-service does not have. */
const WITHOUT =
  'adjtimex cachestat clock_adjtime clock_adjtime64 fanotify_mark futex_requeue futex_wait futex_wake ' +
  'map_shadow_stack memfd_secret mincore pkey_alloc pkey_free pkey_mprotect process_mrelease';

/** Calls of @system-service that Docker allows to some containers only, or to none. */
const PLUS =
  'add_key arch_prctl arm_fadvise64_64 cacheflush clone clone3 get_mempolicy io_uring_enter io_uring_register ' +
  'io_uring_setup kcmp keyctl mbind migrate_pages move_pages nice oldfstat oldlstat oldolduname oldstat olduname ' +
  'personality process_madvise process_vm_readv process_vm_writev readdir request_key riscv_flush_icache ' +
  'set_mempolicy set_mempolicy_home_node set_tls setns sigaction signal sigpending sigsuspend socket swapcontext ' +
  'sync_file_range2 unshare userfaultfd';

/** What systemd 257 added: Landlock, seccomp(2), and calls of Linux 6.8 to 6.17. */
const SINCE_257 = {
  ofDocker:
    'getxattrat landlock_add_rule landlock_create_ruleset landlock_restrict_self listmount listxattrat mseal ' +
    'removexattrat seccomp setxattrat statmount',
  others: 'file_getattr file_setattr fstatat llseek lsm_get_self_attr lsm_list_modules newfstat',
};

/**
 * systemd builds one filter per architecture of the machine; here all are in one. Without SystemCallErrorNumber=EPERM
 * systemd kills the process instead.
 */
const profileOf = (calls: { readonly without: string; readonly plus: string }): WrittenProfile => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: EPERM,
  archMap: [...COMMON_ARCHITECTURES, entry('RISCV64'), entry('LOONGARCH64')],
  syscalls: [allow(changed(ALWAYS_ALLOWED, calls))],
});

/**
 * The unit settings `SystemCallFilter=@system-service` and `SystemCallErrorNumber=EPERM`, which systemd.exec(5)
 * recommends together. Source: set @system-service with all sets it names, of `systemd-analyze syscall-filter` 252.38
 * and of src/shared/seccomp-util.c 257.13.
 */
export const SYSTEMD: ProfileFamily = {
  name: 'systemd-service',
  current: 'v257',
  versions: {
    v252: {
      source: 'systemd v252.38, @system-service with EPERM',
      date: '2025',
      profile: () => profileOf({ without: `${WITHOUT} ${SINCE_257.ofDocker}`, plus: PLUS }),
    },
    v257: {
      source: 'systemd v257.13, @system-service with EPERM',
      date: '2026',
      profile: () => profileOf({ without: WITHOUT, plus: `${PLUS} ${SINCE_257.others}` }),
    },
  },
};
