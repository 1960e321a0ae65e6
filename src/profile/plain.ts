import { isAscii } from 'node:buffer';
import type {
  ArchMapEntry,
  MinKernel,
  Profile,
  ProfileArg,
  ProfileRule,
  RuleFilter,
} from '../model/profile/profile.js';
import { parseMinKernel } from './min-kernel.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads an ordinary profile with the native JSON.parse; `null` where it requires {@link readExact}, which gives the
 * same result for all that is accepted here. Not ordinary are: characters outside ASCII, escapes, unknown, repeated or
 * differently spelt keys, numbers other than plain digits up to 2^53-1, null outside lists, values of the wrong
 * kind. The keys of the file that only Docker's format has are added to
 * `dockerKeys`.
 */
export function readPlain(bytes: Uint8Array, fileName: string, dockerKeys = new Set<string>()): Profile | null {
  if (!isAscii(bytes)) return null;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  if (text.includes('\\')) return null;
  const colons = countColons(text);
  if (colons === null) return null;
  const reader = new PlainReader(dockerKeys);
  const profile = reader.profile(parseOrNull(text), fileName);
  // Every member has one colon, so fewer keys than colons means a repeated key, or a colon in a string.
  return reader.plain && reader.keys === colons ? profile : null;
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/**
 * Number of colons in the text; `null` where one is followed by a number that is not plain digits: JSON.parse does not
 * distinguish 1.0 from 1.
 */
function countColons(text: string): number | null {
  let count = 0;
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) {
    count += 1;
    let next = at + 1;
    let code = text.charCodeAt(next);
    while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) code = text.charCodeAt(++next);
    if (code === 0x2d) return null;
    if (!isDigit(code)) continue;
    while (isDigit(code)) code = text.charCodeAt(++next);
    if (code === 0x2e || code === 0x65 || code === 0x45) return null;
  }
  return count;
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

const NONE: readonly never[] = [];

/** Walks the result of JSON.parse; sets `plain` to false where something is not ordinary, and continues. */
class PlainReader {
  keys = 0;
  plain = true;

  constructor(private readonly dockerKeys: Set<string>) {}

  profile(value: unknown, fileName: string): Profile {
    const profile: Mutable<Profile> = {
      fileName,
      defaultAction: null,
      defaultErrnoRet: null,
      architectures: NONE,
      archMap: NONE,
      flags: NONE,
      listenerPath: '',
      listenerMetadata: '',
      syscalls: NONE,
      oddKeys: NONE,
      isuladReading: null,
    };
    const record = this.object(value);
    for (const key in record) {
      this.keys += 1;
      const member = record[key];
      if (key === 'defaultAction') profile.defaultAction = this.text(member);
      else if (key === 'defaultErrnoRet') profile.defaultErrnoRet = this.integer(member);
      else if (key === 'architectures') profile.architectures = this.texts(member) ?? NONE;
      else if (key === 'archMap') {
        this.dockerKeys.add(key);
        profile.archMap = this.list(member).map((item) => this.entry(item));
      } else if (key === 'flags') profile.flags = this.texts(member) ?? NONE;
      else if (key === 'listenerPath') profile.listenerPath = this.text(member);
      else if (key === 'listenerMetadata') profile.listenerMetadata = this.text(member);
      else if (key === 'syscalls') profile.syscalls = this.list(member).map((item) => this.rule(item));
      else this.plain = false;
    }
    return profile;
  }

  private entry(value: unknown): ArchMapEntry {
    const entry: Mutable<ArchMapEntry> = { architecture: null, subArchitectures: NONE };
    const record = this.object(value);
    for (const key in record) {
      this.keys += 1;
      if (key === 'architecture') entry.architecture = this.text(record[key]);
      else if (key === 'subArchitectures') entry.subArchitectures = this.texts(record[key]) ?? NONE;
      else this.plain = false;
    }
    return entry;
  }

  private rule(value: unknown): ProfileRule {
    const rule: Mutable<ProfileRule> = {
      names: null,
      name: '',
      action: null,
      errnoRet: null,
      args: NONE,
      includes: null,
      excludes: null,
    };
    const record = this.object(value);
    for (const key in record) {
      this.keys += 1;
      const member = record[key];
      if (key === 'names') rule.names = this.texts(member);
      else if (key === 'action') rule.action = this.text(member);
      else if (key === 'args') rule.args = this.list(member).map((item) => this.arg(item));
      else if (key === 'errnoRet') rule.errnoRet = this.integer(member);
      else this.dockerRule(rule, key, member);
    }
    return rule;
  }

  /** The keys of a rule that only Docker's format has. */
  private dockerRule(rule: Mutable<ProfileRule>, key: string, member: unknown): void {
    this.dockerKeys.add(key);
    if (key === 'includes') rule.includes = this.filter(member);
    else if (key === 'excludes') rule.excludes = this.filter(member);
    else if (key === 'name') rule.name = this.text(member);
    else if (key === 'comment') this.text(member);
    else this.plain = false;
  }

  private arg(value: unknown): ProfileArg {
    const arg: Mutable<ProfileArg> = { index: 0, value: 0, valueTwo: 0, op: null };
    const record = this.object(value);
    for (const key in record) {
      this.keys += 1;
      const member = record[key];
      if (key === 'index') arg.index = this.integer(member);
      else if (key === 'value') arg.value = this.integer(member);
      else if (key === 'valueTwo') arg.valueTwo = this.integer(member);
      else if (key === 'op') arg.op = this.text(member);
      else this.plain = false;
    }
    return arg;
  }

  private filter(value: unknown): RuleFilter {
    const filter: Mutable<RuleFilter> = { caps: NONE, arches: NONE, minKernel: null };
    const record = this.object(value);
    for (const key in record) {
      this.keys += 1;
      if (key === 'caps') filter.caps = this.texts(record[key]) ?? NONE;
      else if (key === 'arches') filter.arches = this.texts(record[key]) ?? NONE;
      else if (key === 'minKernel') filter.minKernel = this.minKernel(record[key]);
      else this.plain = false;
    }
    return filter;
  }

  private minKernel(value: unknown): MinKernel | null {
    const version = typeof value === 'string' ? parseMinKernel(value) : null;
    if (version === null) this.plain = false;
    return version;
  }

  private text(value: unknown): string {
    if (typeof value === 'string') return value;
    this.plain = false;
    return '';
  }

  private integer(value: unknown): number {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
    this.plain = false;
    return 0;
  }

  private texts(value: unknown): readonly string[] | null {
    if (value === null) return null;
    const items = this.list(value);
    for (const item of items) if (typeof item !== 'string') this.plain = false;
    return items as readonly string[];
  }

  private list(value: unknown): readonly unknown[] {
    if (Array.isArray(value)) return value;
    if (value !== null) this.plain = false;
    return NONE;
  }

  private object(value: unknown): Readonly<Record<string, unknown>> {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Readonly<Record<string, unknown>>;
    this.plain = false;
    return {};
  }
}
