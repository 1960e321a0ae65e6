import type { ArgumentSet, ArgumentTerm } from '../../model/filter/diff.js';
import { ownValue } from '../../model/own-value.js';
import { plainLine } from '../../model/plain-text.js';

/**
 * Names of the arguments that profiles have conditions on, by call. Source: the calls' manual pages (section 2, Linux
 * man-pages); `null`: nobody compares it.
 */
const NAMES: Readonly<Record<string, readonly (string | null)[]>> = {
  arch_prctl: ['code'],
  bpf: ['command'],
  chmod: [null, 'mode'],
  clock_settime: ['clock'],
  clone: ['flags'],
  execveat: [null, null, null, null, 'flags'],
  fchmod: [null, 'mode'],
  fchmodat: [null, null, 'mode'],
  fcntl: ['fd', 'command'],
  fcntl64: ['fd', 'command'],
  futex: [null, 'operation'],
  getsockopt: ['fd', 'level', 'option'],
  ioctl: ['fd', 'request'],
  ipc: ['call'],
  kcmp: ['pid 1', 'pid 2', 'type'],
  keyctl: ['operation'],
  kill: ['pid', 'signal'],
  madvise: [null, 'length', 'advice'],
  memfd_create: [null, 'flags'],
  mknod: [null, 'mode'],
  mknodat: [null, null, 'mode'],
  mmap: ['address', 'length', 'protection', 'flags', 'fd', 'offset'],
  mmap2: ['address', 'length', 'protection', 'flags', 'fd', 'offset'],
  mount: [null, null, null, 'flags'],
  mprotect: ['address', 'length', 'protection'],
  msgctl: ['id', 'command'],
  open: [null, 'flags', 'mode'],
  openat: ['fd', null, 'flags', 'mode'],
  personality: ['persona'],
  pkey_mprotect: ['address', 'length', 'protection', 'key'],
  prctl: ['option', 'arg 1', 'arg 2', 'arg 3', 'arg 4'],
  prlimit64: ['pid', 'resource'],
  ptrace: ['request', 'pid'],
  quotactl: ['command'],
  reboot: ['magic', 'magic 2', 'command'],
  seccomp: ['operation', 'flags'],
  semctl: ['id', 'number', 'command'],
  setns: ['fd', 'type'],
  setpriority: ['which', 'who', 'priority'],
  setsockopt: ['fd', 'level', 'option'],
  shmat: ['id', 'address', 'flags'],
  shmctl: ['id', 'command'],
  socket: ['family', 'type', 'protocol'],
  socketcall: ['call'],
  socketpair: ['family', 'type', 'protocol'],
  syslog: ['type'],
  tgkill: ['thread group', 'thread', 'signal'],
  umount2: [null, 'flags'],
  unshare: ['flags'],
  userfaultfd: ['flags'],
};
/** On these the second argument of clone has its flags (clone(2), CONFIG_CLONE_BACKWARDS2). */
const CLONE_BACKWARDS: ReadonlySet<string> = new Set(['s390', 's390x']);
/** Bits rather than numbers. */
const IN_HEX: ReadonlySet<string> = new Set(['flags', 'persona', 'request', 'mode', 'protection', 'address', 'magic']);

/** Address families by number (linux/socket.h, Linux 6.12). */
const FAMILIES = (
  'UNSPEC UNIX INET AX25 IPX APPLETALK NETROM BRIDGE ATMPVC X25 INET6 ROSE DECnet NETBEUI SECURITY KEY NETLINK ' +
  'PACKET ASH ECONET ATMSVC RDS SNA IRDA PPPOX WANPIPE LLC IB MPLS CAN TIPC BLUETOOTH IUCV RXRPC ISDN PHONET ' +
  'IEEE802154 CAIF ALG NFC VSOCK KCM QIPCRTR SMC XDP MCTP'
).split(' ');

/** ABIs whose arguments have 32 bits, so that the lower half is the whole. */
const OF_32_BITS: ReadonlySet<string> = new Set([
  'x86',
  'arm',
  'mips',
  'mipsel',
  'ppc',
  's390',
  'parisc',
  'm68k',
  'sh',
  'sheb',
]);

/** Ranges told before the rest is only counted. */
const MOST_RANGES = 10;
/** Families are named where there are only so many ranges of them. */
const MOST_NAMED = 2;
const LARGEST_DECIMAL = 9999n;

/** Whose arguments are told. */
export interface Subject {
  readonly call: string;
  readonly arch: string;
}

/** A set of arguments in words: `family 38 (AF_ALG)`, `flags with none of 0x7e020000`; `null`: `any arguments`. */
export function argumentWords(set: ArgumentSet | null, subject: Subject): string {
  if (set === null) return 'any arguments';
  if (set.cases.length === 0) return 'no arguments';
  if (set.cases.every((terms) => terms.length === 0)) return 'some arguments';
  const many = set.cases.length > 1;
  const cases = set.cases.map((terms) => {
    const text = terms.map((term) => termWords(term, subject)).join(' and ');
    return many && terms.length > 1 ? `(${text})` : text;
  });
  return `${set.except ? 'all but ' : ''}${cases.join(' or ')}${set.exact ? '' : ' (at most)'}`;
}

/** The same after a set of the same argument, whose name need not be said again: `40 (AF_VSOCK)`. */
export function shortArgumentWords(set: ArgumentSet | null, after: ArgumentSet | null, subject: Subject): string {
  const [own, other] = [onlyRanges(set), onlyRanges(after)];
  if (own === null || own.argument !== other?.argument || own.part !== other.part) return argumentWords(set, subject);
  return listWords(own, nameOf(own.argument, subject));
}

type RangeTerm = Extract<ArgumentTerm, { readonly kind: 'ranges' }>;

function onlyRanges(set: ArgumentSet | null): RangeTerm | null {
  const [terms, ...more] = set?.cases ?? [];
  const [term, ...others] = terms ?? [];
  const isOnly = term?.kind === 'ranges' && more.length + others.length === 0;
  return isOnly && set?.exact === true && !set.except ? term : null;
}

function termWords(term: ArgumentTerm, subject: Subject): string {
  const name = nameOf(term.argument, subject);
  if (term.kind === 'bits') return `${name} ${bitWords(term)}`;
  const isOne = term.ranges.length === 1 && term.ranges[0]?.[0] === term.ranges[0]?.[1];
  const title = name === 'family' && !isOne ? 'families' : name;
  return `${title}${halfWords(term.part, subject.arch)} ${listWords(term, name)}`;
}

function listWords({ ranges, part }: RangeTerm, name: string): string {
  const top = part === 'whole' ? 0xffff_ffff_ffff_ffffn : 0xffff_ffffn;
  const hasNames = name === 'family' && ranges.length <= MOST_NAMED;
  const texts = ranges.slice(0, MOST_RANGES).map(([low, high]) => rangeWords(low, high, { name, top, hasNames }));
  const more = ranges.length - texts.length;
  return more > 0 ? `${texts.join(', ')} and ${more} more ranges` : texts.join(', ');
}

function nameOf(argument: number | null, { call, arch }: Subject): string {
  if (argument === null) return 'instruction pointer';
  if (call === 'clone' && CLONE_BACKWARDS.has(arch)) return argument === 1 ? 'flags' : `arg ${argument}`;
  return ownValue(NAMES, call)?.[argument] ?? `arg ${argument}`;
}

function halfWords(part: 'whole' | 'low' | 'high', arch: string): string {
  if (part === 'whole' || (part === 'low' && OF_32_BITS.has(arch))) return '';
  return part === 'low' ? ' (lower 32 bits)' : ' (upper 32 bits)';
}

function rangeWords(
  low: bigint,
  high: bigint,
  { name, top, hasNames }: { readonly name: string; readonly top: bigint; readonly hasNames: boolean },
): string {
  const text = (value: bigint): string => `${valueWords(value, name)}${hasNames ? familyName(value) : ''}`;
  if (low === high) return text(low);
  if (high === top) return low === 0n ? 'any' : `${valueWords(low, name)} and up`;
  return high - low === 1n ? `${text(low)}, ${text(high)}` : `${valueWords(low, name)}-${valueWords(high, name)}`;
}

function familyName(value: bigint): string {
  const known = value < BigInt(FAMILIES.length) ? FAMILIES[Number(value)] : undefined;
  return known === undefined ? '' : ` (AF_${known})`;
}

const valueWords = (value: bigint, name: string): string =>
  value > LARGEST_DECIMAL || (IN_HEX.has(name) && value > 9n) ? `0x${value.toString(16)}` : value.toString();

function bitWords({ mask, value, equal }: Extract<ArgumentTerm, { readonly kind: 'bits' }>): string {
  const hex = (bits: bigint): string => `0x${bits.toString(16)}`;
  const isWhole = mask === 0xffff_ffff_ffff_ffffn;
  const isOneBit = (mask & (mask - 1n)) === 0n;
  if (isWhole) return equal ? hex(value) : `other than ${hex(value)}`;
  if (value === 0n)
    return `${equal ? (isOneBit ? 'without' : 'with none of') : isOneBit ? 'with' : 'with any of'} ${hex(mask)}`;
  if (value === mask)
    return `${equal ? (isOneBit ? 'with' : 'with all of') : isOneBit ? 'without' : 'without some of'} ${hex(mask)}`;
  return `& ${hex(mask)} ${equal ? 'is' : 'is not'} ${hex(value)}`;
}

/** Names in a list, cut after some. */
export function listed(names: readonly string[], most: number): string {
  const shown = most === 0 ? names : names.slice(0, most);
  const more = names.length - shown.length;
  return plainLine(more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', '));
}
