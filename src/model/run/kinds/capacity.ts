import type { Dialect } from '../../profile/seccomp.js';

/** What a scenario file of kind `capacity` asks for: the kernel memory of a filter, in place of containers. */
export interface CapacityScenario {
  readonly kind: 'capacity';
  readonly name: string;
  readonly title?: string;
  /** Absent: the built-in default. */
  readonly profile?: string;
  readonly dialect: Dialect;
  /**
   * Tasks with the filter at once.
   *
   * @asType integer
   * @minimum 1
   */
  readonly tasks: number;
  /**
   * Filters in each task, stacked on each other.
   *
   * @asType integer
   * @minimum 1
   */
  readonly stacked: number;
  /** Whether net.core.bpf_jit_limit is lowered for moments, to count how many fit. */
  readonly untilRefused: boolean;
}

/** What may be asked for. */
export const CAPACITY_LIMITS = { tasks: [10, 20_000], stacked: [1, 64] } as const;
export const CAPACITY_DEFAULTS = { tasks: 500, stacked: 1 } as const;
