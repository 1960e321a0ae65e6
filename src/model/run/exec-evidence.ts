import type { LoadedFilter } from './evidence.js';

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
