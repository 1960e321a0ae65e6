import { BenchError } from '../../errors.js';
import type { LxcAction, LxcPolicy, LxcRule, LxcSource } from '../../model/profile/source.js';

// The rules are those of src/lxc/seccomp.c of LXC 6.0 (parse_config, parse_config_v1, parse_config_v2).

const SECTIONS: ReadonlySet<string> = new Set(
  (
    'all x86 x32 x86_64 arm arm64 ppc64le ppc64 ppc mips64 mips64n32 mips mipsel64 mipsel64n32 mipsel s390x s390 ' +
    'loongarch64'
  ).split(' '),
);

const ALLOW = 'SCMP_ACT_ALLOW';
const KILL = 'SCMP_ACT_KILL';
const MASKED = 'SCMP_CMP_MASKED_EQ';
/** Each by its sign and by its name. */
const OPERATORS: ReadonlyMap<string, string> = new Map(
  (
    [
      ['!=', 'SCMP_CMP_NE'],
      ['<', 'SCMP_CMP_LT'],
      ['<=', 'SCMP_CMP_LE'],
      ['==', 'SCMP_CMP_EQ'],
      ['>=', 'SCMP_CMP_GE'],
      ['>', 'SCMP_CMP_GT'],
      ['&=', MASKED],
    ] as const
  ).flatMap(([sign, name]) => [
    [sign, name],
    [name, name],
  ]),
);
const REJECT_FORCE_UMOUNT = 'reject_force_umount';
const MOST_ARGUMENTS = 6;
const MOST_BYTES = 1024 * 1024;
const ERRNO_BITS = 0xffff;
const MAX_UINT64 = 18446744073709551615n;
const HINT = 'LXC refuses such a file: see lxc.container.conf(5), lxc.seccomp.profile.';

/** Whether a text begins as an LXC policy does: a version alone, then the kind of the policy. */
export const looksLikePolicy = (text: string): boolean =>
  /^\s*-?\d+\s+(?:allowlist|denylist|whitelist|blacklist)/.test(text.slice(0, 4096));

/** Reads an LXC policy. Throws `input` with the line for what LXC would refuse. */
export function lxcSource(text: string, name: string): LxcSource {
  if (text.length > MOST_BYTES)
    throw new BenchError('input', `${name} is an LXC policy of more than 1 MiB`, { hint: 'No policy is that large.' });
  const policy = new PolicyReader(text, name).policy();
  return { kind: 'lxc', form: policy.version === 1 ? 'lxc-1' : 'lxc-2', name, policy, text };
}

class PolicyReader {
  private readonly lines: readonly string[];

  constructor(
    text: string,
    private readonly name: string,
  ) {
    this.lines = text.replace(/\n$/, '').split('\n');
  }

  policy(): LxcPolicy {
    const { version, style, styleAt } = this.head();
    const kind = this.kindOf(style, styleAt, version);
    const rules = this.lines.slice(styleAt + 1).map((line, index) => ({ line, at: styleAt + 1 + index }));
    const standard = version === 1 ? undefined : this.action(afterSpace(style), styleAt);
    const defaultAction = standard ?? { action: kind === 'allow' ? KILL : ALLOW };
    if (version === 1)
      return { version, kind, defaultAction, rules: rules.map((one) => this.number(one.line, one.at)), words: [] };
    return { version, kind, defaultAction, ...this.rulesOf(rules, { action: kind === 'allow' ? ALLOW : KILL }) };
  }

  /** The version, and behind it or on the next line the kind of the policy. */
  private head(): { readonly version: 1 | 2; readonly style: string; readonly styleAt: number } {
    const at = this.lines.findIndex((line) => line.trim() !== '');
    const [, digits = '', rest = ''] = /^\s*(-?\d+)\s*(.*)$/.exec(this.lines[at] ?? '') ?? [];
    const version = Number(digits);
    if (digits === '' || (version !== 1 && version !== 2))
      throw this.wrong(at, 'the version 1 or 2 of the policy', this.lines[at] ?? '');
    if (rest !== '') return { version, style: rest, styleAt: at };
    const styleAt = this.nextLine(at + 1);
    return { version, style: (this.lines[styleAt] ?? '').trimStart(), styleAt };
  }

  /** After the version, LXC skips blank lines. */
  private nextLine(from: number): number {
    const found = this.lines.findIndex((line, index) => index >= from && line.trim() !== '');
    if (found >= 0) return found;
    throw this.wrong(this.lines.length - 1, 'allowlist or denylist after the version', '');
  }

  private kindOf(style: string, at: number, version: 1 | 2): LxcPolicy['kind'] {
    if (style.includes('debug')) throw this.wrong(at, 'a policy without debug, which LXC does not have', style);
    if (/^(?:allow|white)list/.test(style)) return 'allow';
    if (/^(?:deny|black)list/.test(style) && version === 2) return 'deny';
    throw this.wrong(at, version === 1 ? 'allowlist (version 1 has no other)' : 'allowlist or denylist', style);
  }

  /** One number a line; LXC ignores what follows it. */
  private number(line: string, at: number): LxcRule {
    const call = /^\s*([+-]?\d+)/.exec(line)?.[1];
    if (call === undefined) throw this.wrong(at, 'the number of a system call', line);
    return { line: at + 1, section: '', call: String(Number(call)), action: { action: ALLOW }, args: [] };
  }

  private rulesOf(
    lines: readonly { readonly line: string; readonly at: number }[],
    standard: LxcAction,
  ): Pick<LxcPolicy, 'rules' | 'words'> {
    const rules: LxcRule[] = [];
    const words: LxcPolicy['words'][number][] = [];
    let section = 'all';
    for (const { line, at } of lines) {
      if (line.endsWith('\r')) throw this.wrong(at, 'a line without a carriage return (LXC takes it for text)', line);
      if (line.startsWith('#') || line.trim() === '') continue;
      if (line.startsWith('[')) section = this.section(line, at);
      else if (line.startsWith(REJECT_FORCE_UMOUNT)) words.push({ line: at + 1, section, word: REJECT_FORCE_UMOUNT });
      else rules.push(this.rule(line, at, section, standard));
    }
    return { rules, words };
  }

  /** All letters small, or all capitals. */
  private section(line: string, at: number): string {
    const name = /^\[([^\]]*)\]$/.exec(line)?.[1] ?? '';
    const small = name.toLowerCase();
    if (SECTIONS.has(small) && (name === small || name === small.toUpperCase())) return name;
    throw this.wrong(at, 'an architecture that LXC knows, such as [x86_64] or [all]', line);
  }

  private rule(line: string, at: number, section: string, standard: LxcAction): LxcRule {
    const space = line.indexOf(' ');
    const call = space < 0 ? line : line.slice(0, space);
    const rest = space < 0 ? '' : line.slice(space).trimStart();
    const action = rest === '' || rest.startsWith('#') ? undefined : this.action(rest, at);
    return { line: at + 1, section, call, action: action ?? standard, args: this.argsOf(line, at) };
  }

  /** LXC compares the beginnings of words only. `undefined` where there is none. */
  private action(text: string, at: number): LxcAction | undefined {
    const word = text.replace(/^ +/, '');
    if (word.startsWith('kill')) return { action: KILL };
    if (word.startsWith('allow')) return { action: ALLOW };
    if (word.startsWith('trap')) return { action: 'SCMP_ACT_TRAP' };
    if (word.startsWith('notify')) return { action: 'SCMP_ACT_NOTIFY' };
    if (word.startsWith('errno')) {
      const errno = /^errno\s*([+-]?\d+)/.exec(word)?.[1];
      if (errno === undefined) throw this.wrong(at, 'a number after errno', word);
      return { action: 'SCMP_ACT_ERRNO', errnoRet: Number(BigInt(errno) & BigInt(ERRNO_BITS)) };
    }
    if (word === '') return undefined;
    throw this.wrong(at, 'kill, allow, trap, errno N or notify', word);
  }

  /** Conditions in brackets; LXC reads at most six, and nothing may stand behind them. */
  private argsOf(line: string, at: number): LxcRule['args'] {
    if (!line.includes('[')) return [];
    const parts = line.split(']').filter((part) => part !== '');
    return parts.slice(0, MOST_ARGUMENTS).map((part) => this.argument(part, at));
  }

  private argument(part: string, at: number): LxcRule['args'][number] {
    const text = part.slice(part.indexOf('['));
    const pattern = /^\[\s*(0[xX][0-9a-fA-F]+|\d+),([^,]{1,23}),([^0-9^,]{1,30})(?:,([^,]{1,23}))?/;
    const [, index = '', value = '', operator = '', mask = '0'] = pattern.exec(text) ?? [];
    const numbers = { index: numberOf(index), value: numberOf(value), mask: numberOf(mask) };
    const op = OPERATORS.get(operator);
    if (
      numbers.index === null ||
      numbers.index > 5n ||
      numbers.value === null ||
      numbers.mask === null ||
      op === undefined
    )
      throw this.wrong(at, 'conditions such as [0,16,SCMP_CMP_EQ] or [1,8,&=,8]', part.includes('[') ? text : part);
    const [one, two] = op === MASKED ? [numbers.mask, numbers.value] : [numbers.value, 0n];
    return { index: Number(numbers.index), value: one, valueTwo: two, op };
  }

  private wrong(at: number, expected: string, got: string): BenchError {
    const shown = got === '' ? 'nothing' : JSON.stringify(got.length > 60 ? `${got.slice(0, 60)}...` : got);
    return new BenchError('input', `${this.name}: line ${at + 1}: expected ${expected}, got ${shown}`, { hint: HINT });
  }
}

const afterSpace = (text: string): string => (text.includes(' ') ? text.slice(text.indexOf(' ') + 1) : '');

/** As strtoull with base 0 reads it: decimal, 0x or octal; `null` for anything else, and above 64 bits. */
function numberOf(text: string): bigint | null {
  const digits = text.trim();
  const value = /^0[0-7]+$/.test(digits)
    ? BigInt(`0o${digits}`)
    : /^(?:0[xX][0-9a-fA-F]+|0|[1-9]\d*)$/.test(digits)
      ? BigInt(digits)
      : null;
  return value === null || value > MAX_UINT64 ? null : value;
}
