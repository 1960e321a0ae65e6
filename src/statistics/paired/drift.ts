import { medianOf } from '../distributions/selection.js';
import type { Series } from '../distributions/moments.js';

/** How far the machine's level moved during a run. */
export interface Drift {
  readonly logRatio: number;
  /** Beyond 10 %. */
  readonly clear: boolean;
}

/** Below this a quarter of the run has too few values for a median. */
const FEWEST = 40;
const CLEAR = Math.log1p(0.1);

/** Log ratio of the medians of a run's last and first quarter (`logs` in run order); `null` below 40 blocks. */
export function driftOf(logs: Series): Drift | null {
  if (logs.length < FEWEST) return null;
  const quarter = Math.floor(logs.length / 4);
  const logRatio = medianOf(logs.subarray(logs.length - quarter)) - medianOf(logs.subarray(0, quarter));
  return { logRatio, clear: Math.abs(logRatio) > CLEAR };
}
