export { armsFromOptions, completeArms, parseArm, parseArms, type ArmFault } from './arms.js';
export { findScenario, loadScenario, scenarioNames, type ScenarioPlaces } from './load.js';
export { assertArchitecture, makeScenario, parseLevels, type ScenarioOptions } from './make.js';
export { newSeed, parseSeed, planBlocks, scenarioHash, type PlanStream } from './plan.js';
export { makeWorkload, type WorkloadFlags } from './workload.js';
export { containersOf, describePlan, expectedSeconds, type ContainerCount } from './size.js';
export { DEFAULT_PERCALL_ARMS, PERCALL_BASELINE, percallArms } from './percall-arms.js';
