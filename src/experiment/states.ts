import type { LoadedPrograms } from '../filter/index.js';
import type { FilterBuilder } from '../model/filter/builder.js';
import type { Note } from '../model/filter/notes.js';
import type { ContainerProgram } from '../model/container/program.js';
import type { ExperimentContext } from '../model/experiment/events.js';
import type { CallsRequest, CountsRequest, StartsRequest, SweepRequest } from '../model/experiment/request.js';
import type { HostReading } from '../model/host/use.js';
import type { RunConditions } from '../model/results/conditions.js';
import type { EngineList, RunEnd, RunLedger } from '../model/results/ledger.js';
import type { SyscallCounts } from '../model/results/syscalls.js';
import type { ArmEvidence } from '../model/run/evidence.js';
import type { DuetCores } from '../model/run/duet.js';
import type { Scenario } from '../model/run/scenario.js';
import type { ArmSources, ConvertedArm } from './arms/convert.js';
import type { FittedArm } from './arms/fit.js';
import type { ExperimentParts } from './parts.js';
import type { ProgramWatch } from './session/programs.js';
import type { Continued } from './resume/continued.js';
import type { Session } from './session/session.js';

// The states of an experiment, in their order. Each step takes one state and gives the next, so none can be skipped.

/** Requests by their kind. */
export interface RequestOf {
  readonly starts: StartsRequest;
  readonly sweep: SweepRequest;
  readonly calls: CallsRequest;
  readonly counts: CountsRequest;
}
export type Kind = keyof RequestOf;

interface Always<Own extends Kind> {
  readonly kind: Own;
  readonly request: RequestOf[Own];
  readonly context: ExperimentContext;
  readonly parts: ExperimentParts;
  /** The request's; from `prove` on without the arms that were left out. */
  readonly scenario: Scenario;
  readonly session: Session;
  /** The cores of its duet blocks; absent: it has none. */
  readonly duet?: DuetCores;
  /** What the experiment began with earlier; absent: it begins now. */
  readonly continued?: Continued;
}

/** The engine is open, and every profile is read and converted for the machine where the containers run. */
export interface OpenExperiment<Own extends Kind = Kind> extends Always<Own> {
  readonly state: 'open';
  /** What each arm loads, as it was read. */
  readonly sources: ArmSources;
  readonly converted: readonly ConvertedArm[];
  /** What the containers run in place of the payload. */
  readonly program: ContainerProgram | null;
  /** What makes the containers, noted before the first of them. */
  readonly programs: ProgramWatch;
  /** How busy this machine was before the first container. */
  readonly hostBefore: HostReading;
  /** `uname -r` that `minKernel` conditions were decided by. */
  readonly kernelForProfile: string;
}

/** Every arm is one that the engine can load, and has started once. */
export interface FittedExperiment<Own extends Kind = Kind> extends Omit<OpenExperiment<Own>, 'state' | 'converted'> {
  readonly state: 'fitted';
  readonly arms: readonly FittedArm[];
  /** What the authors of the arms' files would want to know, by arm. */
  readonly notes: ReadonlyMap<string, readonly Note[]>;
}

/** It is known which filter each arm loads, and that the arms differ. */
export interface ProvedExperiment<Own extends Kind = Kind> extends Omit<FittedExperiment<Own>, 'state'> {
  readonly state: 'proved';
  readonly evidence: readonly ArmEvidence[];
  /** The bytes of every arm's filters, as they were read out of a container. */
  readonly filters: ReadonlyMap<string, LoadedPrograms>;
  /** What makes the filters of every arm that is no command, as it was learnt. */
  readonly builders: ReadonlyMap<string, FilterBuilder>;
}

/** Everything is measured that will be; results folders still lack their ledgers and checksums. */
export interface RecordedExperiment<Own extends Kind = Kind> extends Omit<ProvedExperiment<Own>, 'state'> {
  readonly state: 'recorded';
  readonly recordings: readonly OpenRecording[];
  readonly recorded: Recorded<Own>;
}

/** What was recorded, or the error that ended it after something was. */
export type Recorded<Own extends Kind> = RecordedWell<Own> | { readonly fault: Error };

/** How a recording came to its end. */
export interface RecordedWell<Own extends Kind> {
  readonly ended: RunEnd;
  /** Containers that failed or hung, warm-up included. */
  readonly failed: number;
  /** What the engine listed before the first of its containers. */
  readonly before: EngineList;
  readonly found: FoundOf[Own];
}

/** What each kind of experiment gives besides its results folders. */
export interface FoundOf {
  readonly starts: { readonly kind: 'starts' };
  readonly sweep: { readonly kind: 'sweep'; readonly levels: readonly number[] };
  readonly calls: { readonly kind: 'calls' };
  readonly counts: { readonly kind: 'counts'; readonly counts: SyscallCounts };
}

/** A results folder while its recording goes on, regardless of what is recorded in it. */
export interface ResultsSink {
  /** The folder's own name. */
  readonly name: string;
  /** Once, when the engine is closed. */
  readonly writeLedger: (ledger: RunLedger) => void;
  /** Once, after all else: closes the folder's files and writes SHA256SUMS. */
  readonly seal: () => void;
}

/** One results folder of an experiment, and what became of its containers so far. */
export interface OpenRecording {
  /** Below the folder that the request names. */
  readonly folder: string;
  readonly sink: ResultsSink;
  /** What the engine listed before the first container. */
  readonly before: EngineList;
  /** What the ids of its containers begin with. */
  readonly idPrefix: string;
  failed: number;
  /** `null` while it goes on. */
  ended: RunEnd | null;
  /** Once it has ended; absent where the containers ran on another machine. */
  conditions?: RunConditions;
}

/** Records one kind of thing within a proved experiment, and logs every results folder as soon as it exists. */
export type Recorder<Own extends Kind> = (
  proved: ProvedExperiment<Own>,
  log: RecordingLog,
) => Promise<RecordedWell<Own>>;

/** The results folders that an experiment has opened: they get ledger and checksums, however it ends. */
export interface RecordingLog {
  readonly add: (recording: Omit<OpenRecording, 'failed' | 'ended' | 'conditions'>) => OpenRecording;
}
