import { convertProfile, goArchFromName, hasExplicitArchitectures, parseCapabilities } from '../../convert/index.js';
import { BenchError } from '../../errors.js';
import type { ExperimentContext } from '../../model/experiment/events.js';
import type { Profile } from '../../model/profile/profile.js';
import { baselineOf } from '../../model/run/scenario.js';
import type { ArmDefinition, Scenario } from '../../model/run/scenario.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import { loadProfile } from '../../profile/index.js';
import { profileBytes } from './profile-bytes.js';

/** An arm's spec as converted, before any runtime's limits. */
export interface ConvertedArm {
  readonly definition: ArmDefinition;
  readonly spec: SeccompSpec | null;
  /** Converts the profile again. */
  readonly convert: () => SeccompSpec | null;
}

export interface ConversionChoice {
  readonly machine: string;
  readonly caps: string;
  readonly kernel: string;
  readonly lenient: boolean;
  /** What becomes of arms whose policies cannot differ; absent: refused with a hint for the main job. */
  readonly alike?: Alike | undefined;
}

/** Arms that come out equal are left out later on, or refused with a hint of the command's own. */
export type Alike = 'drop' | { readonly hint: string };

/**
 * Reads every arm's profile and converts it. Throws `input` for a bad profile, `notComparable` where the policies
 * cannot differ.
 */
export async function convertArms(
  scenario: Scenario,
  choice: ConversionChoice,
  io: Pick<ExperimentContext, 'cwd' | 'stdin'>,
): Promise<readonly ConvertedArm[]> {
  const profiles = new Map<string | undefined, Profile>();
  for (const file of new Set(scenario.arms.map((arm) => sourceOf(arm, scenario)))) {
    const { bytes, name } = await profileBytes(file, io);
    profiles.set(file, loadProfile(bytes, name, { lenient: choice.lenient }));
  }
  const profileOf = (arm: ArmDefinition): Profile => {
    const profile = profiles.get(sourceOf(arm, scenario));
    if (profile === undefined) throw new RangeError(`the profile of arm ${arm.name} was not read`);
    return profile;
  };
  if (choice.alike !== 'drop') refuseSamePolicies(scenario, profileOf, choice.alike?.hint);
  return scenario.arms.map((definition) => convertArm(definition, profileOf(definition), scenario, choice));
}

const sourceOf = (arm: ArmDefinition, scenario: Scenario): string | undefined => arm.profile ?? scenario.profile;

function convertArm(
  definition: ArmDefinition,
  profile: Profile,
  scenario: Scenario,
  choice: ConversionChoice,
): ConvertedArm {
  const { policy } = definition;
  if (policy === 'unconfined') return { definition, spec: null, convert: () => null };
  const request = {
    arch: goArchFromName(choice.machine),
    policy,
    dialect: scenario.dialect,
    capabilities: parseCapabilities(choice.caps),
    kernel: choice.kernel,
  };
  const convert = (): SeccompSpec | null => convertProfile(profile, request).spec;
  return { definition, spec: convert(), convert };
}

/** `all` and `host` read archMap; a profile with an explicit list has none, so the two come out the same. */
function refuseSamePolicies(
  scenario: Scenario,
  profileOf: (arm: ArmDefinition) => Profile,
  hint = 'Use a profile with an archMap, or compare with --arms before,native.',
): void {
  const baseline = scenario.arms.find((arm) => arm.name === baselineOf(scenario.arms));
  for (const arm of scenario.arms) {
    if (baseline === undefined || arm === baseline || arm.copyOf !== undefined) continue;
    const policies = new Set([arm.policy, baseline.policy]);
    const same =
      policies.has('all') && policies.has('host') && sourceOf(arm, scenario) === sourceOf(baseline, scenario);
    if (!same || !hasExplicitArchitectures(profileOf(arm))) continue;
    throw new BenchError(
      'notComparable',
      `Expected ${baseline.name} and ${arm.name} to differ, got the same spec: ${sourceOf(arm, scenario) ?? 'the profile'} lists its architectures explicitly, so the policies "all" and "host" copy the same ones`,
      { hint },
    );
  }
}
