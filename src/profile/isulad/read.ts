import { invalidValue, type BenchError } from '../../errors.js';
import type {
  ArchMapEntry,
  OddKey,
  Profile,
  ProfileArg,
  ProfileRule,
  RuleFilter,
} from '../../model/profile/profile.js';
import type { Uint64 } from '../../model/profile/seccomp.js';
import { parseJson, type JsonMember, type JsonNode, type Within } from '../json.js';
import { pathStep } from '../reading.js';
import { ISULAD_GRAMMAR, ISULAD_HINT, isuladText } from './text.js';

/**
 * Reads a profile as iSulad does: by yajl and the parser that libocispec generates, without its strict option. A key
 * counts in its exact spelling, the first of equal keys wins, and a value of another type is dropped. So is every field
 * that iSulad does not know, `minKernel` among them: they are listed in `oddKeys`. Throws `input` for syntax that yajl
 * refuses, and for numbers that do not fit. Source: libocispec's sources.py, yajl, and recorded answers of iSulad.
 */
export function readAsIsulad(bytes: Uint8Array, fileName: string, within: Within = (document) => document): Profile {
  const document = within(parseJson(isuladText(bytes, fileName), fileName, ISULAD_GRAMMAR));
  return new IsuladReader(fileName).profile(document);
}

/** What a value has to be, as messages call it. */
const TYPES = { string: 'a string', number: 'a number', array: 'an array', object: 'an object' } as const;
type Type = keyof typeof TYPES;
type NodeOf<T extends Type> = JsonNode & { readonly kind: T };

/** The keys that moby knows and iSulad does not, by object. */
const MOBY_ONLY: Readonly<Record<string, readonly string[]>> = {
  profile: ['defaultErrnoRet', 'flags', 'listenerPath', 'listenerMetadata'],
  rule: ['name', 'errnoRet'],
  filter: ['minKernel'],
};

const MAX_UINT32 = 4294967295n;
const MAX_UINT64 = 18446744073709551615n;

class IsuladReader {
  private readonly oddKeys: OddKey[] = [];

  constructor(private readonly fileName: string) {}

  profile(document: JsonNode): Profile {
    const get = this.fields(document, '', 'profile', ['defaultAction', 'architectures', 'archMap', 'syscalls']);
    return {
      fileName: this.fileName,
      defaultAction: get.text('defaultAction'),
      defaultErrnoRet: null,
      // Ignored by iSulad, and said so where a conversion is explained.
      architectures: get.texts('architectures') ?? [],
      archMap: get.list('archMap').map((node, index) => this.entry(node, `archMap[${index}]`)),
      flags: [],
      listenerPath: '',
      listenerMetadata: '',
      syscalls: get.list('syscalls').map((node, index) => this.rule(node, `syscalls[${index}]`)),
      oddKeys: this.oddKeys,
      isuladReading: null,
    };
  }

  private entry(node: JsonNode, path: string): ArchMapEntry {
    const get = this.fields(node, path, 'entry', ['architecture', 'subArchitectures']);
    return { architecture: get.text('architecture'), subArchitectures: get.texts('subArchitectures') ?? [] };
  }

  private rule(node: JsonNode, path: string): ProfileRule {
    const get = this.fields(node, path, 'rule', ['names', 'action', 'args', 'comment', 'includes', 'excludes']);
    get.text('comment');
    return {
      names: get.texts('names'),
      name: '',
      action: get.text('action'),
      errnoRet: null,
      args: get.list('args').map((arg, index) => this.arg(arg, `${path}.args[${index}]`)),
      includes: this.filter(get.one('includes', 'object'), `${path}.includes`),
      excludes: this.filter(get.one('excludes', 'object'), `${path}.excludes`),
    };
  }

  private arg(node: JsonNode, path: string): ProfileArg {
    const get = this.fields(node, path, 'arg', ['index', 'value', 'valueTwo', 'op']);
    return {
      index: this.integer(get.one('index', 'number'), `${path}.index`, MAX_UINT32),
      value: this.integer(get.one('value', 'number'), `${path}.value`, MAX_UINT64),
      valueTwo: this.integer(get.one('valueTwo', 'number'), `${path}.valueTwo`, MAX_UINT64),
      op: get.text('op'),
    };
  }

  private filter(node: NodeOf<'object'> | undefined, path: string): RuleFilter | null {
    if (node === undefined) return null;
    const get = this.fields(node, path, 'filter', ['caps', 'arches']);
    return { caps: get.texts('caps') ?? [], arches: get.texts('arches') ?? [], minKernel: null };
  }

  /** strtoull in base 10: a minus sign counts from 2^64 downwards, a fraction or an exponent is refused. */
  private integer(node: NodeOf<'number'> | undefined, path: string, max: bigint): Uint64 {
    if (node === undefined) return 0;
    const size = /^-?[0-9]+$/.test(node.text) ? BigInt(node.text.replace('-', '')) : undefined;
    if (size === undefined || size > MAX_UINT64) throw this.refused(path, `an integer from 0 to ${max}`, node.text);
    const value = BigInt.asUintN(64, node.text.startsWith('-') ? -size : size);
    if (value > max) throw this.refused(path, `an integer from 0 to ${max}`, node.text);
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }

  /** The members of an object by name; a node of another kind has none. Lists what is dropped. */
  private fields(node: JsonNode, path: string, kind: string, known: readonly string[]): Fields {
    const first = new Map<string, JsonMember>();
    const pathOf = (key: string): string => (path === '' ? pathStep(key) : `${path}.${pathStep(key)}`);
    for (const member of node.kind === 'object' ? node.members : []) {
      const odd = oddity(member.key, kind, known, first);
      if (odd === undefined) first.set(member.key, member);
      else this.oddKeys.push({ path: pathOf(member.key), reason: odd });
    }
    return new Fields(first, (key, expected) => {
      this.oddKeys.push({ path: pathOf(key), reason: `not ${expected}: iSulad drops it` });
    });
  }

  private refused(path: string, expected: string, got: string): BenchError {
    return invalidValue(`${this.fileName}: ${path}`, expected, got, { code: 'input', hint: ISULAD_HINT });
  }
}

/** Why a member has no effect; `undefined`: it has one. */
function oddity(
  key: string,
  kind: string,
  known: readonly string[],
  first: ReadonlyMap<string, unknown>,
): string | undefined {
  if (first.has(key)) return 'a repeated key: the first one counts';
  if (known.includes(key)) return undefined;
  return MOBY_ONLY[kind]?.includes(key) === true ? 'iSulad has no such field' : 'there is no such field';
}

/** The first members of an object, each wanted with one type. */
class Fields {
  constructor(
    private readonly members: ReadonlyMap<string, JsonMember>,
    private readonly drop: (key: string, expected: string) => void,
  ) {}

  /** The value, if it has that type; null is the same as none. */
  one<T extends Type>(key: string, type: T): NodeOf<T> | undefined {
    const node = this.members.get(key)?.value;
    if (node === undefined || node.kind === 'null') return undefined;
    if (hasType(node, type)) return node;
    this.drop(key, TYPES[type]);
    return undefined;
  }

  text(key: string): string | null {
    return this.one(key, 'string')?.value ?? null;
  }

  list(key: string): readonly JsonNode[] {
    return this.one(key, 'array')?.items ?? [];
  }

  /** A list of strings, in which anything else is empty; `null` where there is none. */
  texts(key: string): readonly string[] | null {
    const node = this.one(key, 'array');
    return node === undefined ? null : node.items.map((item) => (item.kind === 'string' ? item.value : ''));
  }
}

const hasType = <T extends Type>(node: JsonNode, type: T): node is NodeOf<T> => node.kind === type;
