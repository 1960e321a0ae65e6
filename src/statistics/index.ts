export { analyse } from './analyse.js';
export type { AnalysisOptions } from './analyse.js';
