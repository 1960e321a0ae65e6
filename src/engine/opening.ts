import type { EngineChoice, EngineParts } from '../model/container.js';
import type { Clock } from '../model/time.js';

/** What every engine is opened with. */
export interface OpenOptions {
  readonly choice: EngineChoice;
  /** Path or name of the runtime's program; for runc, crun and oci. */
  readonly runtime?: string;
  readonly parts: EngineParts;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export const isRoot = (): boolean => process.geteuid?.() === 0;
