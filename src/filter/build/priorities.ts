import type { FilterPlan } from './plan.js';

const HIGHEST_PRIORITY = 255;

/** The names that the plan has a rule for, in their order. */
export function namesWithRule(names: readonly string[], { rules }: FilterPlan): readonly string[] {
  const ruled = new Set(rules.map(({ name }) => name));
  return names.filter((name) => ruled.has(name));
}

/**
 * libseccomp's priorities: 255 comes first; names after the 255th have none. Names without a rule are left out:
 * libseccomp accepts their priority, and then builds a filter that does not find the other calls.
 */
export const prioritiesOf = (
  first: readonly string[],
  plan: FilterPlan,
): readonly { readonly name: string; readonly priority: number }[] =>
  namesWithRule(first, plan)
    .slice(0, HIGHEST_PRIORITY)
    .map((name, index) => ({ name, priority: HIGHEST_PRIORITY - index }));
