import type { EngineChoice, EngineParts } from '../model/container/container.js';
import type { Clock } from '../model/time.js';
import type { DaemonEndpoint } from './docker/endpoint.js';

/** What every engine is opened with. */
export interface OpenOptions {
  readonly choice: EngineChoice;
  /** Path or name of the runtime's program for runc, crun and oci; for docker the name of a configured runtime. */
  readonly runtime?: string;
  /** Where the daemon listens; for docker and podman. Absent: found as their own clients do. */
  readonly endpoint?: DaemonEndpoint;
  /** An existing image that contains the payload; for docker and podman. Absent: one is loaded and removed. */
  readonly image?: string;
  readonly parts: EngineParts;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}
