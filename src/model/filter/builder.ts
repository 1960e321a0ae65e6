import type { FilterForm } from './form.js';

/** What an engine makes the filter of a spec with, as far as it is known; never a guess. */
export type FilterBuilder = LibseccompBuilder | LxcBuilder | OwnBuilder | UnknownBuilder;

/** libseccomp, which bench can ask for the same filter. */
export interface LibseccompBuilder {
  readonly kind: 'libseccomp';
  /** Whose filters they are, for sentences: `runc 1.3.6`; absent: the engine's. */
  readonly runtime?: string;
  /**
   * A spec that names more calls than this becomes a binary tree, any other the plain form; `null`: always the plain
   * form. A call counts once per rule that names it.
   */
  readonly treeAbove: number | null;
  /** Version of the library that the engine uses, such as 2.5.4; `null`: it does not say. */
  readonly version: string | null;
  /**
   * That shared library on this machine: a path, or {@link OWN_LIBRARY} for the one that programs of this machine find
   * by its name. Absent: bench cannot ask it; `unavailable` tells why.
   */
  readonly library?: string;
  /** In words: "it is built into runc 1.4.0", "the engine is on another machine". */
  readonly unavailable?: string;
  /** Whether it puts instructions of its own before libseccomp's filter, as runc does. */
  readonly stub: boolean;
  /** What this was learnt from: the engine's version and features, or a filter that one of its containers loaded. */
  readonly learnt: 'version' | 'filter';
  /** Learnt from a filter alone: what was seen, which tells nothing of smaller trees or of larger plain filters. */
  readonly seen?: {
    readonly calls: number;
    readonly form: FilterForm;
    /** The form that the runtime's version tells, where it is the other one. */
    readonly expected?: FilterForm;
  };
}

/** The name by which programs find this machine's libseccomp. */
export const OWN_LIBRARY = 'libseccomp.so.2';

/** LXC, which builds from the sections of its policy file that this machine can run. */
export interface LxcBuilder {
  readonly kind: 'lxc';
}

/** An engine with a filter program of its own, such as gVisor's: not comparable with libseccomp's. */
export interface OwnBuilder {
  readonly kind: 'own';
  readonly name: string;
}

export interface UnknownBuilder {
  readonly kind: 'unknown';
  /** In words, after "unknown: ". */
  readonly reason: string;
}

/** Of an engine that does not tell what makes its filters. */
export const unknownBuilder = (engine: string): UnknownBuilder => ({
  kind: 'unknown',
  reason: `it is not known how ${engine} builds filters`,
});

/** The form that a builder gives to a filter of so many calls; `null`: what was learnt does not tell. */
export function formOf({ treeAbove, seen }: LibseccompBuilder, calls: number): FilterForm | null {
  if (seen !== undefined && (seen.form === 'tree' ? calls < seen.calls : calls > seen.calls)) return null;
  return treeAbove !== null && calls > treeAbove ? 'tree' : 'plain';
}
