import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { convertProfile, goArchFromName, hasExplicitArchitectures, parseCapabilities } from '../convert/index.js';
import { BenchError } from '../errors.js';
import type { Profile } from '../model/profile.js';
import { baselineOf } from '../model/scenario.js';
import type { ArmDefinition, Scenario } from '../model/scenario.js';
import type { SeccompSpec } from '../model/seccomp.js';
import { defaultProfile, loadProfile } from '../profile/index.js';

/** An arm's spec as converted, before any runtime's limits. */
export interface ConvertedArm {
  readonly definition: ArmDefinition;
  readonly spec: SeccompSpec | null;
}

export interface ConversionChoice {
  readonly machine: string;
  readonly caps: string;
  readonly kernel: string;
  readonly lenient: boolean;
  readonly cwd: string;
}

/** Reads every arm's profile and converts it. Throws `input` for a bad profile, `notComparable` where the policies cannot differ. */
export function convertArms(scenario: Scenario, choice: ConversionChoice): readonly ConvertedArm[] {
  const profiles = new Map<string | undefined, Profile>();
  const profileOf = (arm: ArmDefinition): Profile => {
    const file = sourceOf(arm, scenario);
    const profile = profiles.get(file) ?? readProfile(file, choice);
    profiles.set(file, profile);
    return profile;
  };
  refuseSamePolicies(scenario, profileOf);
  return scenario.arms.map((definition) => convertArm(definition, profileOf(definition), scenario, choice));
}

const sourceOf = (arm: ArmDefinition, scenario: Scenario): string | undefined => arm.profile ?? scenario.profile;

function readProfile(file: string | undefined, { lenient, cwd }: ConversionChoice): Profile {
  if (file === undefined) {
    const { text, name } = defaultProfile();
    return loadProfile(Buffer.from(text), name, { lenient: false });
  }
  return loadProfile(readBytes(resolve(cwd, file), file), file, { lenient });
}

function readBytes(path: string, shown: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new BenchError('input', `Expected a profile file, got ${(cause as NodeJS.ErrnoException).code ?? String(cause)} from ${shown}`, { hint: 'Check the path; without --profile the built-in default is used.', cause });
  }
}

function convertArm(definition: ArmDefinition, profile: Profile, scenario: Scenario, choice: ConversionChoice): ConvertedArm {
  if (definition.policy === 'unconfined') return { definition, spec: null };
  const { spec } = convertProfile(profile, {
    arch: goArchFromName(choice.machine), policy: definition.policy, dialect: scenario.dialect,
    capabilities: parseCapabilities(choice.caps), kernel: choice.kernel,
  });
  return { definition, spec };
}

/** `all` and `host` read archMap; a profile with an explicit list has none, so the two come out the same. */
function refuseSamePolicies(scenario: Scenario, profileOf: (arm: ArmDefinition) => Profile): void {
  const baseline = scenario.arms.find((arm) => arm.name === baselineOf(scenario.arms));
  for (const arm of scenario.arms) {
    if (baseline === undefined || arm === baseline || arm.copyOf !== undefined) continue;
    const policies = new Set([arm.policy, baseline.policy]);
    const same = policies.has('all') && policies.has('host') && sourceOf(arm, scenario) === sourceOf(baseline, scenario);
    if (!same || !hasExplicitArchitectures(profileOf(arm))) continue;
    throw new BenchError('notComparable', `Expected ${baseline.name} and ${arm.name} to differ, got the same spec: ${sourceOf(arm, scenario) ?? 'the profile'} lists its architectures explicitly, so the policies "all" and "host" copy the same ones`, {
      hint: 'Use a profile with an archMap, or compare with --arms before,native.',
    });
  }
}
