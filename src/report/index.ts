export { renderCalls, renderComparisons } from './calls/call-lines.js';
export type { CallLook } from './calls/call-lines.js';
export { renderCheckup } from './checkup.js';
export { fleetLines } from './fleet.js';
export { reportContents } from './contents.js';
export type { ReportContents } from './contents.js';
export { renderTerminalOverview, renderTerminalSummary } from './run/terminal.js';
export type { TerminalLook } from './run/terminal.js';
export { summaryOf, SUMMARY_VERSION } from './run/summary.js';
export { estimateText } from './text/format.js';
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
export { renderExact } from './exact.js';
export { renderDisassembly, renderExplanation, renderInspection } from './inspection/inspection.js';
export { chartArchitecture, PUBLISHED_CASES } from './run/published.js';
export type { PublishedCase } from './run/published.js';
export { reproducedCases, renderReproduction } from './run/reproduction.js';
export type { Reproduced, ReproducedCase } from './run/reproduction.js';
