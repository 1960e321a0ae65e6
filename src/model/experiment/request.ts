import type { CallAction } from '../results/percall/action-price.js';
import type { NamedCall } from '../results/percall/percall.js';
import type { CounterChoice } from '../results/syscalls.js';
import type { CacheChoice, ParallelScenario, Scenario, SequentialScenario } from '../run/scenario.js';
import type { StoppingRule } from '../run/stopping.js';
import type { ConversionRequest, EngineRequest, FindingsRequest } from './settings.js';

export type { ConversionRequest, EngineRequest, FindingsRequest, TouchPoint } from './settings.js';

/** System calls are counted in runs of their own. */
export interface CountingRequest {
  readonly counter: CounterChoice;
  /** Counting runs per arm; `null`: 3, or 1 for a program that takes long. */
  readonly repeats: number | null;
}

/** What every request has, regardless of what it records. */
interface AnyRequest {
  readonly engine: EngineRequest;
  readonly conversion: ConversionRequest;
  /** Of the order of arms; an unsigned 32-bit integer. */
  readonly seed: number;
  /** The core that this process and its children are pinned to (pinned by the caller); `null`: none. */
  readonly pinnedCpu: number | null;
  /** `false`: a run with a time may not choose one core either. */
  readonly mayPin?: false;
  /** After which a container counts as hung. */
  readonly timeoutMs: number;
  /** The run ends once more containers than that have failed; `null`: it goes on. */
  readonly maxFailures: number | null;
  /** Folder in which the results folder is created. */
  readonly resultsFolder: string;
  /** What was typed, for the record; empty where the library was called. */
  readonly commandLine: readonly string[];
}

/** Blocks of container starts (or of the program's runs), one after the other or in batches. */
export interface StartsRequest extends AnyRequest {
  readonly kind: 'starts';
  readonly scenario: Scenario;
  /** Whether the stages of every start are timed separately. */
  readonly staged: boolean;
  /** Counts the instructions of every start, where there is a PMU. */
  readonly counters?: boolean;
  /** What may end the run before its count. */
  readonly stopping: readonly StoppingRule[];
  /** A share; differences below it count as none. Used by the stopping rules. */
  readonly margin: number;
  /** `null`: system calls are not counted. */
  readonly counting: CountingRequest | null;
  /** Only for a scenario with a program. */
  readonly findings: FindingsRequest;
  /** Where the scenario names no state of the runtime's cache; absent: both, or warm where a program runs. */
  readonly presetCache?: CacheChoice;
  /** Blocks of every mode that is possible here, in a pilot before the run; absent: no pilot. */
  readonly tryModes?: number;
}

/** The same batches at several levels of concurrency, in turn. */
export interface SweepRequest extends AnyRequest {
  readonly kind: 'sweep';
  readonly scenario: ParallelScenario;
  /** Ascending, 1 among them. */
  readonly levels: readonly number[];
}

/**
 * System calls timed inside containers: each block is one container per arm. Pauses and the program of the scenario are
 * ignored.
 */
export interface CallsRequest extends AnyRequest {
  readonly kind: 'calls';
  readonly scenario: SequentialScenario;
  readonly calls: readonly NamedCall[];
  /** Names of calls that are left out, with a word, where a filter would end their caller; others are refused. */
  readonly droppable?: readonly string[];
  /** Timed loops of every call in each container. */
  readonly rounds: number;
  /** Calls in one loop. */
  readonly loops: number;
  /** Answers of a filter whose price is measured too; absent: none. */
  readonly actions?: readonly CallAction[];
  /** An action that the machine refuses is left out, with a word; absent: it ends the run. */
  readonly actionsMayLack?: true;
  /** Whether arms that come out equal to an earlier one are left out (`drop`) or refused. */
  readonly equalArms: 'drop' | 'refuse';
}

/** Counting runs alone: nothing is timed. */
export interface CountsRequest extends AnyRequest {
  readonly kind: 'counts';
  readonly scenario: SequentialScenario;
  readonly counting: CountingRequest;
}

/** A whole experiment, checked: numbers, enums and paths; no option strings. */
export type ExperimentRequest = StartsRequest | SweepRequest | CallsRequest | CountsRequest;
