/** The library: conversion, filters, scenarios, results and their analysis, as the command uses them. */
export { BenchError, type BenchErrorOptions, type ErrorCode } from './errors.js';
export {
  convertProfile,
  goArchFromName,
  hasExplicitArchitectures,
  parseCapabilities,
  serialiseSpec,
} from './convert/index.js';
export { defaultProfile, loadProfile, type LoadOptions } from './profile/index.js';
export {
  actionText,
  buildFilter,
  execute,
  executeAll,
  isConstantAllow,
  knownArchitectures,
  libseccompVersion,
  sectionsOf,
  simulate,
  Simulator,
  surveyCalls,
  toLoadable,
  verdictOf,
  type BuildOptions,
  type BuiltFilter,
  type FilterForm,
  type KnownArchitecture,
  type Loadable,
} from './filter/index.js';
export { loadScenario, makeScenario, planBlocks } from './scenario/index.js';
export { createResultFolder, readResultFolder, runBlocks, type ResultWriter } from './results/index.js';
export { openEngine, type OpenedEngine } from './engine/open.js';
export type { OpenOptions } from './engine/opening.js';
export { analyse, type AnalysisOptions } from './statistics/index.js';
export type * from './model/analysis/analysis.js';
export type * from './model/container/container.js';
export type * from './model/run/evidence.js';
export type * from './model/profile/profile.js';
export type * from './model/results/result.js';
export type * from './model/results/sample.js';
export type * from './model/run/scenario.js';
export type * from './model/profile/seccomp.js';
export type * from './model/filter/simulation.js';
export type * from './model/time.js';
