import { allowedCpus, allowOnly, pinTo } from '../process/affinity.js';

/**
 * Keeps this process, and every child it starts from now on, on one core; `any` is the last core it may use. Gives the
 * core. Throws `environment` where the kernel refuses.
 */
export function pinProcess(core: number | 'any'): number {
  const chosen = core === 'any' ? (allowedCpus().at(-1) ?? 0) : core;
  pinTo(chosen);
  return chosen;
}

/** Puts this process on one core and back; tests put their own in place. */
export interface Pinning {
  /** The core that it would be put on; `null`: it may use one core only, so there is nothing to choose. */
  readonly core: () => number | null;
  readonly pin: () => void;
  /** Back to the cores that it could use before. */
  readonly unpin: () => void;
}

/** For this process, with the cores that it may use when this is first asked. */
export function pinningHere(): Pinning {
  let before: readonly number[] | null = null;
  const allowed = (): readonly number[] => (before ??= allowedCpus());
  const core = (): number | null => (allowed().length > 1 ? (allowed().at(-1) ?? null) : null);
  return {
    core,
    pin: () => {
      const chosen = core();
      if (chosen !== null) pinTo(chosen);
    },
    unpin: () => {
      if (core() !== null) allowOnly(allowed());
    },
  };
}
