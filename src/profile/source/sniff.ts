import type { Mistaken } from './refuse.js';

const starts = (bytes: Uint8Array, ...octets: readonly number[]): boolean =>
  octets.every((octet, index) => bytes[index] === octet);

const ascii = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.subarray(start, end)).toString('latin1');

const COMPRESSED = 'Unpack it first.';

/** Files that are known by their first bytes. */
export function magicOf(bytes: Uint8Array): Mistaken | null {
  if (starts(bytes, 0xff, 0xfe) || starts(bytes, 0xfe, 0xff) || looksLikeUtf16(bytes))
    return { what: 'text in UTF-16', hint: 'Save it as UTF-8.' };
  if (starts(bytes, 0xef, 0xbb, 0xbf))
    return { what: 'text that begins with a byte order mark', hint: 'Runtimes refuse it. Save the file without one.' };
  if (starts(bytes, 0x7f, 0x45, 0x4c, 0x46))
    return {
      what: 'an ELF file',
      hint: 'A program or an eBPF object holds no seccomp filter that bench can read.',
    };
  if (starts(bytes, 0x1f, 0x8b)) return { what: 'gzip data', hint: COMPRESSED };
  if (starts(bytes, 0x50, 0x4b, 3, 4)) return { what: 'a zip archive', hint: COMPRESSED };
  if (starts(bytes, 0x28, 0xb5, 0x2f, 0xfd)) return { what: 'zstd data', hint: COMPRESSED };
  if (starts(bytes, 0xfd, 0x37, 0x7a, 0x58, 0x5a)) return { what: 'xz data', hint: COMPRESSED };
  if (/^BZh[1-9]1AY/.test(ascii(bytes, 0, 7))) return { what: 'bzip2 data', hint: COMPRESSED };
  if (ascii(bytes, 257, 262) === 'ustar') return { what: 'a tar archive', hint: COMPRESSED };
  if (ascii(bytes, 0, 5) === '%PDF-') return { what: 'a PDF file', hint: 'Give the profile itself.' };
  if (starts(bytes, 0x89, 0x50, 0x4e, 0x47)) return { what: 'a PNG image', hint: 'Give the profile itself.' };
  return null;
}

/** Letters with a zero byte before or behind each. */
function looksLikeUtf16(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 64);
  if (head.length < 4 || head.length % 2 !== 0) return false;
  const isText = (octet: number): boolean => octet === 9 || octet === 10 || octet === 13 || (octet > 31 && octet < 127);
  return [0, 1].some((zero) => head.every((octet, index) => (index % 2 === zero ? octet === 0 : isText(octet))));
}

interface Known extends Mistaken {
  /** Tried on the beginning of the text. */
  readonly pattern: RegExp;
}

const GIVE_PROFILE = 'Give the profile that it was made with.';

/** Texts that people have at hand when they look for a profile. */
const TEXTS: readonly Known[] = [
  {
    pattern: /^\s*<(?:!doctype|html|\?xml|[a-z])/i,
    what: 'HTML or XML',
    hint: 'The download gave a page in place of the file.',
  },
  { pattern: /^#!/, what: 'a script', hint: 'Give the profile that it uses or writes.' },
  {
    pattern: /^(?:.*\n){0,20}?.*\btype=(?:SECCOMP|1326|SYSCALL)\b|^(?:.*\n){0,20}?.*\baudit(?:\(|: type=)/,
    what: 'an audit log',
    hint: GIVE_PROFILE,
  },
  {
    pattern: /^\s*% time\s+seconds\s+usecs\/call/m,
    what: 'a table of strace -c',
    hint: 'Commands that take counts read it with --counts.',
  },
  {
    pattern: /^(?:\[pid {1,9}\d{1,10}\] |\d{1,10} {1,9})?(?:[\d:.]{1,24} )?[a-z]\w{1,40}\(.*\) {1,40}= -?(?:\d|\?)/m,
    what: 'the output of strace',
    hint: GIVE_PROFILE,
  },
  {
    pattern: /^\[(?:Unit|Service|Install|Socket|Container)\][ \t]*\r?$/m,
    what: 'a systemd unit',
    hint: 'Its SystemCallFilter= is not a profile that bench reads.',
  },
  {
    pattern: /^#\s*\n# pseudo filter code start/,
    what: "libseccomp's pseudo filter code",
    hint: 'Export the BPF filter instead (seccomp_export_bpf).',
  },
  {
    pattern: /^\s*line\s+CODE\s+JT\s+JF\s+K/,
    what: 'a listing of seccomp-tools',
    hint: 'Give the raw filter: seccomp-tools dump --format raw',
  },
  {
    pattern: /^\s*line\s+OP\s+JT\s+JF\s+K/,
    what: 'a listing of scmp_bpf_disasm',
    hint: 'Give the raw filter that it lists.',
  },
  {
    pattern: /^\s*(?:allow|deny|white|black)list\b/,
    what: 'an LXC policy without its version',
    isOurs: true,
    hint: 'The first line must be the version, 1 or 2.',
  },
  {
    pattern: /^[ \t]*lxc\.[a-z]+(?:\.[a-z.]+)?[ \t]*=/m,
    what: "an LXC container's configuration",
    hint: 'Give the policy that its lxc.seccomp.profile names.',
  },
  {
    pattern: /^(?:read|write|openat|close|exit_group|mmap|brk|futex|ioctl) *: *(?:1|allow|return .+|arg[0-5] .+)\r?$/m,
    what: 'a Minijail policy',
    hint: 'Compile it with compile_seccomp_policy, and give the BPF filter that this makes.',
  },
  {
    pattern: /^[ \t]*(?:#?include <tunables\/|profile [^\s{]+[^{\n]*\{\s*$)/m,
    what: 'an AppArmor profile',
    hint: 'AppArmor does not use seccomp.',
  },
  {
    pattern: /^\s*\[(?!true\b|false\b|null\b)[A-Za-z_][\w. "-]*\][ \t]*\r?\n/,
    what: 'TOML or an INI file',
    hint: 'Give the profile itself.',
  },
  { pattern: /^(?:diff --git |--- a\/|Index: )/m, what: 'a patch', hint: 'Give the file that it changes.' },
  { pattern: /^-----BEGIN /, what: 'a PEM file', hint: 'Give the profile itself.' },
];

/** What a text is that is no form of ours; `null` where nobody knows. `text` is its beginning. */
export function textKind(text: string): Mistaken | null {
  const known = TEXTS.find(({ pattern }) => pattern.test(text));
  if (known === undefined) return null;
  const { pattern: _, ...mistaken } = known;
  return mistaken;
}
