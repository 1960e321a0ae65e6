export { renderCalls, renderComparisons } from './call-lines.js';
export type { CallLook } from './call-lines.js';
export { renderCheckup } from './checkup.js';
export { writeReport } from './write.js';
export { renderTerminalOverview, renderTerminalSummary } from './terminal.js';
export type { TerminalLook } from './terminal.js';
export { SUMMARY_VERSION } from './summary.js';
export type { Summary, SummaryArm, SummaryComparison, SummaryControl, SummaryEffect, SummaryRun } from './summary.js';
