// The calls that Docker's default profile allows unconditionally (facts: moby/profiles seccomp v0.2.3), by purpose.
// Some exist on other architectures only: runtimes skip unknown names.

/** Extended attributes. */
const EXTENDED_ATTRIBUTES = `
  fgetxattr flistxattr fremovexattr fsetxattr getxattr getxattrat lgetxattr listxattr listxattrat llistxattr
  lremovexattr lsetxattr removexattr removexattrat setxattr setxattrat`;

/** Memory: mappings, protection keys, locking, shadow stacks. */
const MEMORY = `
  brk cachestat madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap
  mmap2 mprotect mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect process_mrelease
  remap_file_pages`;

/** Signals, sent and received. */
const SIGNALS = `
  kill pause pidfd_send_signal restart_syscall rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo
  rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaltstack signalfd
  signalfd4 sigprocmask sigreturn tgkill tkill`;

/** Waiting for descriptors. */
const POLLING = `
  epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd
  eventfd2 _newselect poll ppoll ppoll_time64 pselect6 pselect6_time64 select`;

/** Existing sockets; creating one has a separate rule. */
const SOCKETS = `
  accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg recvmmsg_time64
  recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socketcall socketpair`;

/** System V and POSIX messages, semaphores, shared memory. */
const MESSAGES = `
  ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64
  mq_unlink msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget`;

/** Futexes and robust lists. */
const FUTEXES = `
  futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake get_robust_list rseq set_robust_list
  set_tid_address`;

/** Clocks, timers, sleeping; setting the clock has a separate rule. */
const CLOCKS = `
  adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64
  clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday nanosleep setitimer time timer_create timer_delete
  timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime
  timerfd_gettime64 timerfd_settime timerfd_settime64 times`;

/** Scheduling, priorities, resource limits and use. */
const SCHEDULING = `
  getcpu getpriority getrlimit getrusage ioprio_get ioprio_set prlimit64 sched_get_priority_max
  sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval
  sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield
  setpriority setrlimit sysinfo ugetrlimit`;

/** User and group ids, capabilities, sessions. */
const IDENTITY = `
  capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getpgid getpgrp getpid
  getppid getresgid getresgid32 getresuid getresuid32 getsid gettid getuid getuid32 setfsgid setfsgid32 setfsuid
  setfsuid32 setgid setgid32 setgroups setgroups32 setpgid setregid setregid32 setresgid setresgid32 setresuid
  setresuid32 setreuid setreuid32 setsid setuid setuid32 umask`;

/** Processes and threads; clone and clone3 have separate rules. */
const PROCESSES = `
  execve execveat exit exit_group fork get_thread_area getrandom landlock_add_rule landlock_create_ruleset
  landlock_restrict_self pidfd_open prctl riscv_hwprobe seccomp set_thread_area uname uretprobe vfork wait4 waitid
  waitpid`;

/** Asynchronous input and output of the old kind (io_uring is not allowed). */
const ASYNC_IO = `
  io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit`;

/** Watching files. */
const WATCHES = `
  fanotify_mark inotify_add_watch inotify_init inotify_init1 inotify_rm_watch`;

/** Reading, writing and moving data. */
const TRANSFER = `
  copy_file_range fadvise64 fadvise64_64 fallocate fdatasync fsync ftruncate ftruncate64 _llseek lseek pread64
  preadv preadv2 pwrite64 pwritev pwritev2 read readahead readv sendfile sendfile64 splice sync sync_file_range
  syncfs tee truncate truncate64 vmsplice write writev`;

/** Opening, closing, duplicating and controlling descriptors. */
const DESCRIPTORS = `
  close close_range creat dup dup2 dup3 fcntl fcntl64 flock ioctl name_to_handle_at open openat openat2 pipe pipe2`;

/** File status, ownership, permissions, times, mounts. */
const METADATA = `
  access chmod chown chown32 faccessat faccessat2 fchmod fchmodat fchmodat2 fchown fchown32 fchownat fstat fstat64
  fstatat64 fstatfs fstatfs64 futimesat lchown lchown32 listmount lstat lstat64 newfstatat stat stat64 statfs
  statfs64 statmount statx utime utimensat utimensat_time64 utimes`;

/** Directories, links and names. */
const DIRECTORIES = `
  chdir fchdir getcwd getdents getdents64 link linkat mkdir mkdirat mknod mknodat readlink readlinkat rename
  renameat renameat2 rmdir symlink symlinkat unlink unlinkat`;

/** All calls that are allowed for any arguments, capabilities, architecture and kernel. */
export const ALWAYS_ALLOWED: readonly string[] = [
  TRANSFER,
  DESCRIPTORS,
  DIRECTORIES,
  METADATA,
  EXTENDED_ATTRIBUTES,
  WATCHES,
  ASYNC_IO,
  POLLING,
  MEMORY,
  PROCESSES,
  IDENTITY,
  SCHEDULING,
  SIGNALS,
  FUTEXES,
  CLOCKS,
  MESSAGES,
  SOCKETS,
].flatMap((group) => group.trim().split(/\s+/));
