/**
 * What common calls take, one letter for each argument (SYSCALL_DEFINE in the kernel; include/linux/syscalls.h and the
 * manual pages name the arguments): `i` the kernel reads 32 bits or less (int, unsigned int, pid_t, mode_t), `l` a word
 * (long, size_t, an address that is not read), `p` a pointer to memory that the call reads or writes. Calls whose
 * arguments differ between 64-bit architectures are not listed.
 */
const SIGNATURES = `
  accept:ipp accept4:ippi access:pi acct:p add_key:pppli adjtimex:p bind:ipi bpf:ipi capget:pp capset:pp chdir:p
  chmod:pi chown:pii chroot:p clock_gettime:ip clock_settime:ip clone3:pl close:i connect:ipi copy_file_range:ipipli
  creat:pi delete_module:pi dup:i dup2:ii dup3:iii epoll_ctl:iiip epoll_pwait:ipiipl epoll_wait:ipii eventfd2:ii
  execve:ppp execveat:ipppi exit:i exit_group:i faccessat:ipi faccessat2:ipii fallocate:iill fanotify_init:ii
  fanotify_mark:iilip fchdir:i fchmod:ii fchmodat:ipi fchmodat2:ipii fchown:iii fchownat:ipiii fcntl:iil
  fgetxattr:ippl finit_module:ipi flock:ii fremovexattr:ip fsconfig:iippi fsetxattr:ippli fsmount:iii fsopen:pi
  fspick:ipi fstat:ip fstatfs:ip fsync:i ftruncate:il futex:piippi getcwd:pl getdents64:ipi getrandom:pli
  getpeername:ipp getpriority:ii getrlimit:ip getsockname:ipp getsockopt:iiipp getxattr:pppl inotify_add_watch:ipi
  init_module:plp io_uring_enter:iiiipl io_uring_register:iipi io_uring_setup:ip ioctl:iil ioperm:lli iopl:i
  ipc:iillpl kcmp:iiill kexec_file_load:iilpl kexec_load:llpl keyctl:illll kill:ii landlock_create_ruleset:pli
  lchown:pii lgetxattr:pppl link:pp linkat:ipipi listen:ii listxattr:ppl lseek:ili lstat:pp madvise:lli
  memfd_create:pi mkdir:pi mkdirat:ipi mknod:pii mknodat:ipii mount:ppplp mount_setattr:ipipl move_mount:ipipi
  name_to_handle_at:ipppi nanosleep:pp newfstatat:ippi open:pii open_by_handle_at:ipi open_tree:ipi openat:ipii
  openat2:ippl perf_event_open:piiil personality:i pidfd_getfd:iii pidfd_open:ii pidfd_send_signal:iipi pipe:p pipe2:pi
  pivot_root:pp poll:pii ppoll:pippl prctl:illll pread64:ipll prlimit64:iipp process_madvise:iplii
  process_vm_readv:iplpll process_vm_writev:iplpll ptrace:llll pwrite64:ipll quotactl:ipip read:ipl readlink:ppi
  readlinkat:ippi readv:lpl reboot:iiip recvfrom:iplipp recvmmsg:ipiip recvmsg:ipi removexattr:pp rename:pp
  renameat:ipip renameat2:ipipi request_key:pppi rmdir:p rt_sigaction:ippl rt_sigprocmask:ippl rt_sigqueueinfo:iip
  sched_getaffinity:iip sched_setaffinity:iip sched_setattr:ipi sched_setscheduler:iip seccomp:iip select:ipppp
  sendfile:iipl sendmmsg:ipii sendmsg:ipi sendto:iplipi setdomainname:pi setfsuid:i setfsgid:i setgid:i setgroups:ip
  sethostname:pi setns:ii setpgid:ii setpriority:iii setregid:ii setresgid:iii setresuid:iii setreuid:ii setrlimit:ip
  setsockopt:iiipi settimeofday:pp setuid:i setxattr:pppli shmat:ili shmctl:iip shmget:ili shutdown:ii signalfd4:ipli
  socket:iii socketcall:ip socketpair:iiip splice:ipipli stat:pp statfs:pp statx:ipiip swapoff:p swapon:pi symlink:pp
  symlinkat:pip syslog:ipi tgkill:iii timerfd_create:ii tkill:ii truncate:pl umask:i umount2:pi uname:p unlink:p
  unlinkat:ipi unshare:l uselib:p userfaultfd:i ustat:ip utime:pp utimensat:ippi utimes:pp vmsplice:ipli wait4:ipip
  waitid:iipip write:ipl writev:lpl`;

const BY_CALL: ReadonlyMap<string, string> = new Map(
  SIGNATURES.trim()
    .split(/\s+/)
    .map((entry) => entry.split(':') as [string, string]),
);

/** What an argument is; `undefined` where this is not known here. */
export function argumentKind(call: string, index: number): 'pointer' | 'narrow' | 'word' | undefined {
  switch (BY_CALL.get(call)?.[index]) {
    case 'p':
      return 'pointer';
    case 'i':
      return 'narrow';
    case 'l':
      return 'word';
    default:
      return undefined;
  }
}
