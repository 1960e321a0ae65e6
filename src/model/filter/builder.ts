/** What an engine makes the filter of a spec with, as far as it is known; never a guess. */
export type FilterBuilder = LibseccompBuilder | OwnBuilder | UnknownBuilder;

/** libseccomp, which bench can ask for the same filter. */
export interface LibseccompBuilder {
  readonly kind: 'libseccomp';
  /**
   * A spec that names more calls than this becomes a binary tree, any other the plain form; `null`: always the plain
   * form. A call counts once per rule that names it.
   */
  readonly treeAbove: number | null;
  /** Version of the library that the engine uses, such as 2.5.4; `null`: it does not say. */
  readonly version: string | null;
  /** Path of that shared library on this machine; absent: built into the engine, on another machine, or not known. */
  readonly library?: string;
  /** Whether it puts instructions of its own before libseccomp's filter, as runc does. */
  readonly stub: boolean;
  /** What this was learnt from: the engine's version and features, or a filter that one of its containers loaded. */
  readonly learnt: 'version' | 'filter';
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
