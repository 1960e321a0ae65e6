import { convertProfile, goArchFromName, hasExplicitArchitectures } from '../../convert/index.js';
import { BenchError } from '../../errors.js';
import type { ConversionRequest } from '../../model/experiment/request.js';
import type { Profile } from '../../model/profile/profile.js';
import { baselineOf } from '../../model/run/scenario.js';
import type { ArmDefinition, Scenario } from '../../model/run/scenario.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import { loadProfile, readProfileFile } from '../../profile/index.js';
import type { ProfilePlace } from '../../profile/index.js';

/** An arm's spec as converted, before any runtime's limits. */
export interface ConvertedArm {
  readonly definition: ArmDefinition;
  readonly spec: SeccompSpec | null;
  /** Converts the profile again. */
  readonly convert: () => SeccompSpec | null;
}

/** The profiles of a scenario, by the arm that uses them; read once, so that one may come from standard input. */
export type ArmProfiles = ReadonlyMap<string, Profile>;

/** The machine and the kernel that profiles are converted for. */
export interface ConversionTarget extends Pick<ConversionRequest, 'capabilities'> {
  /** `uname -m`. */
  readonly machine: string;
  /** `uname -r`. */
  readonly kernel: string;
}

/** Reads every arm's profile. Throws `input` for one that is wrong. */
export async function readArmProfiles(
  scenario: Scenario,
  { lenient }: Pick<ConversionRequest, 'lenient'>,
  place: ProfilePlace,
): Promise<ArmProfiles> {
  const byFile = new Map<string | undefined, Profile>();
  const byArm = new Map<string, Profile>();
  for (const arm of scenario.arms) {
    const file = sourceOf(arm, scenario);
    const { bytes, name } = byFile.has(file) ? NOTHING : await readProfileFile(file, place);
    const profile = byFile.get(file) ?? loadProfile(bytes, name, { lenient });
    byFile.set(file, profile);
    byArm.set(arm.name, profile);
  }
  return byArm;
}

const NOTHING = { bytes: new Uint8Array(), name: '' };

/** Every arm's spec for a machine and its kernel. */
export function convertArms(
  scenario: Scenario,
  profiles: ArmProfiles,
  target: ConversionTarget,
): readonly ConvertedArm[] {
  return scenario.arms.map((definition) => {
    const { policy, name } = definition;
    if (policy === 'unconfined') return { definition, spec: null, convert: () => null };
    const convert = (): SeccompSpec | null =>
      convertProfile(profileOf(profiles, name), {
        arch: goArchFromName(target.machine),
        policy,
        dialect: scenario.dialect,
        capabilities: target.capabilities,
        kernel: target.kernel,
      }).spec;
    return { definition, spec: convert(), convert };
  });
}

const sourceOf = (arm: ArmDefinition, scenario: Scenario): string | undefined => arm.profile ?? scenario.profile;

function profileOf(profiles: ArmProfiles, arm: string): Profile {
  const profile = profiles.get(arm);
  if (profile === undefined) throw new RangeError(`the profile of arm ${arm} was not read`);
  return profile;
}

/**
 * Refuses arms whose policies cannot differ: `all` and `host` read archMap, and a profile with an explicit list of
 * architectures has none. Throws `notComparable`.
 */
export function refuseSamePolicies(
  scenario: Scenario,
  profiles: ArmProfiles,
  hint = 'Use a profile with an archMap, or compare with the policy native.',
): void {
  const baseline = scenario.arms.find((arm) => arm.name === baselineOf(scenario.arms));
  for (const arm of scenario.arms) {
    if (baseline === undefined || arm === baseline || arm.copyOf !== undefined) continue;
    const policies = new Set([arm.policy, baseline.policy]);
    const same =
      policies.has('all') && policies.has('host') && sourceOf(arm, scenario) === sourceOf(baseline, scenario);
    if (!same || !hasExplicitArchitectures(profileOf(profiles, arm.name))) continue;
    const profile = sourceOf(arm, scenario) ?? 'the profile';
    throw new BenchError(
      'notComparable',
      `arms ${baseline.name} and ${arm.name} have the same spec: ${profile} lists its architectures explicitly, so the \
policies "all" and "host" copy the same ones`,
      { hint },
    );
  }
}

/**
 * Reads and converts every arm's profile, so that a wrong one is refused before anything is started. Throws `input` for
 * a bad profile, `notComparable` where the policies cannot differ.
 */
export async function checkArms(
  scenario: Scenario,
  target: ConversionTarget & Pick<ConversionRequest, 'lenient'>,
  place: ProfilePlace,
): Promise<readonly ConvertedArm[]> {
  const profiles = await readArmProfiles(scenario, target, place);
  refuseSamePolicies(scenario, profiles);
  return convertArms(scenario, profiles, target);
}
