import type { Profile } from '../model/profile/profile.js';
import { convertAsIsulad, isuladOrigins } from './isulad.js';
import { convertAsMoby, mobyOrigins } from './moby.js';
import type { Conversion, ConvertRequest } from './request.js';

/**
 * Converts a profile (from `loadProfile`) to the OCI `linux.seccomp` object for one host, container and architecture
 * policy, by the rules of one dialect. Pure: nothing of this machine is read.
 *
 * Throws a `BenchError` of code `input` where that system refuses the profile (moby: both lists of architectures, or a
 * rule with both `name` and `names`; iSulad: no default action, a rule without names or action, no rule that applies),
 * and `usage` where a rule has a `minKernel` and the kernel release does not start with two numbers.
 */
export function convertProfile(profile: Profile, request: ConvertRequest): Conversion {
  switch (request.dialect) {
    case 'moby':
      return convertAsMoby(profile, request);
    case 'isulad':
      return convertAsIsulad(profile, request);
  }
}

/** The index in the profile of every rule of the spec that {@link convertProfile} makes, in the spec's order. */
export function ruleOrigins(profile: Profile, request: ConvertRequest): readonly number[] {
  switch (request.dialect) {
    case 'moby':
      return mobyOrigins(profile, request);
    case 'isulad':
      return isuladOrigins(profile, request);
  }
}
