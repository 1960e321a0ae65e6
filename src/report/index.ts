// The front door of this room. Chart libraries are loaded only when a report is written.
export { renderAdviceTerminal } from './advice/terminal.js';
export { adviceReport, SECURITY } from './advice/view.js';
export { renderCalls, renderComparisons } from './calls/call-lines.js';
export { renderCheckup } from './checkup.js';
export { ciEffects, decisiveEffect } from './ci/effect.js';
export type { CiEffect } from './ci/effect.js';
export { commentMarker } from './ci/marker.js';
export { metricsText, percentText } from './ci/metrics.js';
export { ciErrorMarkdown, ciMarkdown } from './ci/parts.js';
export type { CiInput } from './ci/parts.js';
export { annotationLines, outputLines, withoutCommands } from './ci/workflow.js';
export type { Annotation } from './ci/workflow.js';
export { attachContents } from './attach/page.js';
export { renderAttach } from './attach/terminal.js';
export { attachAnswer, attachSentences } from './attach/words.js';
export { capacitySummary } from './capacity/summary.js';
export { renderCapacity } from './capacity/terminal.js';
export { capacityReport } from './capacity/view.js';
export { capacitySentences } from './capacity/words.js';
export { renderExact } from './exact.js';
export { fleetLines } from './fleet.js';
export { entryOf } from './folder-index/entry.js';
export { isIndexPage, renderIndex } from './folder-index/page.js';
export { historyContents } from './history/page.js';
export { damagedLines, renderTrends } from './history/terminal.js';
export { checkLines, pointWords } from './history/words.js';
export { reportContents } from './contents.js';
export type { ReportContents } from './contents.js';
export { reproducedCases, renderReproduction } from './run/reproduction.js';
export type { Reproduced, ReproducedCase } from './run/reproduction.js';
export { runsSummary } from './run/summary.js';
export { plainContents } from './plain-report.js';
export { renderDisassembly, renderExplanation } from './inspection/explanation.js';
export { diffMarkdown } from './diff/markdown.js';
export { renderDiff } from './diff/terminal.js';
export type { ToldDiff } from './diff/terminal.js';
export type { PricedDifference } from './diff/prices.js';
export { isOpened } from './diff/view.js';
export { renderInspection } from './inspection/inspection.js';
export { renderVerification, renderVerifications } from './filters/verification.js';
export { paddingWords } from './words/loaded-filters.js';
export { actionWarnings } from './advice/actions.js';
export type { PriceSource } from './advice/actions.js';
export { leftOutSentence, refusedWords } from './percall/actions.js';
export { percallFigures, percallSummary } from './percall/summary.js';
export type { PercallFigures } from './percall/summary.js';
export { renderPercallTerminal } from './percall/terminal.js';
export { percallReport } from './percall/view.js';
export { renderPrice } from './price/terminal.js';
export { pricedWithSentences } from './price/words.js';
export type { PricedWithSentences } from './price/words.js';
export { chartArchitecture, PUBLISHED_CASES } from './run/published.js';
export type { PublishedCase } from './run/published.js';
export type { ExecsWithSentences } from './execs/words.js';
export type {
  RunsSummary,
  Summary,
  SummaryArm,
  SummaryCase,
  SummaryComparison,
  SummaryControl,
  SummaryEffect,
  SummaryRun,
  SummaryVerdict,
} from './run/summary.js';
export type { WorkloadWithSentences } from './words/cost/cost.js';
export { renderTerminalOverview, renderTerminalSummary } from './run/terminal/terminal.js';
export { arrange, wrapped } from './text/columns.js';
export { reportLines } from './text/look.js';
export type { Look, ReportPlaces } from './text/look.js';
export { counted, estimateText, formatCount, formatDuration, formatPercent } from './text/format.js';
export { betweenSentence } from './words/between.js';
export { clientWords, callsWithSentences, comparisonWithSentence } from './words/calls.js';
export type { CallsWithSentences, ComparisonWithSentence } from './words/calls.js';
export { containmentWords, uncontainedWords } from './containment.js';
export { busyWords } from './words/diagnostics.js';
export { timePlanSentence } from './words/plan/time-plan.js';
export { formWords } from './words/forms.js';
export { percallWarningsOf } from './words/cost/percall.js';
export { cacheOf, engineNames, engineWords, tellingOf, VERDICT_LABELS } from './words/run.js';
export { metricShort, metricWords } from './words/names.js';
export { verdictSentence } from './words/verdict.js';
export { noteSentence, notesWithSentences } from './words/notes.js';
export type { NoteWithSentence } from './words/notes.js';
export { warningsOf } from './words/warnings.js';
export { foreknownWords } from './advice/foreknown.js';
export { unpricedWords } from './words/cost/percall.js';
export { armNoteWords } from './words/arm-notes.js';
