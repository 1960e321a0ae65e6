import { release } from 'node:os';
import { convertProfile } from '../../convert/index.js';
import { libseccompFacts, libseccompVersion, verifyFilter } from '../../filter/index.js';
import type { Simulator } from '../../filter/index.js';
import type { FilterOrigin } from '../../model/filter/inspection.js';
import type { RulePlace, Verification } from '../../model/filter/verification.js';
import type { LeftOut, SeccompSpec } from '../../model/profile/seccomp.js';
import type { ProfileSource } from '../../model/profile/source.js';
import type { ConversionOptions, Target } from './predict.js';

/** A filter and the rules that it is compared with. */
export interface ToVerify {
  /** The one loaded first comes first. */
  readonly filters: readonly Simulator[];
  readonly origin: FilterOrigin;
  readonly source: ProfileSource;
  /** What the filter is made from, or should be. */
  readonly spec: SeccompSpec;
  readonly leftOut: readonly LeftOut[];
}

/** Where a form keeps its rules. */
const PREFIXES: Readonly<Record<ProfileSource['form'], string>> = {
  docker: '',
  oci: '',
  'oci-config': 'linux.seccomp.',
  kubernetes: 'spec.',
};

/** Whether a filter answers as the rules of its source say. Throws `input` for rules that no runtime could load. */
export function verifySource(
  { filters, origin, source, spec, leftOut }: ToVerify,
  target: Target,
  options: ConversionOptions & { readonly random: number; readonly seed: number },
): Verification {
  const { random, seed } = options;
  const placeOf = placesOf(source, target, options);
  const verified = verifyFilter(filters, spec, { machine: target.machine, random, seed, placeOf });
  const version = libseccompVersion();
  const form = origin.kind === 'predicted' ? origin.form : 'plain';
  return {
    subject: `${source.name} on ${target.machine}`,
    origin,
    ...verified,
    leftOut,
    ...(version === null || origin.kind === 'given'
      ? {}
      : { libseccomp: libseccompFacts(version, { spec, machine: target.machine, form }) }),
  };
}

/** The place in the file of each rule of the spec: a conversion leaves rules out and keeps the order of the others. */
function placesOf(
  { profile, form, name }: ProfileSource,
  target: Target,
  options: ConversionOptions,
): (index: number) => RulePlace {
  const { leftOut } = convertProfile(profile, {
    arch: target.arch,
    policy: options.policy,
    dialect: options.dialect,
    capabilities: options.capabilities,
    kernel: options.kernel ?? release(),
  });
  const dropped = new Set(
    leftOut.flatMap(({ kind, what }) => (kind === 'rule' ? [Number(/^syscalls\[(\d+)\]/.exec(what)?.[1])] : [])),
  );
  const kept = profile.syscalls.map((_, index) => index).filter((index) => !dropped.has(index));
  return (index) => ({ file: name, path: `${PREFIXES[form]}syscalls[${kept[index] ?? index}]` });
}
