import type { CleanEvent } from '../../experiment/session/clean.js';
import type { Advice } from '../../model/analysis/advice.js';
import type { Estimate } from '../../model/analysis/analysis.js';
import type { BetweenRow, BetweenRuns } from '../../model/analysis/between.js';
import type { ExactReport } from '../../model/filter/exact.js';
import type { CallExplanation, DeniedCount, DisassembledLine, Inspection } from '../../model/filter/inspection.js';
import type { Checkup } from '../../model/host/checkup.js';
import type { NodeReport } from '../../model/host/fleet.js';
import type { Dialect, GoArch, LeftOut, SeccompSpec } from '../../model/profile/seccomp.js';
import type { OddKey } from '../../model/profile/profile.js';
import type { SourceForm } from '../../model/profile/source.js';
import type { PlanRow } from '../../model/run/planned.js';
import type {
  PercallFigures,
  PublishedCase,
  Reproduced,
  RunsSummary,
  CallsWithSentences,
  ComparisonWithSentence,
} from '../../report/index.js';

/** Version of what `--json` prints; it changes when a reader of the old one would go wrong. */
export const JSON_VERSION = 1;

/**
 * What `--json` prints, by its `kind`; `formatVersion` and `kind` are added when it is printed. `schemas/` is made of
 * these types: `npm run schemas`.
 */
export interface JsonDocuments {
  readonly runs: RunsDocument;
  readonly percall: PercallDocument;
  readonly advice: AdviceDocument;
  readonly reproduction: ReproductionDocument;
  readonly compare: CompareDocument;
  readonly conversion: ConversionDocument;
  readonly inspection: InspectionDocument;
  readonly disassembly: DisassemblyDocument;
  readonly explanation: ExplanationDocument;
  readonly plan: PlanDocument;
  readonly exact: ExactDocument;
  readonly syscallCounts: SyscallCountsDocument;
  readonly syscallDiff: SyscallDiffDocument;
  readonly checkup: CheckupDocument;
  readonly clean: CleanDocument;
  readonly fleet: FleetDocument;
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
}

/** Starts of containers: `sequential`, `parallel`, `run`, `ab`, `workload`, and `report` of their results. */
export interface RunsDocument extends Written, RunsSummary {}

/** Prices of system calls: `percall`, and `report` of its results. */
export interface PercallDocument extends Written, PercallFigures {}

/** What changes to a profile would gain: `advise`, and `report` of its results. */
export interface AdviceDocument extends Advice {
  /** Page of the report; `null` where none was written. */
  readonly report: string | null;
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
  /** Change of wall time, after against before. */
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
}

/** What a filter answers to every system call: `inspect`. */
export interface InspectionDocument extends Inspection {
  /** Counts of denied calls; only of the built-in profile. */
  readonly denied?: DeniedCount;
}

/** Filters, instruction by instruction: `inspect --disassemble`. */
export interface DisassemblyDocument {
  /** The one loaded first comes first. */
  readonly filters: readonly (readonly DisassembledLine[])[];
}

/** What a filter does with one call, step by step: `inspect --call`. */
export type ExplanationDocument = CallExplanation;

/** How many blocks it takes to see an effect: `plan`. */
export interface PlanDocument {
  /** Results folder of the pilot, as a path from the current folder. */
  readonly results: readonly string[];
  readonly rows: readonly PlanRow[];
  /** A command that stops by its own interval and keeps 80 % power; `null` where none can be suggested. */
  readonly command: string | null;
}

/** Profile and filter sizes by machine: `exact`. */
export type ExactDocument = ExactReport;

/** System calls of every arm: `syscalls count`. */
export type SyscallCountsDocument = CallsWithSentences;

/** Two saved counts compared: `syscalls diff`. */
export interface SyscallDiffDocument {
  /** Folder or file, as given. */
  readonly before: string;
  readonly after: string;
  /** Files that hold the counts of something else than a container. */
  readonly doubts: readonly DoubtedFile[];
  readonly comparisons: readonly ComparisonWithSentence[];
}

/** A file that holds the counts of something else than a container. */
export interface DoubtedFile {
  readonly file: string;
  readonly reason: string;
}

/** Which engines work here: `doctor`. */
export type CheckupDocument = Checkup;

/** What killed runs left, and what became of it: `clean`. */
export interface CleanDocument {
  /** Whether things were only found. */
  readonly dryRun: boolean;
  readonly workspaces: readonly CleanEvent[];
}

/** What came of every node: `fleet`. */
export interface FleetDocument {
  /** Folder with a folder per node, as a path from the current folder. */
  readonly results: string;
  /** Pages of the reports: over all nodes, then one per architecture. */
  readonly reports: readonly string[];
  readonly nodes: readonly NodeReport[];
}
