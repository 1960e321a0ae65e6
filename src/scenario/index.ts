export { findScenario, scenarioNames, type ScenarioPlaces } from './file.js';
export { loadScenario, loadScenarioFile, loadStarts, type FileFilter, type ScenarioFile } from './load.js';
export {
  assertArchitecture,
  makeScenario,
  sweepLevels,
  within,
  type ExecOptions,
  type ParallelOptions,
  type ScenarioOptions,
  type SequentialOptions,
} from './make.js';
export { planDuetBlocks } from './duet-plan.js';
export { newSeed, planBlocks, scenarioHash, type PlanStream } from './plan.js';
export { isFault, workloadFrom } from './workload.js';
export type { StartsSettings } from './starts.js';
export { containersOf, expectedSeconds } from './size.js';
export { percallArms } from './percall.js';
