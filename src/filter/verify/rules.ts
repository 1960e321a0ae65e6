import type { RulePlace } from '../../model/filter/verification.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import { meaningOf } from '../build/plan.js';
import type { RuleMeaning } from '../build/plan.js';
import { libseccompName } from '../inspect/architectures.js';
import { actionWord } from '../simulate/actions.js';

/** One rule, and where it stands. */
export interface PlacedRule extends RuleMeaning {
  readonly names: readonly string[];
  readonly place: RulePlace;
}

/** What a filter is expected to do. */
export interface RuleSet {
  readonly defaultAction: number;
  /** By libseccomp's names; the machine's own is one of them. */
  readonly architectures: readonly string[];
  readonly rules: readonly PlacedRule[];
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
  };
}
