import { allowedCpus, pinTo } from '../process/affinity.js';

/**
 * Keeps this process, and every child it starts from now on, on one core; `any` is the last core it may use. Gives the
 * core. Throws `environment` where the kernel refuses.
 */
export function pinProcess(core: number | 'any'): number {
  const chosen = core === 'any' ? (allowedCpus().at(-1) ?? 0) : core;
  pinTo(chosen);
  return chosen;
}
