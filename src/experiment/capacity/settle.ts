import { setTimeout as sleep } from 'node:timers/promises';

/** The kernel frees what a filter had a moment after its last task. */
const SETTLE_MS = 300;

/** Waits until memory of an earlier crowd is free. Resolves at once where the run is to stop. */
export const settled = (signal: AbortSignal): Promise<void> =>
  sleep(SETTLE_MS, undefined, { signal }).catch(() => undefined);
