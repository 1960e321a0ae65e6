import type { FilterForm } from './form.js';

/** How a filter is built and loaded, where that differs from what container runtimes do. */
export interface FilterMaking {
  /** How libseccomp lays it out; absent: plain. */
  readonly form?: FilterForm;
  /** Names of calls whose rules come first, the most important one first; for a filter without a tree. */
  readonly first?: readonly string[];
  /** The filter is built before the run: a start only loads it. */
  readonly prebuilt?: true;
  /** The filter is loaded this many times, 1 to {@link MOST_STACKED}. */
  readonly stacked?: number;
}

export const MOST_STACKED = 4;

/**
 * How a runtime that builds filters itself came to the filter that its arm asks for. `annotation`: it was given the
 * finished filter, so a start builds nothing. `padding`: its spec names as many more calls that no kernel knows, which
 * it skips, and therefore names more than `treeAbove`, from where on the runtime builds a tree of the same rules.
 */
export type FilterGiven =
  | { readonly kind: 'annotation'; readonly name: string; readonly bytes: number; readonly sha256: string }
  | { readonly kind: 'padding'; readonly names: number; readonly treeAbove: number };
