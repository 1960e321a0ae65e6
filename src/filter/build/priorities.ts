import type { FilterPlan } from './plan.js';

const HIGHEST_PRIORITY = 255;

/** Those of the names that the plan has a rule for, in their order. */
export function namesWithRule(names: readonly string[], { rules }: FilterPlan): readonly string[] {
  const ruled = new Set(rules.map(({ name }) => name));
  return names.filter((name) => ruled.has(name));
}

/**
 * libseccomp's priorities: 255 comes first; those beyond the 255th keep the order of the rest. Names without a rule are
 * left out: libseccomp takes a
 * priority for a call that no rule is for, and then builds a filter that no longer finds the others.
 */
export const prioritiesOf = (
  first: readonly string[],
  plan: FilterPlan,
): readonly { readonly name: string; readonly priority: number }[] =>
  namesWithRule(first, plan)
    .slice(0, HIGHEST_PRIORITY)
    .map((name, index) => ({ name, priority: HIGHEST_PRIORITY - index }));
