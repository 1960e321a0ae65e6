import type { EngineChoice, PodSeccomp } from '../container/container.js';
import type { Capability } from '../profile/capabilities.js';
import type { SourceForm } from '../profile/source.js';
import type { NamedCall } from '../results/percall.js';
import type { CounterChoice } from '../results/syscalls.js';
import type { Profiler } from '../results/workload-findings.js';
import type { CacheChoice, ParallelScenario, Scenario, SequentialScenario } from '../run/scenario.js';
import type { StoppingRule } from '../run/stopping.js';

/** Which engine creates the containers, and where it is. */
export interface EngineRequest {
  readonly choice: EngineChoice;
  /** Path of an OCI runtime, or the name a daemon knows it by; absent: the engine's own. */
  readonly runtime?: string;
  /** Docker, Podman: `unix:///path`, `tcp://host:port` or `ssh://user@host`; CRI: `unix:///path`. */
  readonly host?: string;
  /** Docker, Podman, CRI: an image that is there and holds the payload. */
  readonly image?: string;
  /** CRI: the filter of the container that holds a pod; absent: `runtime-default`. */
  readonly podSeccomp?: PodSeccomp;
}

/** How profiles are read and converted. */
export interface ConversionRequest {
  /** The containers' bounding set. */
  readonly capabilities: readonly Capability[];
  /** Kernel release for `minKernel` conditions; `null`: that of the machine where the containers run. */
  readonly kernel: string | null;
  /** Accept exactly what moby accepts. */
  readonly lenient: boolean;
  /** The form that files are read by; absent: told from the bytes of each. */
  readonly form?: SourceForm;
  /** Of a file; absent: 16 MiB. */
  readonly maxBytes?: number;
}

/** System calls are counted in runs of their own. */
export interface CountingRequest {
  readonly counter: CounterChoice;
  /** Counting runs per arm; `null`: 3, or 1 for a program that takes long. */
  readonly repeats: number | null;
}

/** So many MiB touched between two calls, one after the other or in an order that defeats prefetching. */
export interface TouchPoint {
  readonly mib: number;
  readonly order: 'sequential' | 'random';
}

/** What is found out about a program besides its times. */
export interface FindingsRequest {
  /** Price of a start, rate and prices of system calls. */
  readonly explain: boolean;
  /** Working sets at which a call is priced. */
  readonly touch: readonly TouchPoint[];
  readonly profiler: Profiler | null;
  /**
   * How a program's calls are counted where the request itself asks for no counts; absent: by what suits the program.
   */
  readonly counter?: CounterChoice;
  readonly repeats?: number;
}

/** What every request has, regardless of what it records. */
interface AnyRequest {
  readonly engine: EngineRequest;
  readonly conversion: ConversionRequest;
  /** Of the order of arms; an unsigned 32-bit integer. */
  readonly seed: number;
  /** The core that this process and its children are pinned to (pinned by the caller); `null`: none. */
  readonly pinnedCpu: number | null;
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
