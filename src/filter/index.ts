export { RETURN } from './simulate/actions.js';
export { AUDIT_ARCH } from './inspect/architectures.js';
export { buildFilter } from './build/build.js';
export type { BuildOptions, BuiltFilter, FilterForm } from './build/build.js';
export { libseccompVersion } from './build/libseccomp.js';
export { toLoadable } from './build/loadable.js';
export type { Loadable, LoadLimits } from './build/loadable.js';
export { factsOfLoaded, readLoadedFilters, readLoadedPrograms } from './load/loaded.js';
export type { LoadedPrograms } from './load/loaded.js';
export { loadTime } from './load/load-time.js';
export { filterPlan } from './build/plan.js';
export { namesWithRule } from './build/priorities.js';
export { rulesText } from './build/rules-text.js';
export { execute, simulate, Simulator } from './simulate/simulate.js';
export type { Decision } from './simulate/simulate.js';
export type { Budget } from './simulate/paths.js';
export type { Instruction } from './inspect/program.js';
export type {
  ByteOrder,
  CallOutcome,
  CallVerdict,
  Execution,
  RangeKind,
  SystemCall,
} from '../model/filter/simulation.js';
export { parseStraceFilters, parseStracePrograms } from './load/strace.js';
export { callsOf, knownArchitecture, knownArchitectures } from './inspect/calls.js';
export type { KnownArchitecture, KnownCall } from './inspect/calls.js';
export { isConstantAllow } from './simulate/constant-allow.js';
export { disassemble, fieldText } from './inspect/disassemble.js';
export { countCalls, inspectFilter, kindOf, programFacts } from './inspect/inspect.js';
export { executeAll, sectionsOf, surveyCalls } from './simulate/survey.js';
export { actionText, hasBitmap, verdictOf } from './simulate/verdict.js';
export { compareCache, readKernelCache } from './load/kernel-cache.js';
export { explainCall } from './inspect/explain.js';
export type { CallWish } from './inspect/explain.js';
