import { baselineOf, controlOf, type Scenario } from '../../model/run/scenario.js';

/** Places of the arms that have a role, and of those compared with them, in the plan's order. */
export interface Roles {
  readonly baseline: number;
  readonly control: number | null;
  readonly compared: readonly number[];
}

/** Who is compared with whom. */
export function rolesOf({ arms }: Pick<Scenario, 'arms'>): Roles {
  const names = arms.map((arm) => arm.name);
  const baseline = names.indexOf(baselineOf(arms));
  const copy = controlOf(arms);
  const control = copy === undefined ? null : names.indexOf(copy);
  return { baseline, control, compared: [...names.keys()].filter((place) => place !== baseline && place !== control) };
}
