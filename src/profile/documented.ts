/** What Docker's documentation says of its default profile: so many calls are disabled, "around". Source: docs.docker.com, engine/security/seccomp, 2025. */
export const DOCUMENTED_COUNT = 44;

/** The calls its table names as "significant (but not all)"; the same source. */
export const DOCUMENTED_DENIED: readonly string[] = (
  'acct add_key bpf clock_adjtime clock_settime clone create_module delete_module finit_module get_kernel_syms get_mempolicy init_module ioperm iopl kcmp '
  + 'kexec_file_load kexec_load keyctl lookup_dcookie mbind mount move_pages nfsservctl open_by_handle_at perf_event_open personality pivot_root process_vm_readv '
  + 'process_vm_writev ptrace query_module quotactl reboot request_key set_mempolicy setns settimeofday stime swapon swapoff sysfs _sysctl umount umount2 unshare '
  + 'uselib userfaultfd ustat vm86 vm86old'
).split(' ');
