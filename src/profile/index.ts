export { defaultProfile } from './default.js';
export { architectureEntries, type ListedEntry } from './list-places.js';
export { namedProfile, type NamedProfile } from './named/index.js';
export { lxcSource } from './source/lxc.js';
export { loadProfile, type LoadOptions } from './load.js';
export { readSource, type ProfilePlace } from './source/read-source.js';
export { profileIn, sourceOf, sourceOptions, type SourceOptions } from './source/source-of.js';
export { DOCUMENTED_COUNT, DOCUMENTED_DENIED, LAST_CALL_THEN, WITHOUT_FUNCTION } from './documented.js';
