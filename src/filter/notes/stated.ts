import type { Profile } from '../../model/profile/profile.js';
import type { SeccompArg, SeccompRule, SeccompSpec, Uint64 } from '../../model/profile/seccomp.js';
import type { LxcPolicy, LxcRule } from '../../model/profile/source.js';
import { actionOf } from '../simulate/actions.js';

/** A name with its place in the file. */
export interface StatedName {
  readonly name: string;
  readonly path: string;
}

/** A comparison with its place in the file; in a masked one `value` is the mask and `valueTwo` the value. */
export interface StatedCondition {
  readonly index: number;
  readonly op: string;
  readonly value: bigint;
  readonly valueTwo: bigint;
  readonly path: string;
}

/** A rule as its file states it. */
export interface StatedRule {
  readonly path: string;
  readonly names: readonly StatedName[];
  readonly action: string;
  /** The 32-bit answer; `undefined` for an action that is none. */
  readonly word: number | undefined;
  readonly errnoRet: Uint64 | undefined;
  /** Where the errno stands. */
  readonly errnoPath: string;
  readonly conditions: readonly StatedCondition[];
  /** Architectures of an LXC section; '' for rules of all architectures. */
  readonly section: string;
  /** It applies to some containers or kernels only (`includes`, `excludes`). */
  readonly isOptional: boolean;
}

/** What a file says, of what applies on one machine. */
export interface Stated {
  readonly file: string;
  readonly defaultAction: string;
  readonly defaultWord: number | undefined;
  readonly defaultErrnoRet: Uint64 | undefined;
  readonly defaultPath: string;
  readonly defaultErrnoPath: string;
  readonly rules: readonly StatedRule[];
  readonly architectures: readonly string[];
  readonly flags: readonly StatedName[];
  /** `null` in a form that has no such key. */
  readonly listenerPath: string | null;
  /** Numbers are names in LXC's first version, and a rule may compare one argument twice only in an OCI spec. */
  readonly form: 'oci' | 'lxc-1' | 'lxc-2';
}

/** Where the parts of a spec stand in the file that it was made from. */
export interface SpecPlaces {
  readonly file: string;
  /** What comes before `syscalls[0]`: `linux.seccomp.` in a config.json. */
  readonly prefix?: string;
  /** The index in the profile of every rule of the spec; absent: the same. */
  readonly origins?: readonly number[];
  /** The profile that the spec was made from. */
  readonly profile?: Profile;
}

/** A spec with the places of its parts. */
export function statedSpec(spec: SeccompSpec, { file, prefix = '', origins, profile }: SpecPlaces): Stated {
  return {
    file,
    defaultAction: spec.defaultAction,
    defaultWord: actionOf(spec.defaultAction, spec.defaultErrnoRet),
    defaultErrnoRet: spec.defaultErrnoRet,
    defaultPath: `${prefix}defaultAction`,
    defaultErrnoPath: `${prefix}defaultErrnoRet`,
    rules: (spec.syscalls ?? []).map((rule, index) => {
      const origin = origins?.[index] ?? index;
      return statedRule(rule, `${prefix}syscalls[${origin}]`, profile?.syscalls[origin]);
    }),
    architectures: spec.architectures ?? [],
    flags: (spec.flags ?? []).map((name, index) => ({ name, path: `${prefix}flags[${index}]` })),
    listenerPath: spec.listenerPath ?? '',
    form: 'oci',
  };
}

function statedRule(rule: SeccompRule, path: string, own: Profile['syscalls'][number] | undefined): StatedRule {
  const isSingle = own !== undefined && own.name !== '';
  return {
    path,
    names: rule.names.map((name, index) => ({ name, path: isSingle ? `${path}.name` : `${path}.names[${index}]` })),
    action: rule.action,
    word: actionOf(rule.action, rule.errnoRet),
    errnoRet: rule.errnoRet,
    errnoPath: `${path}.errnoRet`,
    conditions: (rule.args ?? []).map((arg, index) => statedCondition(arg, `${path}.args[${index}]`)),
    section: '',
    isOptional: own !== undefined && (own.includes !== null || own.excludes !== null),
  };
}

const statedCondition = ({ index, op, value, valueTwo }: SeccompArg, path: string): StatedCondition => ({
  index: Number(index),
  op,
  value: BigInt(value),
  valueTwo: BigInt(valueTwo ?? 0),
  path,
});

/** An LXC policy with the lines of its rules. */
export function statedPolicy(policy: LxcPolicy, file: string): Stated {
  const { action, errnoRet } = policy.kind === 'deny' ? { action: 'SCMP_ACT_ALLOW' } : policy.defaultAction;
  return {
    file,
    defaultAction: action,
    defaultWord: actionOf(action, errnoRet),
    defaultErrnoRet: errnoRet,
    defaultPath: 'line 2',
    defaultErrnoPath: 'line 2',
    rules: policy.rules.map(statedLine),
    architectures: [],
    flags: [],
    listenerPath: null,
    form: policy.version === 1 ? 'lxc-1' : 'lxc-2',
  };
}

function statedLine({ line, section, call, action: { action, errnoRet }, args }: LxcRule): StatedRule {
  const path = `line ${line}`;
  return {
    path,
    names: [{ name: call, path }],
    action,
    word: actionOf(action, errnoRet),
    errnoRet,
    errnoPath: path,
    conditions: args.map(({ index, op, value, valueTwo }) => ({ index, op, value, valueTwo, path })),
    section,
    isOptional: false,
  };
}
