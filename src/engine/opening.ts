import { totalmem } from 'node:os';
import type { EngineChoice, EngineParts, EngineView } from '../model/container/container.js';
import type { PodSeccomp } from '../model/container/pod.js';
import { controllerPlace } from '../process/cgroup/cgroups.js';
import { contained, limitsByCgroup } from '../model/container/containment.js';
import type { Containment } from '../model/container/containment.js';
import type { Clock } from '../model/time.js';
import type { CriEndpoint } from './cri/socket.js';
import type { DaemonEndpoint } from './docker/endpoint.js';

/** Whether a runtime's name is that of one whose containers have a kernel of their own. */
export const hasOwnKernel = (runtime: string): boolean => /runsc|gvisor|kata|krun/i.test(runtime);

/** gVisor runs 64-bit programs only; Docker 20.10 keeps a shim for every container whose start it refuses. */
export const GVISOR_NO_32_BIT = 'gVisor runs no 32-bit programs';

/** What every engine is opened with. */
export interface OpenOptions {
  readonly choice: EngineChoice;
  /**
   * Path or name of the runtime's program for runc, crun and oci; for docker the name of a configured runtime, for
   * cri that of a runtime handler.
   */
  readonly runtime?: string;
  /** Where the daemon listens; for docker and podman. Absent: found as their own clients do. */
  readonly endpoint?: DaemonEndpoint;
  /** Where a CRI runtime listens. Absent: found as described at {@link findCri}. */
  readonly cri?: CriEndpoint;
  /** For cri: the filter of the container that holds a pod. */
  readonly podSeccomp?: PodSeccomp;
  /** An existing image that contains the payload; for docker, podman and cri. Absent: one is loaded and removed. */
  readonly image?: string;
  /** Why containers get no limits by cgroups, found out with a container that got them; absent: they get them. */
  readonly unlimited?: string;
  readonly parts: EngineParts;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Looks at the engine once it is known and before its first container; what it throws ends the opening. */
  readonly check?: (engine: EngineView) => Promise<void>;
}

/** For a runtime of this machine that makes cgroups for each container. */
export function containedByCgroups({ unlimited }: Pick<OpenOptions, 'unlimited'>): Containment {
  const reasonOf = (controller: string): string | undefined =>
    unlimited ??
    (controllerPlace(controller) === null ? `no cgroup hierarchy has the ${controller} controller` : undefined);
  return contained(limitsByCgroup(totalmem(), { pids: reasonOf('pids'), memory: reasonOf('memory') }));
}
