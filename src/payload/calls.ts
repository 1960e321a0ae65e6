import type { NamedCall } from '../model/results/percall.js';
import { invalidValue, type BenchError } from '../errors.js';
import { UNKNOWN_CALL } from '../model/results/percall.js';

/**
 * Calls that change nothing with these arguments, whether a filter allows them or not: each is a plain question, or
 * so wrong that the kernel refuses it before doing anything.
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
  // Unknown flags and too many segments: EINVAL after the permission check.
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
  // No path at this address: EFAULT.
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

/**
 * What `bench percall` prices by default: a call that does the least and one that does a little work, both allowed
 * whatever their arguments; one allowed by its argument; one denied; and one that does not exist.
 */
export const DEFAULT_CALLS = 'getppid,times,personality,kexec_load,unknown';
const MOST_CALLS = 16;
const FORM =
  'Write --calls getppid,personality, or with arguments: --calls "openat(0xffffffff,0,0)"; ' +
  '@ stands for the address of some memory.';

/**
 * Parses `NAME` or `NAME(ARGUMENT,...)`, separated by commas, and adds `unknown`. A name without arguments must be a
 * call known to do nothing. Throws `usage`.
 */
export function parseCalls(text: string): readonly NamedCall[] {
  const calls = text.split(/,(?![^(]*\))/).map((one) => parseCall(one.trim(), text));
  if (calls.length > MOST_CALLS) throw usage(`at most ${MOST_CALLS} calls`, `${calls.length}`);
  const twice = calls.find(({ name }, index) => calls.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw usage('every call once', `${twice.name} twice`);
  return calls.some(({ name }) => name === UNKNOWN_CALL.name)
    ? calls
    : [...calls, { name: UNKNOWN_CALL.name, args: [] }];
}

function parseCall(text: string, all: string): NamedCall {
  const [, name, list] = /^([a-z_][a-z0-9_]*)(?:\((.*)\))?$/s.exec(text) ?? [];
  if (name === undefined) throw usage('names of system calls, separated by commas', JSON.stringify(all));
  if (list !== undefined) return { name, args: argumentsIn(list, text) };
  const args = Object.hasOwn(HARMLESS, name) ? HARMLESS[name] : undefined;
  if (args !== undefined) return { name, args };
  throw usage(
    `arguments for ${name}, which can do something, or one of ${Object.keys(HARMLESS).join(', ')}`,
    `${name} alone`,
  );
}

function argumentsIn(list: string, text: string): readonly string[] {
  const args = list.trim() === '' ? [] : list.split(',').map((arg) => arg.trim());
  const wrong = args.find((arg) => !/^(?:\d{1,20}|0x[0-9a-f]{1,16}|@)$/.test(arg));
  if (wrong !== undefined)
    throw usage(`decimal or 0x hexadecimal arguments without a sign, or @, in ${text}`, JSON.stringify(wrong));
  if (args.length > 6) throw usage(`at most six arguments in ${text}`, `${args.length}`);
  return args;
}

const usage = (wanted: string, got: string): BenchError => invalidValue('--calls', wanted, got, { hint: FORM });
