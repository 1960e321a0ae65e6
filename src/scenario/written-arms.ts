import { completeArms, faultIn, namedPolicy } from '../model/run/arms.js';
import type { ArmFault } from '../model/run/arms.js';
import type { FilterForm } from '../model/filter/form.js';
import type { ArmDefinition } from '../model/run/scenario.js';
import type { ValidFile } from './file.js';
import { pathText } from './schema.js';

/** An arm as a scenario's file has it; with a property of its own it may be without a policy. */
export type WrittenArm =
  | string
  | (Pick<ArmDefinition, 'name' | 'profile' | 'runtime' | 'libseccomp' | 'copyOf'> &
      Partial<Pick<ArmDefinition, 'policy'>> & {
        readonly form?: FilterForm;
        readonly build?: 'start' | 'before';
        readonly first?: readonly string[];
      });

/** The arms of a scenario of starts, with their control. */
export function armsOf(
  written: readonly WrittenArm[],
  { located, reject }: Pick<ValidFile, 'located' | 'reject'>,
): readonly ArmDefinition[] {
  const named = (arm: WrittenArm): readonly ArmDefinition[] => {
    if (typeof arm !== 'string') return [definitionOf(arm, located)];
    // Of the names that the schema allows, only the control arm's has no policy; that arm is added last.
    const policy = namedPolicy(arm);
    return policy === undefined ? [] : [{ name: arm, policy }];
  };
  const arms = completeArms(written.flatMap(named));
  const fault = faultIn(arms);
  if (fault === undefined) return arms;
  throw reject(`${placeOf(fault, written, arms)}: ${fault.message}`);
}

/** An arm that is written in full. */
export function definitionOf(
  { policy, profile, runtime, libseccomp, form, build, first, ...rest }: Exclude<WrittenArm, string>,
  located: (path: string) => string,
): ArmDefinition {
  const chosen = policy === undefined ? ({ policy: 'host', impliedPolicy: true } as const) : { policy };
  const making = {
    ...(form === undefined ? {} : { form }),
    ...(build === 'before' ? { prebuilt: true as const } : {}),
    ...(first === undefined ? {} : { first }),
  };
  return {
    ...rest,
    ...chosen,
    ...(profile === undefined ? {} : { profile: located(profile) }),
    // A name without a folder is looked for in PATH.
    ...(runtime === undefined ? {} : { runtime: runtime.includes('/') ? asPath(located(runtime)) : runtime }),
    ...(form === undefined && build === undefined && first === undefined ? {} : { making }),
    ...(libseccomp === undefined ? {} : { libseccomp: located(libseccomp) }),
  };
}

const asPath = (file: string): string => (file.includes('/') ? file : `./${file}`);

/** The fault's JSON path in the file, where arms may have another order, or may be plain names. */
export function placeOf(fault: ArmFault, written: readonly WrittenArm[], arms: readonly ArmDefinition[]): string {
  const arm = fault.index === undefined ? undefined : arms[fault.index];
  const index = written.findLastIndex((entry) => (typeof entry === 'string' ? entry : entry.name) === arm?.name);
  if (index < 0) return 'arms';
  return pathText([
    'arms',
    index,
    ...(typeof written[index] === 'string' || fault.property === undefined ? [] : [fault.property]),
  ]);
}
