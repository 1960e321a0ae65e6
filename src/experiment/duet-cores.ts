import { readFileSync } from 'node:fs';
import type { DuetCores } from '../model/run/duet.js';

/** A fact of a core as sysfs has it, by the file below /sys/devices/system/cpu/cpuN; `null`: not there. */
export type ReadCoreFile = (core: number, file: string) => string | null;

/** What makes two cores equally fast, as far as the kernel tells: their kind, highest clock and place. */
const KIND_FILES = ['cpu_capacity', 'cpufreq/cpuinfo_max_freq', 'topology/physical_package_id'] as const;

/**
 * Two of the cores that this process may use, for the pairs of duet blocks: equally fast, as far as the kernel tells,
 * and of two physical cores if there are such; of several the highest, because interrupts tend to be handled on the
 * lowest. `null` where no two equal cores are allowed.
 */
export function duetCores(allowed: readonly number[], read: ReadCoreFile = readCoreFile): DuetCores | null {
  const kinds = new Map<string, number[]>();
  for (const core of allowed) {
    const kind = KIND_FILES.map((file) => read(core, file) ?? '').join(' ');
    kinds.set(kind, [...(kinds.get(kind) ?? []), core]);
  }
  const groups = [...kinds.values()].toSorted((a, b) => Math.max(...b) - Math.max(...a));
  const pairs = groups.flatMap((cores) => pairsIn(cores));
  const siblings = (core: number): string => read(core, 'topology/thread_siblings_list') ?? String(core);
  const separate = pairs.find(([a, b]) => siblings(a) !== siblings(b));
  const cores = separate ?? pairs[0];
  if (cores === undefined) return null;
  return { cores, relation: separate === undefined ? 'siblings' : 'separate', allowed };
}

/** All pairs, those of the highest cores first. */
function pairsIn(cores: readonly number[]): readonly DuetCores['cores'][] {
  const falling = cores.toSorted((a, b) => b - a);
  return falling.flatMap((high, index) => falling.slice(index + 1).map((low) => [low, high] as const));
}

function readCoreFile(core: number, file: string): string | null {
  try {
    return readFileSync(`/sys/devices/system/cpu/cpu${core}/${file}`, 'latin1').trim();
  } catch {
    return null;
  }
}
