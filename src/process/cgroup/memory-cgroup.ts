import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChargedMemory } from '../../model/results/capacity.js';
import { removeCgroupFolders } from './cgroups.js';
import { placeForNew } from './run-cgroup.js';

/** An empty cgroup whose memory is counted. Disposing removes it; no process may be left in it. */
export interface MemoryCgroup extends AsyncDisposable {
  /** The file that moves who writes 0 to it. */
  readonly procs: string;
  /** Kernel memory charged to it now; `null` where the kernel does not tell. */
  readonly charged: () => ChargedMemory | null;
}

/** Makes a cgroup in the hierarchy of the memory controller; `null` where that is not possible. Never throws. */
export function makeMemoryCgroup(name: string): MemoryCgroup | null {
  const place = placeForNew('memory');
  if (typeof place === 'string') return null;
  const folder = join(place.parent, name);
  try {
    mkdirSync(folder);
  } catch {
    return null;
  }
  return {
    procs: join(folder, 'cgroup.procs'),
    charged: () => (place.version === 1 ? chargedOfUsage(readOr(join(folder, USAGE_1))) : chargedIn(folder)),
    [Symbol.asyncDispose]: async () => {
      await removeCgroupFolders([folder]);
    },
  };
}

const USAGE_1 = 'memory.kmem.usage_in_bytes';

/** Of version 1, which has one figure: the kernel's admin-guide/cgroup-v1/memory. */
function chargedOfUsage(text: string | null): ChargedMemory | null {
  const kernel = text === null ? NaN : Number(text.trim());
  return Number.isFinite(kernel) ? { kernel, slab: null, vmalloc: null, percpu: null } : null;
}

function chargedIn(folder: string): ChargedMemory | null {
  const text = readOr(join(folder, 'memory.stat'));
  return text === null ? null : chargedOfStat(text);
}

/** Of a memory.stat of version 2 (admin-guide/cgroup-v2); `null` before Linux 5.18, which has no line `kernel`. */
export function chargedOfStat(text: string): ChargedMemory | null {
  const bytes = (name: string): number | null => {
    const [, value] = new RegExp(`^${name} (\\d+)$`, 'm').exec(text) ?? [];
    return value === undefined ? null : Number(value);
  };
  const kernel = bytes('kernel');
  return kernel === null ? null : { kernel, slab: bytes('slab'), vmalloc: bytes('vmalloc'), percpu: bytes('percpu') };
}

function readOr(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
