/** Bounds that every scenario keeps, from a file, the command line or a program: [least, most]. */
export const LIMITS = {
  count: [1, 1_000_000],
  rounds: [1, 100_000],
  warmup: [0, 10_000],
  pauseMs: [0, 60_000],
} as const;

/**
 * What is filled in where nothing is given. Page cache and the like are warm after 4 starts (docs/method.md, section
 * 7).
 */
export const DEFAULTS = {
  count: { sequential: 500, parallel: 200 },
  rounds: 20,
  warmup: { sequential: 4, parallel: 1 },
  pauseMs: 0,
  dialect: 'moby',
} as const;

/** The same of a program's runs: enough for a verdict where one may take seconds. */
export const WORKLOAD_DEFAULTS = { count: 30, warmup: 1, arms: ['unconfined', 'default'] } as const;

/** Seeds are unsigned 32-bit integers. */
export const LARGEST_SEED = 0xffff_ffff;
