import type { EngineChoice } from '../container/container.js';
import type { PodSeccomp } from '../container/pod.js';
import type { Capability } from '../profile/capabilities.js';
import type { SourceForm } from '../profile/source.js';
import type { CounterChoice } from '../results/syscalls.js';
import type { Profiler } from '../results/workload-findings.js';

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
