import { buildLxcFilter, byteOrderOfName, rawFilter, Simulator } from '../../filter/index.js';
import type { FilterForm } from '../../filter/index.js';
import type { LeftOut, SeccompSpec } from '../../model/profile/seccomp.js';
import type { FilterSource } from '../../model/profile/source.js';
import { predict } from './predict.js';
import type { ConversionOptions, Target } from './predict.js';

/** What a source becomes on one machine. */
export interface SourceFilter {
  readonly source: FilterSource;
  /** One filter; several where a container or process has loaded several. */
  readonly filters: readonly Simulator[];
  /** Absent for a filter that came as it is, and for LXC, which has no spec. */
  readonly spec?: SeccompSpec;
  /** With what this machine's libseccomp cannot build. */
  readonly whole?: SeccompSpec;
  readonly leftOut: readonly LeftOut[];
}

/**
 * The filter of a source on a machine: built by libseccomp from a profile or a policy, or as it is. Throws `input` for
 * a profile without seccomp, and for a raw filter that the kernel would refuse.
 */
export function filterOfSource(
  source: FilterSource,
  target: Target,
  options: ConversionOptions & { readonly form: FilterForm },
): SourceFilter {
  switch (source.kind) {
    case 'profile': {
      const { filter, ...predicted } = predict(source.profile, target, options);
      return { source, filters: [filter], ...predicted };
    }
    case 'raw':
      return { source, filters: [rawFilter(source, byteOrderOfName(target.machine))], leftOut: [] };
    case 'lxc': {
      const { program, order } = buildLxcFilter(source.policy, source.name, target.machine);
      return { source, filters: [new Simulator(program, order)], leftOut: [] };
    }
  }
}
