export {
  analyse,
  analyseCalls,
  analyseFolder,
  analyseResults,
  DEFAULT_MARGIN,
  explain,
  resultsKind,
} from './analyse.js';
export type { Analysed, AnalysisSettings, Explanation } from './analyse.js';
export { adviceOf } from './advice.js';
export type { AdviceResults } from './advice.js';
export { assertReportName, writeAnalysed, writeReport } from './write.js';
export type { ReportTarget, WrittenReport } from './write.js';
