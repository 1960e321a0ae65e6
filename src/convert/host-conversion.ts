import { machine, release } from 'node:os';
import { DOCKER_CAPABILITIES } from '../model/profile/capabilities.js';
import { goArchFromName } from './arch.js';
import type { ConvertRequest } from './request.js';

/**
 * A request for {@link convertProfile} for a container of Docker's on this machine: its architecture and kernel, policy
 * `host`, moby's rules, Docker's capabilities; `change` replaces what is to be different. Throws `usage` for an
 * architecture that Go has no name for.
 *
 * @example
 * const { spec } = convertProfile(profile, hostConversion({ policy: 'native' }));
 */
export const hostConversion = (change: Partial<ConvertRequest> = {}): ConvertRequest => ({
  arch: goArchFromName(machine()),
  policy: 'host',
  dialect: 'moby',
  capabilities: DOCKER_CAPABILITIES,
  kernel: release(),
  ...change,
});
