import type { BindMount } from '../../container/program.js';
import type { Service } from './service.js';

/** How a program runs: in a new container, or as a new process in a running container (`docker exec`). */
export const WORKLOAD_VIAS = ['run', 'exec'] as const;
/** How a program runs. */
export type WorkloadVia = (typeof WORKLOAD_VIAS)[number];

/** The user's program in place of the payload, as in a scenario: independent of the machine, except for its paths. */
export interface Workload {
  /** The program, by its name or its path inside, and its arguments. */
  readonly args: readonly string[];
  /** NAME=VALUE, added to a PATH. */
  readonly env: readonly string[];
  readonly cwd: string;
  /** Whether the host's programs and libraries are mounted, read-only. */
  readonly bindHost: boolean;
  /** More folders and files of the host to mount. */
  readonly binds: readonly BindMount[];
  /** A folder of the host that is the root. */
  readonly rootfs?: string;
  readonly via: WorkloadVia;
  /** It is a server, measured per request of a load. */
  readonly service?: Service;
}
