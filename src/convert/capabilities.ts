import { unknownName } from '../errors.js';
import { CAPABILITIES, DOCKER_CAPABILITIES, type Capability } from '../model/profile/capabilities.js';

/**
 * A container's bounding set from `docker`, `none`, `all` or names separated by commas (`CAP_SYS_ADMIN,CAP_KILL`).
 * Throws `usage` for an unknown name.
 */
export function parseCapabilities(text: string): readonly Capability[] {
  if (text === 'docker') return DOCKER_CAPABILITIES;
  if (text === 'all') return CAPABILITIES;
  if (text === 'none') return [];
  return text.split(',').map((part) => {
    const name = part.trim();
    const known = CAPABILITIES.find((one) => one === name);
    if (known !== undefined) return known;
    throw unknownName(name, 'a capability', CAPABILITIES, {
      hint: `Use docker, none, all, or names like CAP_SYS_ADMIN,CAP_KILL. Known: ${CAPABILITIES.join(', ')}.`,
    });
  });
}
