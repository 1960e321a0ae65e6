export {
  checkHost,
  ENGINES,
  executableFix,
  lookFor,
  runsAsRoot,
  thisHost,
  versionIn,
  type EngineEntry,
  type Host,
  type InstalledEngine,
} from './checkup/index.js';
export { EMULATION_VARIABLE, emulationOf } from './emulation.js';
export { takeFingerprint, type FingerprintOptions, type System } from './fingerprint.js';
export { hostFilesUnder, type HostFiles } from './host-files.js';
export { observeCalls } from '../tracing/observe.js';
export { findStrace, straceFilters, type StraceResult } from '../tracing/strace.js';
export * from '../tracing/syscalls/index.js';
export * from '../tracing/workload/index.js';
export { packageRoot, packageVersion } from './package-root.js';
