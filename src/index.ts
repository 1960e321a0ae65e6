/**
 * The library: everything the command line does, in TypeScript.
 *
 * The usual way: {@link startsRequest} or {@link callsRequest} describes an experiment, {@link runExperiment} runs it
 * and leaves a results folder, {@link readResults} and {@link analyse} turn that into estimates and verdicts, and
 * {@link writeReport} into a report. Without a container: {@link measureAttach} times a filter's load part by part,
 * {@link measureCapacity} measures its kernel memory. Times are in nanoseconds unless a name tells another unit, shares
 * are fractions (0.01 = 1 %), effects are log ratios: percent = 100 * (exp(x) - 1).
 *
 * Errors that the user can act on are {@link BenchError}s; their `code` tells who has to act, their `hint` how.
 */

// Profiles, and what is made of them.
export {
  defaultProfile,
  loadProfile,
  namedProfile,
  readSource,
  sourceOf,
  type LoadOptions,
  type NamedProfile,
  type ProfilePlace,
  type SourceOptions,
} from './profile/index.js';
export {
  FORM_NAMES,
  SOURCE_FORMS,
  type FilterSource,
  type GivenSource,
  type LxcAction,
  type LxcPolicy,
  type LxcRule,
  type LxcSource,
  type ProfileSource,
  type RawSource,
  type SourceForm,
} from './model/profile/source.js';
export { PROFILE_NAMES, type ProfileName } from './model/profile/names.js';
export {
  convertProfile,
  goArchFromName,
  hasExplicitArchitectures,
  hostConversion,
  serialiseSpec,
  type Conversion,
  type ConvertRequest,
} from './convert/index.js';
export {
  actionText,
  buildFilter,
  buildLxcFilter,
  byteOrderOfName,
  encodeFilter,
  filterFacts,
  compareFilters,
  execute,
  executeAll,
  faultsOf,
  isConstantAllow,
  knownArchitectures,
  libseccompFacts,
  libseccompVersion,
  rawFilter,
  sectionsOf,
  simulate,
  Simulator,
  surveyCalls,
  toLoadable,
  verdictOf,
  verifyFilter,
  type Budget,
  type BuildOptions,
  type BuiltFilter,
  type Decision,
  type FilterForm,
  type FilterKind,
  type FilterVerification,
  type Instruction,
  type KnownArchitecture,
  type KnownCall,
  type Loadable,
  type LoadingLibrary,
  type LoadLimits,
  type NamedFilter,
  type VerifyOptions,
  type WalkedCall,
} from './filter/index.js';
export type { Note, NoteCode } from './model/filter/notes.js';
export type { DuetCores, DuetRefusal, PairTurn } from './model/run/duet.js';

// Experiments.
export {
  buildRevisions,
  callsRequest,
  findCommit,
  measureAttach,
  measureCapacity,
  notesOf,
  openSession,
  priceTable,
  resumeExperiment,
  runExperiment,
  startsRequest,
  type ArmChoice,
  type AttachRequest,
  type CallsOptions,
  type CapacityRequest,
  type BuildRequest,
  type BuiltRevisions,
  type CommonOptions,
  type GitPlace,
  type NoteRequest,
  type CountedTable,
  type FilterChoice,
  type ExperimentParts,
  type Pinning,
  type BeforeStart,
  type OpenedEngine,
  type Opening,
  type PricedFilter,
  type ResumeOptions,
  type Session,
  type SessionContext,
  type SessionParts,
  type StartsOptions,
  type TablePricing,
} from './experiment/index.js';
export {
  loadScenario,
  loadScenarioFile,
  makeScenario,
  planBlocks,
  type ExecOptions,
  type FileFilter,
  type ParallelOptions,
  type PlanStream,
  type ScenarioFile,
  type ScenarioOptions,
  type ScenarioPlaces,
  type SequentialOptions,
  type StartsSettings,
} from './scenario/index.js';

export type { Machine } from './payload/index.js';

// Tables of system calls that other tools counted.
export {
  readCallTable,
  readCountsFile,
  type CallTable,
  type CountsFile,
  type CountsPlace,
  type CountsReading,
  type TableForm,
  type TableTime,
} from './tracing/index.js';

// Results, their analysis and reports.
export {
  appendToHistory,
  readHistory,
  type Appended,
  type AppendOptions,
  readPercallFolder as readPercallResults,
  readResultFolder as readResults,
  verifyChecksums,
} from './results/index.js';
export {
  analyse,
  analyseFolder,
  analyseResults,
  DEFAULT_MARGIN,
  checkHistory,
  entryOf as historyEntry,
  explain,
  explainAttach,
  historyTrends,
  writeAttachReport,
  writeHistory,
  writeReport,
  type AttachTarget,
  type CheckSettings,
  type EntryPlace,
  type HistoryTarget,
  type WrittenAttach,
  type WrittenHistory,
  type Analysed,
  type AnalysisSettings,
  type Explanation,
  type ReportTarget,
  type WrittenIndex,
  type WrittenReport,
} from './reporting/index.js';
export { changePoints, type ChangePoint, type ChangePointSettings } from './history/index.js';
export { analysePercall } from './statistics/index.js';
export { noteSentence } from './report/index.js';
export type {
  ExecsWithSentences,
  RunsSummary,
  CallsWithSentences,
  ComparisonWithSentence,
  WorkloadWithSentences,
  Summary,
  SummaryArm,
  PublishedCase,
  SummaryCase,
  SummaryComparison,
  SummaryControl,
  SummaryEffect,
  SummaryRun,
  SummaryVerdict,
} from './report/index.js';

export { BenchError, type BenchErrorOptions, type ErrorCode } from './errors.js';

// The shapes of all of the above.
export type * from './model/analysis/advice.js';
export type * from './model/analysis/analysis.js';
export type * from './model/analysis/between.js';
export type * from './model/analysis/bound.js';
export type * from './model/analysis/break-analysis.js';
export type * from './model/analysis/call-analysis.js';
export type * from './model/analysis/description.js';
export type * from './model/analysis/findings.js';
export type * from './model/analysis/judgement.js';
export type * from './model/analysis/percall-analysis.js';
export type * from './model/analysis/priced-note.js';
export type * from './model/analysis/priced-table.js';
export type * from './model/analysis/stage-analysis.js';
export type * from './model/analysis/throughput.js';
export type * from './model/analysis/trend.js';
export type * from './model/analysis/warnings.js';
export type * from './model/analysis/workload-analysis.js';
export type * from './model/container/container.js';
export type * from './model/container/containment.js';
export type * from './model/container/engine-host.js';
export type * from './model/container/failure.js';
export type * from './model/container/outcome.js';
export type * from './model/container/payload-files.js';
export type * from './model/container/pod.js';
export type * from './model/container/program.js';
export type * from './model/container/stages.js';
export type * from './model/container/written.js';
export type * from './model/experiment/advice-request.js';
export type * from './model/experiment/events.js';
export type * from './model/experiment/request.js';
export type * from './model/experiment/settings.js';
export type * from './model/filter/builder.js';
export type * from './model/filter/attaching.js';
export type * from './model/filter/capacity.js';
export type * from './model/results/capacity.js';
export type { AttachScenario } from './model/run/kinds/attach.js';
export type { CapacityScenario } from './model/run/kinds/capacity.js';
export type { PercallScenario } from './model/run/kinds/percall.js';
export type * from './model/filter/faults.js';
export type * from './model/filter/answers.js';
export type * from './model/filter/diff.js';
export type * from './model/filter/filter-making.js';
export type * from './model/filter/inspection.js';
export type * from './model/filter/form.js';
export type * from './model/filter/instructions.js';
export type * from './model/filter/notes.js';
export type * from './model/filter/simulation.js';
export type * from './model/filter/verification.js';
export type * from './model/host/fleet.js';
export type * from './model/host/mounts.js';
export type * from './model/host/use.js';
export type * from './model/profile/capabilities.js';
export { parseCapabilities } from './model/profile/capabilities.js';
export type * from './model/profile/profile.js';
export type * from './model/profile/seccomp.js';
export type * from './model/profile/source.js';
export type * from './model/results/advice-record.js';
export type * from './model/results/asked.js';
export type * from './model/results/break.js';
export type * from './model/results/conditions.js';
export type * from './model/results/format.js';
export type * from './model/results/history.js';
export type * from './model/results/ledger.js';
export type * from './model/results/percall/action-price.js';
export type * from './model/results/percall/caller-report.js';
export type * from './model/results/percall/percall.js';
export type * from './model/results/figures/instructions.js';
export type * from './model/results/figures/load-figures.js';
export type * from './model/results/result.js';
export type * from './model/results/sample.js';
export type { OkRow, SampleSet, SampleTable } from './model/results/sample-table.js';
export type * from './model/results/syscalls.js';
export type * from './model/results/workload-findings.js';
export type * from './model/run/arm-notes.js';
export type * from './model/run/arms.js';
export type * from './model/run/emulation.js';
export type { CacheEvidence } from './model/run/cache-evidence.js';
export type * from './model/run/evidence.js';
export type * from './model/run/pause.js';
export type * from './model/run/scenario.js';
export type * from './model/run/stopping.js';
export type * from './model/run/time-plan.js';
export type * from './model/run/program/used-program.js';
export type * from './model/run/program/service.js';
export type * from './model/run/unit.js';
export type * from './model/run/program/workload.js';
export type * from './model/time.js';
