export { renderCalls, renderComparisons } from './calls/call-lines.js';
export type { CallLook } from './calls/call-lines.js';
export { renderCheckup } from './checkup.js';
export { fleetLines } from './fleet.js';
export { reportContents } from './contents.js';
export type { ReportContents } from './contents.js';
export { renderTerminalOverview, renderTerminalSummary } from './run/terminal.js';
export type { TerminalLook } from './run/terminal.js';
export { SUMMARY_VERSION } from './run/summary.js';
export type {
  Summary,
  SummaryArm,
  SummaryComparison,
  SummaryControl,
  SummaryEffect,
  SummaryRun,
} from './run/summary.js';
export { percallSummary } from './percall/summary.js';
export { renderPercallTerminal } from './percall/terminal.js';
export { percallReport } from './percall/view.js';
export { plainContents } from './plain-report.js';
export { renderAdviceTerminal } from './advice/terminal.js';
export { adviceReport, SECURITY } from './advice/view.js';
