import { baselineOf, controlOf, referenceOf, type Scenario } from '../../model/run/scenario.js';

/** Places of an arm, of the arm that it is compared with, and of that one's byte copy. */
export interface ComparedArm {
  readonly arm: number;
  readonly baseline: number;
  /** `null`: there is none. */
  readonly control: number | null;
}

/** Places of the arms that have a role, and of those compared with another, in the plan's order. */
export interface Roles {
  readonly baseline: number;
  readonly control: number | null;
  readonly compared: readonly ComparedArm[];
}

/** Who is compared with whom. */
export function rolesOf({ arms }: Pick<Scenario, 'arms'>): Roles {
  const names = arms.map((arm) => arm.name);
  const placeOf = (name: string | undefined): number | null => (name === undefined ? null : names.indexOf(name));
  return {
    baseline: names.indexOf(baselineOf(arms)),
    control: placeOf(controlOf(arms)),
    compared: names.flatMap((name, arm) => {
      const reference = referenceOf(arms, name);
      if (reference === null) return [];
      return [{ arm, baseline: names.indexOf(reference.baseline), control: placeOf(reference.control) }];
    }),
  };
}
