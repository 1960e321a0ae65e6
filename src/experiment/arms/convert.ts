import { convertProfile, goArchFromName } from '../../convert/index.js';
import { BenchError } from '../../errors.js';
import type { ConversionRequest } from '../../model/experiment/request.js';
import { FORM_NAMES, RUNTIME_DEFAULT } from '../../model/profile/source.js';
import type { ArmSource, FilterSource, RuntimeDefaultSource } from '../../model/profile/source.js';
import { isOwnTreatment } from '../../model/run/arms.js';
import { baselineOf } from '../../model/run/scenario.js';
import type { ArmDefinition, ArmPolicy, Scenario } from '../../model/run/scenario.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import { readSource, sourceOptions } from '../../profile/index.js';
import type { ProfilePlace } from '../../profile/index.js';
import { assertLibraries } from './libraries.js';
import { samePolicies } from './same-policies.js';

/** An arm's spec as converted, before any runtime's limits. */
export interface ConvertedArm {
  readonly definition: ArmDefinition;
  /** What the arm loads, in the form in which it was given; `null`: nothing, as the arm is unconfined. */
  readonly source: ArmSource | null;
  /** `null`: no seccomp, or a source that has no spec (a raw filter, a policy of LXC's, the runtime's own profile). */
  readonly spec: SeccompSpec | null;
  /** Converts the profile again. */
  readonly convert: () => SeccompSpec | null;
}

/** What the arms of a scenario load, by arm; read once, so that one may come from standard input. */
export type ArmSources = ReadonlyMap<string, FilterSource>;

/** How the files of arms are read. */
type Reading = Pick<ConversionRequest, 'lenient' | 'form' | 'maxBytes'>;

/** The machine and the kernel that profiles are converted for. */
export interface ConversionTarget extends Pick<ConversionRequest, 'capabilities'> {
  /** `uname -m`. */
  readonly machine: string;
  /** `uname -r`. */
  readonly kernel: string;
}

/**
 * Reads what every arm loads. Throws `input` for a file that is wrong, and for an architecture policy of an arm whose
 * file has no architectures to choose from.
 */
export async function readArmSources(scenario: Scenario, reading: Reading, place: ProfilePlace): Promise<ArmSources> {
  const byFile = new Map<string | undefined, FilterSource>();
  const byArm = new Map<string, FilterSource>();
  assertLibraries(scenario.arms);
  for (const arm of scenario.arms) {
    const file = fileOf(arm, scenario);
    const source =
      byFile.get(file) ?? (await readSource(file, place, sourceOptions({ ...reading, dialect: scenario.dialect })));
    assertMakeable(arm, source);
    assertPolicy(arm, source);
    byFile.set(file, source);
    byArm.set(arm.name, source);
  }
  return byArm;
}

/** Only of a profile a filter is built, in the way that an arm says. */
function assertMakeable({ name, making, libseccomp, copyOf }: ArmDefinition, source: FilterSource): void {
  if (source.kind === 'profile' || copyOf !== undefined) return;
  const key = libseccomp !== undefined ? 'libseccomp' : making === undefined ? undefined : 'form or build';
  if (key === undefined) return;
  throw new BenchError(
    'input',
    `arm ${name}: ${source.name} is ${FORM_NAMES[source.form]}, which is loaded as it is: it takes no ${key}`,
    { hint: 'Give the profile it was built from.' },
  );
}

/** A policy chooses among the architectures of a profile; other forms have none to choose from. */
function assertPolicy({ name, policy, impliedPolicy, copyOf }: ArmDefinition, source: FilterSource): void {
  if (source.kind === 'profile' || readsNoFile(policy) || impliedPolicy === true || copyOf !== undefined) return;
  throw new BenchError(
    'input',
    `arm ${name} has the policy "${policy}", but ${source.name} is ${FORM_NAMES[source.form]}, which has no policy`,
    { hint: `Use it as an arm of its own, without a policy: --arm NAME=${source.name}` },
  );
}

const OWN_PROFILE: RuntimeDefaultSource = { kind: 'runtimeDefault', form: RUNTIME_DEFAULT, name: RUNTIME_DEFAULT };

/** Whether an arm of that policy loads nothing of a file. */
export const readsNoFile = (policy: ArmPolicy): policy is 'unconfined' | 'runtime-default' =>
  policy === 'unconfined' || policy === RUNTIME_DEFAULT;

/** Every arm's spec for a machine and its kernel. */
export function convertArms(
  scenario: Scenario,
  sources: ArmSources,
  target: ConversionTarget,
): readonly ConvertedArm[] {
  return scenario.arms.map((definition): ConvertedArm => {
    const { policy } = definition;
    if (policy === 'unconfined') return { definition, source: null, spec: null, convert: () => null };
    if (policy === RUNTIME_DEFAULT) return { definition, source: OWN_PROFILE, spec: null, convert: () => null };
    const source = sourceOfArm(sources, definition.name);
    if (source.kind !== 'profile') return { definition, source, spec: null, convert: () => null };
    const convert = (): SeccompSpec | null =>
      convertProfile(source.profile, {
        arch: goArchFromName(target.machine),
        policy,
        dialect: scenario.dialect,
        capabilities: target.capabilities,
        kernel: target.kernel,
      }).spec;
    return { definition, source, spec: convert(), convert };
  });
}

const fileOf = (arm: ArmDefinition, scenario: Scenario): string | undefined => arm.profile ?? scenario.profile;

function sourceOfArm(sources: ArmSources, arm: string): FilterSource {
  const source = sources.get(arm);
  if (source === undefined) throw new RangeError(`the file of arm ${arm} was not read`);
  return source;
}

/** Where policies of one profile are compared: by whose rules, and for which machine; `null`: it is not known yet. */
interface PolicyPlace {
  readonly machine: string | null;
  readonly hint?: string;
}

/**
 * Refuses arms whose policies cannot differ with their profile: an explicit list of architectures is copied whole by
 * `all` and `host`, and without one `trim` is `host`. Throws `notComparable`.
 */
export function refuseSamePolicies(scenario: Scenario, sources: ArmSources, { machine, hint }: PolicyPlace): void {
  const baseline = scenario.arms.find((arm) => arm.name === baselineOf(scenario.arms));
  for (const arm of scenario.arms) {
    if (baseline === undefined || arm === baseline || arm.copyOf !== undefined) continue;
    if (isOwnTreatment(arm) || arm.cache !== baseline.cache) continue;
    const source = sourceOfArm(sources, arm.name);
    if (source.kind !== 'profile' || fileOf(arm, scenario) !== fileOf(baseline, scenario)) continue;
    const same = samePolicies([baseline.policy, arm.policy], source.profile, { dialect: scenario.dialect, machine });
    if (same === undefined) continue;
    throw new BenchError(
      'notComparable',
      `arms ${baseline.name} and ${arm.name} have the same spec: ${fileOf(arm, scenario) ?? 'the profile'} ${same.why}`,
      { hint: hint ?? same.hint },
    );
  }
}

/**
 * Reads and converts every arm's profile, so that a wrong one is refused before anything is started. Throws `input` for
 * a bad profile, `notComparable` where the policies cannot differ.
 */
export async function checkArms(
  scenario: Scenario,
  target: ConversionTarget & Reading,
  place: ProfilePlace,
): Promise<readonly ConvertedArm[]> {
  const sources = await readArmSources(scenario, target, place);
  refuseSamePolicies(scenario, sources, { machine: target.machine });
  return convertArms(scenario, sources, target);
}
