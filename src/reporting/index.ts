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
export type { WrittenIndex } from './folder-index.js';
export { writeAnalysed, writeReport } from './write.js';
export type { ReportTarget, WrittenReport } from './write.js';
export { entryOf } from '../history/index.js';
export type { CheckSettings, EntryPlace } from '../history/index.js';
export { checkHistory, historyTrends, writeHistory } from './history.js';
export type { HistoryTarget, WrittenHistory } from './history.js';
export { explainAttach, writeAttachReport } from './attach.js';
export type { AttachTarget, WrittenAttach } from './attach.js';
