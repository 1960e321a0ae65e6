import { invalidValue, type BenchError } from '../../errors.js';
import type { SeccompArg, SeccompRule, SeccompSpec, Uint64 } from '../../model/profile/seccomp.js';
import { actionWord } from '../simulate/actions.js';

/** One comparison of an argument, in libseccomp's terms; in a masked comparison `a` is the mask and `b` the value. */
export interface Condition {
  readonly index: number;
  /** libseccomp's enum scmp_compare. */
  readonly operator: number;
  readonly a: bigint;
  readonly b: bigint;
}

/**
 * One call of seccomp_rule_add_array with all its conditions. The libseccomp that builds the filter resolves the name.
 */
export interface PlannedRule {
  readonly action: number;
  readonly name: string;
  readonly conditions: readonly Condition[];
}

/** What a runtime tells libseccomp, in that order. */
export interface FilterPlan {
  readonly defaultAction: number;
  /** As in the spec, SCMP_ARCH_...; the native one is in every filter, listed or not. */
  readonly architectures: readonly string[];
  readonly rules: readonly PlannedRule[];
}

/** enum scmp_compare of libseccomp's ABI. */
export const COMPARE = { NE: 1, LT: 2, LE: 3, EQ: 4, GE: 5, GT: 6, MASKED_EQ: 7 } as const;

const OPERATORS: ReadonlyMap<string, number> = new Map(
  Object.entries(COMPARE).map(([name, operator]) => [`SCMP_CMP_${name}`, operator]),
);
const LAST_ARGUMENT = 5n;
const MOST_UINT64 = 2n ** 64n - 1n;

/**
 * The libseccomp calls that runc and crun make for a spec: a rule with the default action is left out (libseccomp would
 * refuse it), and a rule that compares one argument twice becomes one rule per comparison. Throws `input` for a spec
 * that neither could load.
 */
export function filterPlan(spec: SeccompSpec): FilterPlan {
  const defaultAction = actionWord(spec.defaultAction, spec.defaultErrnoRet, 'defaultAction');
  return {
    defaultAction,
    architectures: spec.architectures ?? [],
    rules: (spec.syscalls ?? []).flatMap((rule, index) => plannedRules(rule, `syscalls[${index}]`, defaultAction)),
  };
}

function plannedRules(rule: SeccompRule, path: string, defaultAction: number): PlannedRule[] {
  const { action, alternatives } = meaningOf(rule, path);
  if (action === defaultAction) return [];
  return rule.names.flatMap((name) => alternatives.map((conditions) => ({ action, name, conditions })));
}

/** What a rule says of each of its calls: the action where all conditions of one alternative hold. */
export interface RuleMeaning {
  readonly action: number;
  /** At least one; without conditions it always holds. */
  readonly alternatives: readonly (readonly Condition[])[];
}

/**
 * A rule as runtimes read it: its conditions hold together, unless two are on one argument; then each is a rule by
 * itself (runc and crun, because libseccomp takes one comparison per argument: seccomp_rule_add(3)). Throws `input`.
 */
export function meaningOf(rule: SeccompRule, path: string): RuleMeaning {
  const action = actionWord(rule.action, rule.errnoRet, `${path}.action`);
  const alternatives = alternativesOf((rule.args ?? []).map((arg, index) => condition(arg, `${path}.args[${index}]`)));
  if (rule.names.some((name) => name === '')) throw wrong(`${path}.names`, 'names of system calls', 'an empty name');
  return { action, alternatives };
}

function alternativesOf(conditions: readonly Condition[]): (readonly Condition[])[] {
  const arguments_ = new Set(conditions.map(({ index }) => index));
  return arguments_.size === conditions.length ? [conditions] : conditions.map((one) => [one]);
}

/** A comparison of a spec in libseccomp's terms. Throws `input` with its JSON path. */
export function condition(arg: SeccompArg, path: string): Condition {
  const operator = OPERATORS.get(arg.op);
  if (operator === undefined)
    throw wrong(`${path}.op`, `one of ${[...OPERATORS.keys()].join(', ')}`, JSON.stringify(arg.op));
  if (BigInt(arg.index) > LAST_ARGUMENT) throw wrong(`${path}.index`, 'an argument from 0 to 5', String(arg.index));
  return {
    index: Number(arg.index),
    operator,
    a: uint64(arg.value, `${path}.value`),
    b: uint64(arg.valueTwo ?? 0, `${path}.valueTwo`),
  };
}

function uint64(value: Uint64, path: string): bigint {
  const exact = typeof value === 'bigint' || Number.isSafeInteger(value) ? BigInt(value) : -1n;
  if (exact < 0n || exact > MOST_UINT64)
    throw wrong(path, `an integer from 0 to ${MOST_UINT64.toString()}`, String(value));
  return exact;
}

function wrong(path: string, wanted: string, got: string): BenchError {
  return invalidValue(`linux.seccomp.${path}`, wanted, got, {
    code: 'input',
    hint: 'Correct the profile of this spec.',
  });
}
