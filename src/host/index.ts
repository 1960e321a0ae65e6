export {
  checkHost,
  checkTool,
  ENGINES,
  executableFix,
  lookFor,
  runsAsRoot,
  thisHost,
  type EngineEntry,
  type Host,
  type InstalledEngine,
} from './checkup/index.js';
export { EMULATION_VARIABLE, emulationOf } from './emulation.js';
export { takeFingerprint, type FingerprintOptions, type System } from './fingerprint.js';
export { hostFilesUnder, type HostFiles } from './host-files.js';
export { packageRoot, packageVersion } from '../package.js';
