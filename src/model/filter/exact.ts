import type { ArchitecturePolicy, Dialect, LeftOut } from '../profile/seccomp.js';
import type { ProfileSource } from '../profile/source.js';
import type { WrittenSize } from '../container/written.js';

/** What can be counted for one policy on one machine. */
export type ExactFigures =
  | {
      readonly state: 'known';
      readonly policy: ArchitecturePolicy;
      /** Listed in the spec; 0 = the runtime's own. */
      readonly architectures: number;
      /** What libseccomp cannot put into one filter with the machine's own; not in `instructions`. */
      readonly leftOut: readonly LeftOut[];
      /** Of linux.seccomp as JSON on one line. */
      readonly specBytes: number;
      /** The file lcr writes; `null` where it refuses the spec. */
      readonly lxc: WrittenSize | null;
      /** `null`, or a form that is: this libseccomp cannot build it. */
      readonly instructions: { readonly plain: number | null; readonly tree: number | null } | null;
    }
  /** The conversion gives no spec. */
  | { readonly state: 'none'; readonly policy: ArchitecturePolicy; readonly reason: string };

/**
 * One machine: the policies `all` (before), `host` (after), `trim` where the profile has an explicit list, and
 * `native`, in that order.
 */
export interface ExactRow {
  /** By libseccomp's name. */
  readonly machine: string;
  readonly figures: readonly ExactFigures[];
}

/** The result of `bench exact`. */
export interface ExactReport {
  readonly profile: string;
  /** What the file was read as. */
  readonly form: ProfileSource['form'];
  /** The same in words, with what that leaves out; absent where every reader makes the same of the file. */
  readonly read?: string;
  readonly dialect: Dialect;
  readonly libseccomp: string;
  readonly rows: readonly ExactRow[];
  /** Architectures of the profile that this libseccomp does not know. */
  readonly unknown: readonly string[];
}
