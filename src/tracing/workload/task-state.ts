import { readFileSync } from 'node:fs';
import type { TaskState } from '../../model/run/evidence.js';

/** A process's speculation mitigations and number of filters (/proc/PID/status); `null` where it cannot be read. */
export function readTaskState(
  pid: number,
  read: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): TaskState | null {
  let status: string;
  try {
    status = read(`/proc/${pid}/status`);
  } catch {
    return null;
  }
  const field = (name: string): string | null =>
    new RegExp(`^${name}:[ \\t]*(.+)$`, 'm').exec(status)?.[1]?.trim() ?? null;
  const filters = Number(field('Seccomp_filters') ?? Number.NaN);
  return {
    speculationStoreBypass: field('Speculation_Store_Bypass'),
    speculationIndirectBranch: field('SpeculationIndirectBranch'),
    seccompFilters: Number.isNaN(filters) ? null : filters,
  };
}
