import { UNKNOWN_CALL } from '../results/percall/percall.js';
import type { NamedCall } from '../results/percall/percall.js';

/**
 * Calls with arguments that change nothing, whether a filter allows them or not and regardless of the container's
 * rights: they either only ask, or ask for something so invalid that the kernel refuses before it does anything.
 */
const HARMLESS: Readonly<Record<string, readonly string[]>> = {
  getppid: [],
  getpid: [],
  gettid: [],
  getuid: [],
  geteuid: [],
  getgid: [],
  getegid: [],
  sched_yield: [],
  uname: ['@'],
  getcwd: ['@', '4096'],
  sysinfo: ['@'],
  times: ['@'],
  clock_gettime: ['1', '@'],
  // Asks for the personality.
  personality: ['0xffffffff'],
  // Unknown flags and more segments than there can be: EINVAL after the check of rights.
  kexec_load: ['0', '0xffff', '0', '0xfff'],
  // CLONE_NEWNS with CLONE_FS, which exclude each other: EINVAL.
  clone: ['0x20200', '0', '0', '0', '0'],
  // No such flag: EINVAL.
  unshare: ['0x1'],
  // No such descriptor: EBADF.
  read: ['0xffffffff', '@', '0'],
  write: ['0xffffffff', '@', '0'],
  close: ['0xffffffff'],
  fstat: ['0xffffffff', '@'],
  ioctl: ['0xffffffff', '0', '0'],
  // No such address of a path: EFAULT.
  swapon: ['1', '0'],
  acct: ['1'],
  umount2: ['1', '0'],
  mount: ['1', '1', '1', '0', '1'],
  // No such command: EINVAL.
  bpf: ['0xffff', '0', '0'],
  keyctl: ['0xffff', '0', '0', '0', '0'],
  prctl: ['0xffff', '0', '0', '0', '0'],
  // No such address family: EAFNOSUPPORT.
  socket: ['0xffff', '1', '0'],
  [UNKNOWN_CALL.name]: [],
};

/** A call that changes nothing, with its arguments; `undefined` where none is known under that name. */
export function harmlessCall(name: string): NamedCall | undefined {
  const args = Object.hasOwn(HARMLESS, name) ? HARMLESS[name] : undefined;
  return args === undefined ? undefined : { name, args };
}

/** Names of all calls that are known to change nothing. */
export const HARMLESS_CALLS: readonly string[] = Object.keys(HARMLESS);

/**
 * Calls priced by default: one that does almost nothing and one that does a little work, both allowed regardless of
 * their arguments; one allowed by its argument; one denied; and one that does not exist.
 */
export const DEFAULT_CALLS: readonly string[] = ['getppid', 'times', 'personality', 'kexec_load', UNKNOWN_CALL.name];

/** Every call takes its time in each container; a block must stay short. */
export const MOST_CALLS = 16;
