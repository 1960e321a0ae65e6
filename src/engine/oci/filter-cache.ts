import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheEvidence } from '../../model/run/cache-evidence.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import type { FilterCache } from '../../model/run/scenario.js';

/**
 * Where crun keeps compiled filters below its state folder, one file for each (SECCOMP_CACHE_DIR in its seccomp.c, from
 * 1.7 on). The file's content is the filter. A container's own copy is a hard link to it.
 */
export const compiledFiltersIn = (root: string): string => join(root, '.cache', 'seccomp');

/** Any spec that has to be compiled. */
export const ANY_FILTER: SeccompSpec = {
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['swapon'], action: 'SCMP_ACT_ERRNO' }],
};

/** A file with a compiled filter, as it was at one moment. */
export interface Compiled {
  readonly path: string;
  readonly inode: bigint;
  readonly bytes: bigint;
  readonly modifiedNs: bigint;
  /** A hard link to the file changes this, and so does the removal of one. */
  readonly changedNs: bigint;
}

/** The compiled filter below a state folder; the newest one where there are several. */
export function compiledFilterIn(root: string): Compiled | undefined {
  const folder = compiledFiltersIn(root);
  try {
    const found = readdirSync(folder).map((name) => compiledAt(join(folder, name)));
    return found.sort((a, b) => Number(b.modifiedNs - a.modifiedNs))[0];
  } catch {
    // The runtime keeps none.
    return undefined;
  }
}

/** A file that is there. */
export function compiledAt(path: string): Compiled {
  const { ino: inode, size: bytes, mtimeNs: modifiedNs, ctimeNs: changedNs } = statSync(path, { bigint: true });
  return { path, inode, bytes, modifiedNs, changedNs };
}

const sha256Of = ({ path }: Compiled): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/** What was seen of one arm's containers. */
export interface Seen {
  readonly state: FilterCache;
  containers: number;
  shown: number;
  file: CacheEvidence['file'];
  /** Warm: the file as it was at the last look. */
  last: Compiled | null;
}

/** A container of an arm, the state folder that it was started with, and whether it ended well. */
export interface Used {
  readonly id: string;
  readonly arm: string;
  readonly root: string;
  /** No other container has that folder. */
  readonly ownRoot: boolean;
  /** It was there before the container. */
  readonly reused: boolean;
  endedWell: boolean;
}

/**
 * The state folders of a runtime that may keep compiled filters: one for all containers of a warm arm, a new one for
 * each container of any other. Watches what the runtime keeps in them.
 */
export class FilterCacheFolders {
  readonly #state: string;
  readonly #seen = new Map<string, Seen>();
  /** Since the last look, by the container's id. */
  readonly #used = new Map<string, Used>();

  constructor(state: string) {
    this.#state = state;
  }

  /** Starts to watch an arm; `undefined`: it is neither cold nor warm. */
  watch(arm: string, state: FilterCache | undefined): void {
    this.#seen.delete(arm);
    if (state !== undefined) this.#seen.set(arm, nothingSeen(state));
  }

  /** The state folder for a container of an arm. */
  rootFor(arm: string, id: string): string {
    return this.#seen.get(arm)?.state === 'warm' ? this.warmRoot(arm) : join(this.#state, id);
  }

  /** The state folder that all containers of a warm arm share. */
  warmRoot(arm: string): string {
    return join(this.#state, `warm-${arm}`);
  }

  /** A container is about to be started. */
  use(arm: string, id: string): void {
    const root = this.rootFor(arm, id);
    const ownRoot = root !== this.warmRoot(arm);
    this.#used.set(id, { id, arm, root, ownRoot, reused: this.#used.has(id), endedWell: false });
  }

  /** A timed container ended with 0. */
  endedWell(id: string): void {
    const used = this.#used.get(id);
    if (used !== undefined) used.endedWell = true;
  }

  /** Looks at what the containers since the last look left, and gives these containers. */
  look(): readonly Used[] {
    const used = [...this.#used.values()];
    this.#used.clear();
    for (const [arm, seen] of this.#seen) {
      const ended = used.filter((one) => one.arm === arm && one.endedWell);
      if (seen.state === 'warm') lookAtWarm(seen, compiledFilterIn(this.warmRoot(arm)), ended.length);
      else lookAtCold(seen, ended);
    }
    return used;
  }

  /** What was seen of an arm that is cold or warm. */
  evidenceOf(arm: string): CacheEvidence | undefined {
    const seen = this.#seen.get(arm);
    return seen === undefined ? undefined : evidenceIn(seen);
  }
}

export const nothingSeen = (state: FilterCache): Seen => ({ state, containers: 0, shown: 0, file: null, last: null });

export const evidenceIn = ({ state, containers, shown, file }: Seen): CacheEvidence => ({
  state,
  containers,
  shown,
  file,
});

const factsOf = (compiled: Compiled): NonNullable<CacheEvidence['file']> => ({
  bytes: Number(compiled.bytes),
  sha256: sha256Of(compiled),
});

/** The first container fills the cache; the file must then stay as it is, and be linked into every later one. */
export function lookAtWarm(seen: Seen, now: Compiled | undefined, ended: number): void {
  const { last } = seen;
  if (last === null) {
    if (now === undefined) seen.containers += ended;
    else seen.file = factsOf(now);
    seen.last = now ?? null;
    return;
  }
  seen.containers += ended;
  if (now === undefined || !isSameContent(now, last)) return;
  if (now.changedNs > last.changedNs) seen.shown += ended;
  seen.last = now;
}

const isSameContent = (one: Compiled, other: Compiled): boolean =>
  one.inode === other.inode && one.bytes === other.bytes && one.modifiedNs === other.modifiedNs;

/** Every container must have made a compiled filter of its own, in a folder that was not there before. */
function lookAtCold(seen: Seen, ended: readonly Used[]): void {
  for (const { root, reused } of ended) {
    seen.containers += 1;
    const own = reused ? undefined : compiledFilterIn(root);
    if (own === undefined) continue;
    seen.shown += 1;
    seen.file ??= factsOf(own);
  }
}
