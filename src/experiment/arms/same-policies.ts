import { goArchFromName, hasExplicitArchitectures, readsExplicitList, trimmed } from '../../convert/index.js';
import type { Profile } from '../../model/profile/profile.js';
import type { Dialect } from '../../model/profile/seccomp.js';
import type { ArmPolicy } from '../../model/run/scenario.js';

/** By whose rules a profile is converted, and for which machine; `null`: it is not known yet. */
export interface PolicyRules {
  readonly dialect: Dialect;
  readonly machine: string | null;
}

/** Why two policies give the same spec, as the end of a sentence about the profile, and what helps. */
export interface SamePolicies {
  readonly why: string;
  readonly hint: string;
}

/**
 * Whether two policies are the same for a profile: an explicit list of architectures is copied whole by `all` and
 * `host`, and without one `trim` is `host`. `undefined`: they may differ.
 */
export function samePolicies(
  policies: readonly [ArmPolicy, ArmPolicy],
  profile: Profile,
  { dialect, machine }: PolicyRules,
): SamePolicies | undefined {
  const [one, other] = [...policies].sort() as [ArmPolicy, ArmPolicy];
  if (one === other) return undefined;
  if (!readsExplicitList(profile, dialect)) return one === 'host' && other === 'trim' ? trimIsHost(profile) : undefined;
  const foreign = machine !== null && hasForeign(profile, machine);
  const isWhole = (policy: ArmPolicy): boolean =>
    policy === 'all' || policy === 'host' || (policy === 'trim' && machine !== null && !foreign);
  if (!isWhole(one) || !isWhole(other)) return undefined;
  return {
    why: `lists its architectures explicitly, so the policies "${one}" and "${other}" copy the same ones`,
    hint: foreign
      ? "Compare with the policy trim, which cuts the list to the host's, or with native."
      : 'Compare with the policy native.',
  };
}

function trimIsHost(profile: Profile): SamePolicies {
  const list = hasExplicitArchitectures(profile)
    ? 'has a list of architectures that iSulad ignores'
    : 'has no explicit list of architectures';
  return {
    why: `${list}, so the policy "trim" is the same as "host"`,
    hint: 'Compare with the policy all or native.',
  };
}

const hasForeign = ({ architectures }: Profile, machine: string): boolean =>
  trimmed(architectures, goArchFromName(machine)).dropped.length > 0;
