export { defaultProfile } from './default.js';
export { loadProfile, type LoadOptions } from './load.js';
