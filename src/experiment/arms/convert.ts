import { convertProfile, goArchFromName, hasExplicitArchitectures } from '../../convert/index.js';
import { BenchError } from '../../errors.js';
import type { ConversionRequest } from '../../model/experiment/request.js';
import { baselineOf } from '../../model/run/scenario.js';
import type { ArmDefinition, Scenario } from '../../model/run/scenario.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import type { FilterSource } from '../../model/profile/source.js';
import { readSource } from '../../profile/index.js';
import type { ProfilePlace } from '../../profile/index.js';

/** An arm's spec as converted, before any runtime's limits. */
export interface ConvertedArm {
  readonly definition: ArmDefinition;
  /** `null`: no seccomp, unless the source is loaded as it is. */
  readonly spec: SeccompSpec | null;
  /** Where the treatment comes from; `null`: no seccomp at all. */
  readonly source: FilterSource | null;
  /** Converts the profile again. */
  readonly convert: () => SeccompSpec | null;
}

/** The sources of a scenario, by the arm that uses them; read once, so that one may come from standard input. */
export type ArmProfiles = ReadonlyMap<string, FilterSource>;

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
  const byFile = new Map<string | undefined, FilterSource>();
  const byArm = new Map<string, FilterSource>();
  for (const arm of scenario.arms) {
    const file = fileOf(arm, scenario);
    const source = byFile.get(file) ?? (await readSource(file, place, { lenient }));
    byFile.set(file, source);
    byArm.set(arm.name, source);
  }
  return byArm;
}

/** Every arm's spec for a machine and its kernel. */
export function convertArms(
  scenario: Scenario,
  profiles: ArmProfiles,
  target: ConversionTarget,
): readonly ConvertedArm[] {
  return scenario.arms.map((definition) => {
    const { policy, name } = definition;
    if (policy === 'unconfined') return { definition, spec: null, source: null, convert: () => null };
    const source = sourceOf(profiles, name);
    if (source.kind !== 'profile') return { definition, spec: null, source, convert: () => null };
    const convert = (): SeccompSpec | null =>
      convertProfile(source.profile, {
        arch: goArchFromName(target.machine),
        policy,
        dialect: scenario.dialect,
        capabilities: target.capabilities,
        kernel: target.kernel,
      }).spec;
    return { definition, spec: convert(), source, convert };
  });
}

const fileOf = (arm: ArmDefinition, scenario: Scenario): string | undefined => arm.profile ?? scenario.profile;

function sourceOf(sources: ArmProfiles, arm: string): FilterSource {
  const source = sources.get(arm);
  if (source === undefined) throw new RangeError(`the profile of arm ${arm} was not read`);
  return source;
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
    const same = policies.has('all') && policies.has('host') && fileOf(arm, scenario) === fileOf(baseline, scenario);
    const source = sourceOf(profiles, arm.name);
    if (!same || source.kind !== 'profile' || !hasExplicitArchitectures(source.profile)) continue;
    const profile = fileOf(arm, scenario) ?? 'the profile';
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
