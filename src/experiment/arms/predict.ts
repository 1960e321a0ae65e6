import { release } from 'node:os';
import { convertProfile } from '../../convert/index.js';
import { BenchError } from '../../errors.js';
import { buildFilter, Simulator, toLoadable } from '../../filter/index.js';
import type { FilterForm } from '../../filter/index.js';
import type { Capability } from '../../model/profile/capabilities.js';
import type { Profile } from '../../model/profile/profile.js';
import type { ArchitecturePolicy, Dialect, GoArch, LeftOut, SeccompSpec } from '../../model/profile/seccomp.js';

/** A machine to convert and build for, which need not be this one. */
export interface Target {
  /** For the conversion. */
  readonly arch: GoArch;
  /** By libseccomp's name. */
  readonly machine: string;
}

/** How a profile becomes a filter without a container. */
export interface ConversionOptions {
  readonly policy: ArchitecturePolicy;
  readonly dialect: Dialect;
  readonly capabilities: readonly Capability[];
  readonly kernel?: string;
  readonly lenient: boolean;
}

/** A filter as libseccomp builds it. */
export interface Predicted {
  readonly spec: SeccompSpec;
  /** With what this machine's libseccomp cannot build. */
  readonly whole: SeccompSpec;
  readonly leftOut: readonly LeftOut[];
  readonly filter: Simulator;
}

/** The spec of a profile for a machine. */
export function specFor(profile: Profile, target: Target, options: ConversionOptions): SeccompSpec | null {
  return convertProfile(profile, {
    arch: target.arch,
    policy: options.policy,
    dialect: options.dialect,
    capabilities: options.capabilities,
    kernel: options.kernel ?? release(),
  }).spec;
}

/**
 * The filter of a profile for a machine; architectures that libseccomp cannot build there are left out and named.
 * Throws `input` for a profile without seccomp.
 */
export function predict(
  profile: Profile,
  target: Target,
  options: ConversionOptions & { readonly form: FilterForm },
): Predicted {
  const whole = specFor(profile, target, options);
  const { spec, leftOut } = toLoadable(whole, { machine: target.machine });
  if (spec === null || whole === null)
    throw new BenchError('input', `${profile.fileName} disables seccomp: it has no rules and no default action`, {
      hint: 'There is no filter to inspect.',
    });
  const { program, order } = buildFilter(spec, target.machine, { form: options.form, name: profile.fileName });
  return { spec, whole, leftOut, filter: new Simulator(program, order) };
}
