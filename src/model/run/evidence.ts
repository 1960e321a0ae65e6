import type { FilterGiven } from '../filter/filter-making.js';
import type { FilterForm } from '../filter/form.js';
import type { Note } from '../filter/notes.js';
import type { LeftOut } from '../profile/seccomp.js';
import type { GivenForm, SourceForm } from '../profile/source.js';
import type { PodSeccomp } from '../container/pod.js';
import type { WrittenSize } from '../container/written.js';
import type { CacheEvidence } from './cache-evidence.js';

/** Length and hash of one BPF program. */
export interface FilterFacts {
  readonly instructions: number;
  /** Of the program's bytes (struct sock_filter array, host byte order), hex. */
  readonly sha256: string;
}

/** A filter that was read from a container. */
export interface LoadedProgram extends FilterFacts {
  /** Of a program that begins with a stub of the runtime: what follows the stub. */
  readonly afterStub?: FilterFacts;
}

/** A filter built in this process, as the engine's runtime builds it from the arm's spec. */
export interface BuiltPrediction extends FilterFacts {
  /** Absent in old results, for a raw filter and for LXC. */
  readonly form?: FilterForm;
  /** Version of the libseccomp it was built with; absent in old results and for a raw filter. */
  readonly libseccomp?: string;
  /** Whose way to build it is: `runc 1.3.6`. */
  readonly runtime?: string;
  /** How that way is known; absent in old results. */
  readonly learnt?: 'version' | 'filter';
  /** The runtime puts a stub before it, which is not counted here. */
  readonly stub?: true;
  /** The form that the runtime's version tells, where a loaded filter showed the other one. */
  readonly expected?: FilterForm;
  /** Of a tree: instructions of the same filter in the plain form. */
  readonly plain?: number;
}

/** What the arm's containers should load, where it is known how their engine builds filters. */
export type PredictedFilter =
  | ({ readonly state: 'built' } & BuiltPrediction)
  | { readonly state: 'none' }
  | { readonly state: 'unknown'; readonly reason: string };

/**
 * How the filters of a container were seen: read out of its process, in the arguments of its system calls, or in the
 * file that its runtime keeps compiled filters in and loads them from.
 */
export type SeenVia = 'ptrace' | 'strace' | 'cacheFile';

/** The filters loaded in a container of the arm. */
export type LoadedFilter =
  | { readonly state: 'seen'; readonly via: SeenVia; readonly programs: readonly LoadedProgram[] }
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
  /** Through libseccomp as the runtime does it; `null`: how it builds filters is not known. */
  readonly buildNs: number | null;
  /** By the kernel, on a thread that then ends; `null` as above. */
  readonly loadNs: number | null;
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

/**
 * How the runtime came to the filter of an exec, as a trace of its system calls showed: it built the filter, and wrote
 * out the bytes that it loaded; or it read them from a file.
 */
export type ExecFilterOrigin =
  | { readonly kind: 'built' }
  /** `file`: as far as it tells what the file is: `seccomp.bpf`, or a path below `.cache/seccomp`. */
  | { readonly kind: 'stored'; readonly file: string }
  /** There is no filter. */
  | { readonly kind: 'none' }
  | { readonly kind: 'notSeen'; readonly reason: string };

/** Of the process that an exec starts in a container of the arm; what the arm loads is what this process has. */
export interface ExecEvidence {
  /** As the process itself was told: 0 none, 2 filter; `null`: it could not ask. */
  readonly seccompMode: number | null;
  /** The filters of the container's first process. */
  readonly container: LoadedFilter;
  readonly origin: ExecFilterOrigin;
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
  /** How a runtime that builds filters itself came to the one that the arm asks for; absent: the arm asks for none. */
  readonly filterGiven?: FilterGiven;
  /** The libseccomp that the arm names. */
  readonly libseccomp?: { readonly path: string; readonly version: string };
  readonly predicted: PredictedFilter;
  readonly loaded: LoadedFilter;
  /** Of an engine that makes pods. */
  readonly pod?: PodEvidence;
  /**
   * prctl(PR_GET_SECCOMP) from inside: 0 none, 2 filter; `null` = the container could not tell.
   *
   * @minimum -9007199254740991
   */
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
  /** Where the runtime keeps compiled filters; complete once the run has ended. */
  readonly cache?: CacheEvidence;
  /** Where execs are timed. */
  readonly exec?: ExecEvidence;
}

/**
 * Whether the containers of two arms load the same filter: the same program, also after a stub of the runtime (runc's
 * lists architectures in random order, so the whole program's hash never repeats). `null` where the filter of one of
 * them is unknown.
 */
export function loadSameFilter(a: ArmEvidence, b: ArmEvidence): boolean | null {
  if (a.loaded.state !== 'seen' || b.loaded.state !== 'seen') return null;
  if (sameList(a.loaded.programs, b.loaded.programs, ({ sha256 }) => sha256)) return true;
  if (!sameList(a.loaded.programs, b.loaded.programs, ({ instructions }) => String(instructions))) return false;
  // Results of older versions do not tell what follows the stub.
  return sameList(a.loaded.programs, b.loaded.programs, (program) => coreOf(program).sha256) || sameSource(a, b);
}

const sameSource = (a: ArmEvidence, b: ArmEvidence): boolean =>
  samePrediction(a, b) || [a, b].every(({ given }) => given?.kind === 'runtimeDefault');

/** The part of a loaded program that libseccomp built. */
export const coreOf = (program: LoadedProgram): FilterFacts => program.afterStub ?? program;

const sameList = (
  some: readonly LoadedProgram[],
  others: readonly LoadedProgram[],
  key: (program: LoadedProgram) => string,
): boolean => some.length === others.length && some.every((one, index) => key(one) === key(others[index] ?? one));

/** Whether the filter that was predicted is among those loaded; `null` where that is not known. */
export function isAsPredicted({ loaded, predicted }: ArmEvidence): 'same' | 'afterStub' | 'different' | null {
  if (loaded.state !== 'seen' || predicted.state !== 'built') return null;
  const programs = loaded.programs;
  if (programs.some(({ sha256 }) => sha256 === predicted.sha256)) return 'same';
  if (programs.some(({ afterStub }) => afterStub?.sha256 === predicted.sha256)) return 'afterStub';
  // Results of older versions do not tell what follows a stub.
  return predicted.form === undefined ? null : 'different';
}

/** Whether a container that should have no filter told so itself: its seccomp mode is 0. */
export const isSeenInside = ({ predicted, seccompMode }: ArmEvidence): boolean =>
  predicted.state === 'none' && seccompMode === 0;

/** Whether the same program is built from both specs. */
export function samePrediction({ predicted: a }: ArmEvidence, { predicted: b }: ArmEvidence): boolean {
  if (a.state === 'built' && b.state === 'built') return a.sha256 === b.sha256;
  return a.state === 'none' && b.state === 'none';
}
