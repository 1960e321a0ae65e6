import { release } from 'node:os';
import { convertProfile } from '../../convert/index.js';
import { libseccompFacts, libseccompVersion, verifyFilter, verifyPolicy } from '../../filter/index.js';
import type { Simulator } from '../../filter/index.js';
import type { FilterOrigin } from '../../model/filter/inspection.js';
import type { BuiltPrediction } from '../../model/run/evidence.js';
import type { RulePlace, Verification } from '../../model/filter/verification.js';
import type { LeftOut, SeccompSpec } from '../../model/profile/seccomp.js';
import type { LxcSource, ProfileSource } from '../../model/profile/source.js';
import type { ConversionOptions, Target } from './predict.js';

/** A filter and the rules that it is compared with. */
export interface ToVerify {
  /** The one loaded first comes first. */
  readonly filters: readonly Simulator[];
  readonly origin: FilterOrigin;
  readonly source: ProfileSource | LxcSource;
  /** What the filter is made from, or should be; absent for an LXC policy. */
  readonly spec?: SeccompSpec;
  readonly leftOut: readonly LeftOut[];
  /** Of a loaded filter: how its runtime builds it, where that is known. */
  readonly predicted?: BuiltPrediction;
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
  subject: ToVerify,
  target: Target,
  options: ConversionOptions & { readonly random: number; readonly seed: number },
): Verification {
  const { filters, origin, source, spec, leftOut } = subject;
  const { random, seed } = options;
  const { machine } = target;
  const wanted = { machine, random, seed };
  return {
    subject: `${source.name} on ${machine}`,
    origin,
    ...(source.kind === 'lxc'
      ? verifyPolicy(filters, source, wanted)
      : verifyFilter(filters, specIn(spec), { ...wanted, placeOf: placesOf(source, target, options) })),
    leftOut,
    ...libraryOf(subject, machine),
  };
}

function specIn(spec: SeccompSpec | undefined): SeccompSpec {
  if (spec === undefined) throw new RangeError('a profile has a spec');
  return spec;
}

/** The library that builds filters here, and its faults as far as they matter to this one. */
function libraryOf({ origin, spec, filters, predicted }: ToVerify, machine: string): Pick<Verification, 'libseccomp'> {
  const version = predicted?.libseccomp ?? libseccompVersion();
  if (version === null || origin.kind === 'given' || spec === undefined) return {};
  const form = origin.kind === 'predicted' ? origin.form : (predicted?.form ?? 'plain');
  const instructions = Math.max(0, ...filters.map(({ length }) => length));
  const runtime = predicted?.libseccomp === undefined ? undefined : predicted.runtime;
  const facts = libseccompFacts(version, { spec, machine, form, instructions });
  return { libseccomp: { ...facts, ...(runtime === undefined ? {} : { runtime }) } };
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
