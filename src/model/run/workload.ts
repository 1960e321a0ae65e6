import type { BindMount } from '../container/program.js';

/**
 * How a program comes into a container: as what the container is started for, or as a new process of one that runs
 * already (`docker exec`).
 */
export const WORKLOAD_VIAS = ['run', 'exec'] as const;
export type WorkloadVia = (typeof WORKLOAD_VIAS)[number];

/**
 * The user's program in place of the payload, as a scenario has it: nothing in it is of one machine, unless it names
 * paths.
 */
export interface Workload {
  /** The program, by its name or its path inside, and its arguments. */
  readonly args: readonly string[];
  /** NAME=VALUE, added to a PATH. */
  readonly env: readonly string[];
  readonly cwd: string;
  /** Whether the host's own programs and libraries are seen inside, read-only. */
  readonly bindHost: boolean;
  /** More of the host's folders and files. */
  readonly binds: readonly BindMount[];
  /** A folder of the host's that is the root. */
  readonly rootfs?: string;
  readonly via: WorkloadVia;
}
