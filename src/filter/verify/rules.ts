import type { RulePlace } from '../../model/filter/verification.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import type { LxcPolicy } from '../../model/profile/source.js';
import { entriesOf, lxcArchitectures, wordOf } from '../build/lxc.js';
import { meaningOf } from '../build/plan.js';
import type { RuleMeaning } from '../build/plan.js';
import { libseccompName } from '../inspect/architectures.js';
import { actionWord, RETURN } from '../simulate/actions.js';

/** One rule, and where it stands. */
export interface PlacedRule extends RuleMeaning {
  readonly names: readonly string[];
  /** Numbers of calls on the machine's own architecture, in place of names. */
  readonly numbers?: readonly number[];
  readonly place: RulePlace;
}

/** What a filter is expected to do. */
export interface RuleSet {
  readonly defaultAction: number;
  /** By libseccomp's names; the machine's own is one of them. */
  readonly architectures: readonly string[];
  readonly rules: readonly PlacedRule[];
  /** Rules are added as they are (seccomp_rule_add_exact), not for both ways of a call that goes through another. */
  readonly exact: boolean;
}

/**
 * The rules of a spec on a machine (libseccomp's name), whose architecture is in every filter. `placeOf` tells where
 * the spec's rule of an index stands in the user's file. Throws `input` for a rule that no runtime could load.
 */
export function rulesOfSpec(spec: SeccompSpec, machine: string, placeOf: (index: number) => RulePlace): RuleSet {
  return {
    defaultAction: actionWord(spec.defaultAction, spec.defaultErrnoRet, 'defaultAction'),
    architectures: [...new Set([machine, ...(spec.architectures ?? []).map(libseccompName)])],
    rules: (spec.syscalls ?? []).map((rule, index) => ({
      ...meaningOf(rule, `syscalls[${index}]`),
      names: rule.names,
      place: placeOf(index),
    })),
    exact: false,
  };
}

/** The rules of an LXC policy on a machine (libseccomp's name), as LXC reads them. `file` is for places. */
export function rulesOfPolicy(policy: LxcPolicy, file: string, machine: string): RuleSet {
  return {
    defaultAction: wordOf(policy.defaultAction),
    architectures: lxcArchitectures(policy, machine),
    rules: policy.version === 1 ? numberedRules(policy, file) : namedRules(policy, file, machine),
    exact: true,
  };
}

/** Version 1 allows the calls of its numbers. */
const numberedRules = ({ rules }: LxcPolicy, file: string): readonly PlacedRule[] =>
  rules.map(({ line, call }) => ({
    action: RETURN.ALLOW,
    alternatives: [[]],
    names: [],
    numbers: [Number(call)],
    place: { file, path: `line ${line}` },
  }));

const namedRules = (policy: LxcPolicy, file: string, machine: string): readonly PlacedRule[] =>
  entriesOf(policy, machine).map(({ line, call, action, conditions }) => ({
    action,
    alternatives: [conditions],
    names: [call],
    place: { file, path: `line ${line}` },
  }));
