import type { FilterCache } from './scenario.js';

/**
 * Whether the containers of an arm found the filter that their runtime had compiled for an earlier one, as it was seen
 * between the blocks of a run.
 */
export interface CacheEvidence {
  readonly state: FilterCache;
  /** Containers that ended well since the arm was prepared; of a warm arm without the one that filled the cache. */
  readonly containers: number;
  /**
   * Those of them that were shown to be in that state. Cold: a new state folder, in which the container left a compiled
   * filter of its own. Warm: after its turn the file of the first container was still there, unchanged, and linked
   * into a container.
   */
  readonly shown: number;
  /** The file that holds the compiled filter: its size and hash; `null`: there was none. */
  readonly file: { readonly bytes: number; readonly sha256: string } | null;
}

/** Whether all containers of an arm were shown to find the cache as they should. */
export const isCacheShown = ({ containers, shown, file }: CacheEvidence): boolean =>
  file !== null && shown === containers;
