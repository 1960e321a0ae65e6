import type { CallCount } from '../../model/results/syscalls.js';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/**
 * Classes of `strace -e trace=%NAME` that people count alone, with what their calls are about. Members as strace 6.1
 * marks them for x86_64 and arm64 (src/linux/x86_64/syscallent.h, src/linux/64/syscallent.h, flags TF, TN, TP, TM, TS,
 * TI, TD).
 */
const CLASSES: readonly { readonly name: string; readonly about: string; readonly calls: ReadonlySet<string> }[] = [
  {
    name: 'file',
    about: 'files',
    calls: words(`open stat lstat access execve truncate getcwd chdir rename mkdir rmdir creat link unlink symlink
      readlink chmod chown lchown utime mknod uselib statfs pivot_root chroot acct mount umount umount2 swapon swapoff
      quotactl setxattr lsetxattr getxattr lgetxattr listxattr llistxattr removexattr lremovexattr utimes
      inotify_add_watch openat mkdirat mknodat fchownat futimesat newfstatat unlinkat renameat linkat symlinkat
      readlinkat fchmodat faccessat utimensat fanotify_mark name_to_handle_at renameat2 execveat statx open_tree
      move_mount fsconfig fspick openat2 faccessat2 mount_setattr fchmodat2 setxattrat getxattrat`),
  },
  {
    name: 'network',
    about: 'sockets',
    calls: words(`sendfile socket connect accept sendto recvfrom sendmsg recvmsg shutdown bind listen getsockname
      getpeername socketpair setsockopt getsockopt getpmsg putpmsg accept4 recvmmsg sendmmsg socketcall`),
  },
  {
    name: 'process',
    about: 'processes',
    calls: words(`clone clone3 fork vfork execve execveat exit exit_group wait4 waitid waitpid kill tkill tgkill
      rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal`),
  },
  {
    name: 'memory',
    about: 'memory',
    calls: words(`mmap mprotect munmap brk mremap msync mincore madvise shmat shmdt mlock mlock2 munlock mlockall
      munlockall io_setup io_destroy remap_file_pages mbind set_mempolicy get_mempolicy migrate_pages move_pages
      pkey_mprotect set_mempolicy_home_node map_shadow_stack mseal io_uring_register`),
  },
  {
    name: 'signal',
    about: 'signals',
    calls: words(`rt_sigaction rt_sigprocmask rt_sigreturn pause kill rt_sigpending rt_sigtimedwait rt_sigqueueinfo
      rt_sigsuspend sigaltstack tkill tgkill signalfd signalfd4 rt_tgsigqueueinfo pidfd_send_signal io_uring_enter`),
  },
  {
    name: 'ipc',
    about: 'System V IPC',
    calls: words('shmget shmat shmctl semget semop semctl shmdt msgget msgsnd msgrcv msgctl semtimedop ipc'),
  },
  {
    name: 'desc',
    about: 'file descriptors',
    calls: words(`read write open close fstat poll lseek mmap ioctl pread64 pwrite64 readv writev pipe select dup dup2
      sendfile fcntl flock fsync fdatasync ftruncate getdents fchdir creat fchmod fchown readahead fsetxattr fgetxattr
      flistxattr fremovexattr epoll_create getdents64 fadvise64 epoll_wait epoll_ctl mq_open mq_timedsend
      mq_timedreceive mq_notify mq_getsetattr inotify_init inotify_add_watch inotify_rm_watch openat mkdirat mknodat
      fchownat futimesat newfstatat unlinkat renameat linkat symlinkat readlinkat fchmodat faccessat pselect6 ppoll
      splice tee sync_file_range vmsplice utimensat epoll_pwait signalfd timerfd_create eventfd fallocate
      timerfd_settime timerfd_gettime signalfd4 eventfd2 epoll_create1 dup3 pipe2 inotify_init1 preadv pwritev
      perf_event_open fanotify_init fanotify_mark name_to_handle_at open_by_handle_at syncfs setns finit_module
      renameat2 memfd_create bpf execveat userfaultfd copy_file_range preadv2 pwritev2 statx kexec_file_load
      pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount
      fspick pidfd_open openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd
      memfd_secret process_mrelease cachestat fchmodat2 setxattrat getxattrat fstatfs`),
  },
];

/** A warning where all calls of a table belong to one class of strace, so that the others may not be counted. */
export function classWarning(calls: readonly Pick<CallCount, 'name'>[]): string | null {
  const names = calls.map(({ name }) => name.replace(/ \(.*\)$/, ''));
  const only = CLASSES.find(({ calls: own }) => names.length > 0 && names.every((name) => own.has(name)));
  return only === undefined
    ? null
    : `only calls on ${only.about} were counted, as strace -e trace=%${only.name} does: all other calls are missing`;
}
