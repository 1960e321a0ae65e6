import type { Profile } from '../model/profile/profile.js';
import { convertAsIsulad } from './isulad.js';
import { convertAsMoby } from './moby.js';
import type { Conversion, ConvertRequest } from './request.js';

/**
 * Converts a profile to the OCI `linux.seccomp` object for one host, container and architecture policy, by the rules of
 * one
 * dialect; pure. Throws `input` where that system refuses the profile, `usage` for a kernel release nobody can read.
 */
export function convertProfile(profile: Profile, request: ConvertRequest): Conversion {
  switch (request.dialect) {
    case 'moby':
      return convertAsMoby(profile, request);
    case 'isulad':
      return convertAsIsulad(profile, request);
  }
}
