export {
  checkHost,
  checkTool,
  ENGINES,
  executableFix,
  lookFor,
  NOT_TRIED,
  runsAsRoot,
  thisHost,
  type EngineEntry,
  type Host,
  type InstalledEngine,
  type InstalledLibrary,
} from './checkup/index.js';
export { EMULATION_VARIABLE, emulationOf } from './emulation.js';
export { takeFingerprint, type System } from './fingerprint.js';
export { ptraceScope, watchLogging } from './logging.js';
export { readHostUse } from './use.js';
export { hostFilesUnder } from './host-files.js';
export { packageRoot, packageVersion } from '../package.js';
