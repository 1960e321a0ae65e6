import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { CacheEvidence } from '../../model/run/cache-evidence.js';
import type { FilterCache } from '../../model/run/scenario.js';
import { argvOf, parentOf } from '../../process/processes.js';
import { compiledAt, compiledFiltersIn, evidenceIn, lookAtWarm, nothingSeen } from './filter-cache.js';
import type { Compiled, Seen } from './filter-cache.js';

/** A running container of a daemon on this machine. */
export interface RunningContainer {
  /** As the daemon's runtime knows it. */
  readonly id: string;
  readonly pid: number;
}

/**
 * The file below the state folder of a daemon's crun that a running container's filter was taken from, or put into:
 * crun's own copy in the container's folder is a hard link to it. `undefined`: there is none, or it cannot be seen.
 */
export function cachedFilterOf(container: RunningContainer): Compiled | undefined {
  for (const root of stateFolders(container.pid)) {
    try {
      const own = compiledAt(join(root, container.id, 'seccomp.bpf'));
      const folder = compiledFiltersIn(root);
      return readdirSync(folder)
        .map((name) => compiledAt(join(folder, name)))
        .find(({ inode }) => inode === own.inode);
    } catch {
      // The container is below another one.
    }
  }
  return undefined;
}

/**
 * Where the state folder of the runtime may be: containerd's shim has it in its bundle's options.json, Podman's conmon
 * among its arguments where it is not crun's own default.
 */
function stateFolders(pid: number): readonly string[] {
  const monitor = parentOf(pid);
  if (monitor === undefined) return [];
  const named = argvOf(monitor).flatMap((word) => /^(?:--runtime-arg=)?--root=(.+)$/.exec(word)?.[1] ?? []);
  const runtimeFolder = process.env['XDG_RUNTIME_DIR'];
  return [
    ...named,
    ...shimFolder(monitor),
    '/run/crun',
    ...(runtimeFolder === undefined ? [] : [join(runtimeFolder, 'crun')]),
  ];
}

/** A shim works in the container's bundle, whose parent has the name of containerd's namespace. */
function shimFolder(shim: number): readonly string[] {
  try {
    const bundle = readlinkSync(`/proc/${shim}/cwd`);
    const options = join(bundle, 'options.json');
    if (!existsSync(options)) return [];
    const { root } = JSON.parse(readFileSync(options, 'utf8')) as { readonly root?: unknown };
    return typeof root === 'string' ? [join(root, basename(dirname(bundle)))] : [];
  } catch {
    return [];
  }
}

/** Watches the files of arms in a cache that all containers of a daemon's runtime share: arms can only be warm. */
export class SharedFilterCache {
  readonly #seen = new Map<string, Seen>();
  /** Containers that ended well since the last look. */
  readonly #ended = new Map<string, number>();

  /** Starts to watch an arm; `undefined`: it is not warm. */
  watch(arm: string, state: FilterCache | undefined): void {
    this.#ended.delete(arm);
    if (state === undefined) this.#seen.delete(arm);
    else this.#seen.set(arm, nothingSeen(state));
  }

  /** Learns an arm's file from one of its containers; nothing is counted before. */
  learn(arm: string, container: RunningContainer): void {
    const seen = this.#seen.get(arm);
    if (seen?.last !== null) return;
    const file = cachedFilterOf(container);
    if (file !== undefined) lookAtWarm(seen, file, 0);
    this.#ended.delete(arm);
  }

  /** Timed containers of an arm ended with 0. */
  endedWell(arm: string, containers: number): void {
    this.#ended.set(arm, (this.#ended.get(arm) ?? 0) + containers);
  }

  /** Looks at the files of the arms whose containers have ended since the last look. */
  look(): void {
    for (const [arm, seen] of this.#seen) {
      const ended = this.#ended.get(arm) ?? 0;
      // The first start is before its file is known.
      if (seen.last !== null) lookAtWarm(seen, again(seen.last), ended);
    }
    this.#ended.clear();
  }

  evidenceOf(arm: string): CacheEvidence | undefined {
    const seen = this.#seen.get(arm);
    return seen === undefined ? undefined : evidenceIn(seen);
  }
}

function again({ path }: Compiled): Compiled | undefined {
  try {
    return compiledAt(path);
  } catch {
    // It was removed.
    return undefined;
  }
}
