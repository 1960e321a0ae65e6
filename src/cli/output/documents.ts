import type { Cleaned } from '../../experiment/session/clean.js';
import type { Advice } from '../../model/analysis/advice.js';
import type { Estimate } from '../../model/analysis/analysis.js';
import type { BetweenRow, BetweenRuns } from '../../model/analysis/between.js';
import type { FilterAttach } from '../../model/filter/attaching.js';
import type { FilterCapacity } from '../../model/filter/capacity.js';
import type { ExactReport } from '../../model/filter/exact.js';
import type {
  ArchitectureFacts,
  CallExplanation,
  DeniedCount,
  DisassembledLine,
  Inspection,
} from '../../model/filter/inspection.js';
import type { ByteOrder } from '../../model/filter/simulation.js';
import type { FilterDiff } from '../../model/filter/diff.js';
import type { Verification } from '../../model/filter/verification.js';
import type { Checkup } from '../../model/host/checkup.js';
import type { NodeReport } from '../../model/host/fleet.js';
import type { Dialect, GoArch, LeftOut, SeccompSpec } from '../../model/profile/seccomp.js';
import type { OddKey } from '../../model/profile/profile.js';
import type { SourceForm } from '../../model/profile/source.js';
import type { HistoryCheck, Trend } from '../../model/analysis/trend.js';
import type { DamagedLine, HistoryEntry } from '../../model/results/history.js';
import type { PlannedWay, PlanRow } from '../../model/run/planned.js';
import type {
  CiEffect,
  PercallFigures,
  PricedDifference,
  PricedWithSentences,
  PublishedCase,
  Reproduced,
  RunsSummary,
  CallsWithSentences,
  NoteWithSentence,
  ComparisonWithSentence,
} from '../../report/index.js';

import type { CiSystem } from './ci/system.js';
import type { Gate } from './gate.js';

/** Version of what `--json` prints; it changes when a reader of the old one would go wrong. */
export const JSON_VERSION = 1;

/**
 * What `--json` prints, by its `kind`; `formatVersion` and `kind` are added when it is printed. `schemas/` is made of
 * these types: `npm run schemas`.
 */
export interface JsonDocuments {
  readonly runs: RunsDocument;
  readonly ci: CiDocument;
  readonly percall: PercallDocument;
  readonly advice: AdviceDocument;
  readonly reproduction: ReproductionDocument;
  readonly compare: CompareDocument;
  readonly conversion: ConversionDocument;
  readonly inspection: InspectionDocument;
  readonly build: BuildDocument;
  readonly disassembly: DisassemblyDocument;
  readonly explanation: ExplanationDocument;
  readonly diff: DiffDocument;
  readonly verification: VerificationDocument;
  readonly verifications: VerificationsDocument;
  readonly plan: PlanDocument;
  readonly exact: ExactDocument;
  readonly capacity: CapacityDocument;
  readonly attach: AttachDocument;
  readonly syscallCounts: SyscallCountsDocument;
  readonly syscallDiff: SyscallDiffDocument;
  readonly price: PriceDocument;
  readonly checkup: CheckupDocument;
  readonly clean: CleanDocument;
  readonly fleet: FleetDocument;
  readonly historyAdded: HistoryAddedDocument;
  readonly history: HistoryDocument;
  readonly historyCheck: HistoryCheckDocument;
}

/** A document with its kind. */
export type Printed = {
  readonly [Kind in keyof JsonDocuments]: { readonly kind: Kind; readonly document: JsonDocuments[Kind] };
}[keyof JsonDocuments];

/** Where results and their report are. */
export interface Written {
  /** Results folders: relative to the current folder, absolute where they are outside of it. */
  readonly results: readonly string[];
  /** Page of the report, as a path like those; `null` where none was written. */
  readonly report: string | null;
  /** Page over all reports of its parent folder; `null` where none was written. */
  readonly index: string | null;
}

/** Starts of containers: `sequential`, `parallel`, `run`, `ab`, `workload`, and `report` of their results. */
export interface RunsDocument extends Written, RunsSummary {}

/** What a CI system is told: `ci`. */
export interface CiDocument extends Written {
  readonly system: CiSystem;
  readonly gate: Gate['state'];
  /** Why the gate has that state, one sentence each. */
  readonly because: readonly string[];
  /** The effect that matters most; `null` where nothing was compared. */
  readonly decisive: CiEffect | null;
  readonly effects: readonly CiEffect[];
  /** Files for the CI system, as paths from the current folder. */
  readonly files: { readonly comment: string; readonly summary: string; readonly metrics: string };
}

/** Prices of system calls: `percall`, and `report` of its results. */
export interface PercallDocument extends Written, PercallFigures {}

/** What changes to a profile would gain: `advise`, and `report` of its results. */
export interface AdviceDocument extends Advice {
  /** Page of the report; `null` where none was written. */
  readonly report: string | null;
  /** Page over all reports of its parent folder; `null` where none was written. */
  readonly index: string | null;
}

/** The published cases next to what was measured here: `reproduce`. */
export interface ReproductionDocument extends Written {
  /** All published cases, those of other architectures too. */
  readonly cases: readonly ReproducedDocument[];
}

/** One published case. */
export interface ReproducedDocument extends PublishedCase {
  readonly outcome: Reproduced;
  /** Name of the run that repeats it; `null` where it was not run here. */
  readonly run: string | null;
  /** The arms that repeat it: the cold twins where a run has them. */
  readonly arms: { readonly before: string; readonly after: string };
  /** Change of wall time between these arms. */
  readonly estimate: Estimate | null;
}

/** Two results folders, arm by arm: `compare`. */
export interface CompareDocument extends BetweenRuns {
  /** Name of the base run. */
  readonly base: string;
  /** Name of the candidate run. */
  readonly candidate: string;
  /** How the hosts differ, one line each. */
  readonly hosts: readonly string[];
  readonly rows: readonly ToldRow[];
}

/** One row of a comparison, with its sentence. */
export interface ToldRow extends BetweenRow {
  readonly because: string;
}

/** A profile as OCI `linux.seccomp`: `convert`. */
export interface ConversionDocument {
  /** File name of the profile. */
  readonly profile: string;
  /** What the file was read as. */
  readonly form: SourceForm;
  /** Keys of the file that readers of that form ignore. */
  readonly ignored: readonly OddKey[];
  /** Go's name of the architecture. */
  readonly arch: GoArch;
  readonly dialect: Dialect;
  /** `null`: seccomp is disabled. */
  readonly spec: SeccompSpec | null;
  readonly leftOut: readonly LeftOut[];
  /** Of the spec, the most urgent first; absent without --explain. */
  readonly notes?: readonly NoteWithSentence[];
}

/** What a filter answers to every system call: `inspect`. */
export interface InspectionDocument extends Omit<Inspection, 'notes'> {
  /** What the author of the profile would want to know, the most urgent first. */
  readonly notes: readonly NoteWithSentence[];
  /** Counts of denied calls; only of the built-in profile. */
  readonly denied?: DeniedCount;
}

/** A filter that was built, or checked and copied: `build`. */
export interface BuildDocument {
  /** The file, as the user named it. */
  readonly source: string;
  /** How the file was read. */
  readonly form: SourceForm;
  /** libseccomp's name of the machine it is for. */
  readonly machine: string;
  /** How libseccomp laid it out; `null`: the filter was built before. */
  readonly layout: 'plain' | 'tree' | null;
  /** Version of the library that built it; `null`: it was built before. */
  readonly libseccomp: string | null;
  readonly instructions: number;
  readonly bytes: number;
  /** Of its bytes, hex. */
  readonly sha256: string;
  readonly order: ByteOrder;
  readonly architectures: ArchitectureFacts;
  /** What of the source is not in the filter. */
  readonly leftOut: readonly LeftOut[];
  /** Where it was written; `null`: nowhere but here. */
  readonly output: string | null;
  /** The filter in base64, as crun's annotation run.oci.seccomp_bpf_data takes it. */
  readonly base64: string;
}

/** Filters, instruction by instruction: `inspect --disassemble`. */
export interface DisassemblyDocument {
  /** The one loaded first comes first. */
  readonly filters: readonly (readonly DisassembledLine[])[];
}

/** What a filter does with one call, step by step: `inspect --call`. */
export type ExplanationDocument = CallExplanation;

/** What changes from one filter to another: `diff`. */
export interface DiffDocument {
  readonly before: DiffSideDocument;
  readonly after: DiffSideDocument;
  /** Whether anything was opened, or that is not proved. */
  readonly opened: boolean;
  readonly machines: readonly FilterDiff[];
  readonly notCompared: readonly NotCompared[];
  /** What a filter could not be built with, one sentence each. */
  readonly leftOut: readonly string[];
  /** Only with --price: measured prices of calls that changed. */
  readonly price?: PricedDifference;
  /** Only with --price: why there are no prices. */
  readonly notTimed?: string;
}

/** One side of a difference. */
export interface DiffSideDocument {
  /** As given. */
  readonly name: string;
  /** What it was read as. */
  readonly form: string;
}

/** A machine for which a filter could not be built, or not compared. */
export interface NotCompared {
  /** libseccomp's name. */
  readonly machine: string;
  readonly reason: string;
}

/** Whether a filter answers as its rules say: `verify`. */
export type VerificationDocument = Verification;

/** Whether the filters for several machines do: `verify --arch` with more than one. */
export interface VerificationsDocument {
  /** Whether all filters were built and answer as their rules say. */
  readonly agrees: boolean;
  readonly machines: readonly Verification[];
  /** Machines whose filter could not be built. */
  readonly notVerified: readonly NotCompared[];
}

/** How many blocks it takes to see an effect: `plan`. */
export interface PlanDocument {
  /** Results folder of the pilot, as a path from the current folder. */
  readonly results: readonly string[];
  readonly rows: readonly PlanRow[];
  /** Modes and metrics, the quickest first; empty where results were read that no pilot in modes came before. */
  readonly ways: readonly PlannedWay[];
  /** A command that stops by its own interval and keeps 80 % power; `null` where none can be suggested. */
  readonly command: string | null;
}

/** Profile and filter sizes by machine: `exact`. */
export type ExactDocument = ExactReport;

/** Kernel memory of a loaded filter, and how many fit: `capacity`. */
export interface CapacityDocument extends Written, FilterCapacity {
  readonly sentences: readonly string[];
}

/** What the kernel does to load a filter, part by part: `attach`. */
export interface AttachDocument extends FilterAttach {
  /** Page of the report, as a path from the current folder; `null` where none was written. */
  readonly report: string | null;
  /** The answer first. */
  readonly sentences: readonly string[];
}

/** System calls of every arm: `syscalls count`. */
export type SyscallCountsDocument = CallsWithSentences;

/** Two saved counts compared: `syscalls diff`. */
export interface SyscallDiffDocument {
  /** Folder or file, as given. */
  readonly before: string;
  readonly after: string;
  /** Files that hold the counts of something else than a container. */
  readonly doubts: readonly DoubtedFile[];
  /** What is missing in a table of another tool, one line each. */
  readonly warnings: readonly string[];
  readonly comparisons: readonly ComparisonWithSentence[];
}

/** A file that holds the counts of something else than a container. */
export interface DoubtedFile {
  readonly file: string;
  readonly reason: string;
}

/** What the calls of a table would pay under a profile: `price`. */
export type PriceDocument = PricedWithSentences;

/** Which engines work here: `doctor`. */
export type CheckupDocument = Checkup;

/** What killed runs left, and what became of it: `clean`. */
export interface CleanDocument extends Cleaned {
  /** Whether things were only found. */
  readonly dryRun: boolean;
}

/** What came of every node: `fleet`. */
export interface FleetDocument {
  /** Folder with a folder per node, as a path from the current folder. */
  readonly results: string;
  /** Pages of the reports: over all nodes, then one per architecture. */
  readonly reports: readonly string[];
  /** Page over all reports of their parent folder; `null` where none was written. */
  readonly index: string | null;
  readonly nodes: readonly NodeReport[];
}

/** What became of results: `history add`. */
export interface HistoryAddedDocument {
  /** The history, as given. */
  readonly file: string;
  readonly added: readonly HistoryEntry[];
  /** Names of runs that were there already. */
  readonly known: readonly string[];
  /** Runs in the history now. */
  readonly runs: number;
}

/** Trends from commit to commit: `history show`. */
export interface HistoryDocument {
  /** The history, as given. */
  readonly file: string;
  /** The page; `null` where none was written. */
  readonly report: string | null;
  /** Page over all reports of its parent folder; `null` where none was written. */
  readonly index: string | null;
  readonly trends: readonly Trend[];
  readonly damaged: readonly DamagedLine[];
  /** Lines whose run an earlier line has already. */
  readonly repeated: readonly number[];
}

/** Whether a history became slower: `history check`. */
export interface HistoryCheckDocument extends HistoryCheck {
  /** The history, as given. */
  readonly file: string;
  /** A share: changes that are slower by less do not fail. */
  readonly limit: number;
  /** 0 passed, 3 slower, 4 not evaluated. */
  readonly exitCode: number;
}
