export { defaultProfile } from './default.js';
export { loadProfile, type LoadOptions } from './load.js';
export { readProfileFile, type ProfilePlace } from './read-file.js';
export { DOCUMENTED_COUNT, DOCUMENTED_DENIED, LAST_CALL_THEN, WITHOUT_FUNCTION } from './documented.js';
