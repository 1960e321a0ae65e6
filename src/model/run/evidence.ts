import type { Note } from '../filter/notes.js';
import type { LeftOut } from '../profile/seccomp.js';
import type { GivenForm, SourceForm } from '../profile/source.js';
import type { PodSeccomp } from '../container/container.js';
import type { WrittenSize } from '../container/written.js';

/** Length and hash of one BPF program. */
export interface FilterFacts {
  readonly instructions: number;
  /** Of the program's bytes (struct sock_filter array, host byte order), hex. */
  readonly sha256: string;
}

/** The filter that libseccomp builds from the arm's spec in this process. */
export type PredictedFilter =
  | ({ readonly state: 'built' } & FilterFacts)
  | { readonly state: 'none' }
  | { readonly state: 'unknown'; readonly reason: string };

/**
 * How the filters of a container were seen: read out of its process, in the arguments of its system calls, or in the
 * file that its runtime keeps compiled filters in and loads them from.
 */
export type SeenVia = 'ptrace' | 'strace' | 'cacheFile';

/** The filters loaded in a container of the arm. */
export type LoadedFilter =
  | { readonly state: 'seen'; readonly via: SeenVia; readonly programs: readonly FilterFacts[] }
  | { readonly state: 'notSeen'; readonly reason: string };

/** What happened to a 32-bit program in the container. */
export interface ProbeResult {
  readonly outcome: 'ran' | 'killed' | 'notProvable' | 'failed';
  readonly detail: string;
}

/** What the work behind a spec costs in bench's own process: medians in nanoseconds, 0 where an arm has no seccomp. */
export interface InProcessTimes {
  readonly convertNs: number;
  readonly serialiseNs: number;
  /** Through libseccomp. */
  readonly buildNs: number;
  /** By the kernel, on a thread that then ends. */
  readonly loadNs: number;
}

/** /proc/PID/status of the payload in a container of the arm; `null` where this kernel does not show it. */
export interface TaskState {
  /** Such as `vulnerable`, `thread vulnerable`, `thread mitigated`, `thread force mitigated`, `not vulnerable`. */
  readonly speculationStoreBypass: string | null;
  /** Such as `always enabled`, `conditional enabled`, `conditional force disabled`, `not affected`. */
  readonly speculationIndirectBranch: string | null;
  /** Filters attached; from kernel 5.11 on. */
  readonly seccompFilters: number | null;
}

/** A treatment without a spec. */
export interface GivenEvidence {
  readonly kind: 'raw' | 'lxc' | 'runtimeDefault';
  readonly form: GivenForm;
  /** The file, as the user named it; of the runtime's own profile `runtime-default`. */
  readonly name: string;
}

/** The filter of the container that holds the pods of an arm. */
export interface PodEvidence {
  readonly seccomp: PodSeccomp;
  readonly loaded: LoadedFilter;
}

/** Proof, from before the timing, that an arm's treatment applies. */
export interface ArmEvidence {
  readonly arm: string;
  readonly policy: string;
  /**
   * As written in the spec that is used; empty = the runtime's own (native). `null` = no spec: no seccomp, or a
   * filter in `given`.
   */
  readonly architectures: readonly string[] | null;
  /** A raw filter or an LXC policy that is loaded as it is; `specBytes` and `specSha256` are of its bytes. */
  readonly given?: GivenEvidence;
  /** What its file was read as, where readers of two forms read it differently, and the keys that were ignored. */
  readonly readAs?: { readonly form: SourceForm; readonly ignored: readonly string[] };
  readonly specBytes: number;
  readonly specSha256: string;
  /** What the runtime cannot load, and the spec in use therefore lacks. */
  readonly leftOut: readonly LeftOut[];
  readonly predicted: PredictedFilter;
  readonly loaded: LoadedFilter;
  /** Of an engine that makes pods. */
  readonly pod?: PodEvidence;
  /** prctl(PR_GET_SECCOMP) from inside: 0 none, 2 filter; `null` = the container could not tell. */
  readonly seccompMode: number | null;
  readonly probe32: ProbeResult;
  /** Absent in old results, and where the payload cannot be inspected from here. */
  readonly task?: TaskState;
  /** Recorded where stages are timed; not for copies. */
  readonly inProcess?: InProcessTimes;
  /** What the author of the arm's file would want to know; absent in old results, and where there is nothing. */
  readonly notes?: readonly Note[];
  /** The file the engine writes at every start, where it writes one. */
  readonly written?: WrittenSize;
}

/**
 * Whether the containers of two arms load the same filter: the same program, or, where the runtime adds a stub (runc's
 * lists architectures in random order, so its hash never repeats), the same length around the same libseccomp program.
 * `null` where the filter of one of them is unknown.
 */
export function loadSameFilter(a: ArmEvidence, b: ArmEvidence): boolean | null {
  if (a.loaded.state !== 'seen' || b.loaded.state !== 'seen') return null;
  const list = (programs: readonly FilterFacts[], key: 'instructions' | 'sha256'): string =>
    programs.map((program) => program[key]).join(' ');
  if (list(a.loaded.programs, 'sha256') === list(b.loaded.programs, 'sha256')) return true;
  const sameSource = samePrediction(a, b) || (isOfRuntime(a) && isOfRuntime(b));
  return sameSource && list(a.loaded.programs, 'instructions') === list(b.loaded.programs, 'instructions');
}

const isOfRuntime = ({ given }: ArmEvidence): boolean => given?.kind === 'runtimeDefault';

/** Whether libseccomp builds the same program from both specs. */
export function samePrediction({ predicted: a }: ArmEvidence, { predicted: b }: ArmEvidence): boolean {
  if (a.state === 'built' && b.state === 'built') return a.sha256 === b.sha256;
  return a.state === 'none' && b.state === 'none';
}
