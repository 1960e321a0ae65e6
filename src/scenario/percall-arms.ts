import { CONTROL } from '../model/run/arms.js';
import type { ArmDefinition } from '../model/run/scenario.js';

/** The arm that all other arms are compared with when calls are priced. */
const PERCALL_BASELINE = 'unconfined';

/** The arms of a run that prices calls: the one without a filter first, those given, and a control of the first. */
export function percallArms(arms: readonly ArmDefinition[]): readonly ArmDefinition[] {
  const baseline: ArmDefinition = { name: PERCALL_BASELINE, policy: 'unconfined' };
  return [baseline, ...arms, { ...baseline, name: CONTROL, copyOf: PERCALL_BASELINE }];
}
