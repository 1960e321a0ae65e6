export { analyse } from './analyse.js';
export type { AnalysisOptions } from './analyse.js';
export { compareRuns } from './between.js';
export { judgeReport } from './family.js';
export { gate } from './gate.js';
export type { GateOptions, GateOutcome } from './gate.js';
export { planRun } from './plan-run.js';
export { watchFor } from './stopping.js';
export type { StopDecision, StoppingWatch } from './stopping.js';
