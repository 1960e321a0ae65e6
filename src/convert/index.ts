export { goArchFromName } from './arch.js';
export { hasExplicitArchitectures, readsExplicitList, trimmed } from './architectures.js';
export { convertProfile, ruleOrigins } from './convert.js';
export { hostConversion } from './host-conversion.js';
export { isuladProfile } from './isulad-profile.js';
export { lxcWriter } from './lxc.js';
export type { Conversion, ConvertRequest } from './request.js';
export { NO_NAMES, serialiseSpec } from './serialise.js';
