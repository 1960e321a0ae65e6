/**
 * Number of disabled calls in Docker's documentation of its default profile ("around 44"). Source: docs.docker.com,
 * engine/security/seccomp, 2025.
 */
export const DOCUMENTED_COUNT = 44;

/**
 * Number of the last call on x86_64 (copy_file_range, Linux 4.5) when that figure first appeared, in the documentation
 * of Docker 1.11 (2016).
 */
export const LAST_CALL_THEN: Readonly<Record<string, number>> = { x86_64: 326 };

/**
 * Names in the kernel's table without a function: such a call fails with ENOSYS under any filter. Source:
 * arch/x86/entry/syscalls/syscall_64.tbl of Linux 5.13.
 */
export const WITHOUT_FUNCTION: Readonly<Record<string, readonly string[]>> = {
  x86_64: (
    'uselib _sysctl create_module get_kernel_syms query_module nfsservctl getpmsg putpmsg afs_syscall tuxcall ' +
    'security set_thread_area get_thread_area epoll_ctl_old epoll_wait_old vserver'
  ).split(' '),
};

/** The calls in its table of "significant (but not all)" blocked calls; the same source. */
export const DOCUMENTED_DENIED: readonly string[] = (
  'acct add_key bpf clock_adjtime clock_settime clone create_module delete_module finit_module ' +
  'get_kernel_syms get_mempolicy init_module ioperm iopl kcmp kexec_file_load kexec_load keyctl ' +
  'lookup_dcookie mbind mount move_pages nfsservctl open_by_handle_at perf_event_open personality ' +
  'pivot_root process_vm_readv process_vm_writev ptrace query_module quotactl reboot request_key ' +
  'set_mempolicy setns settimeofday stime swapon swapoff sysfs _sysctl umount umount2 unshare uselib ' +
  'userfaultfd ustat vm86 vm86old'
).split(' ');
