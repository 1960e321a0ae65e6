import { quantile, sorted, type Series } from './moments.js';

/** Below this a quarter of the run has too few values for a median. */
const FEWEST = 40;
const CLEAR = Math.log1p(0.1);

/** Log ratio of the medians of a run's last and first quarter (`logs` in run order), where it is beyond 10 %; else `null`. */
export function clearDrift(logs: Series): number | null {
  if (logs.length < FEWEST) return null;
  const quarter = Math.floor(logs.length / 4);
  const drift = quantile(sorted(logs.subarray(logs.length - quarter)), 0.5) - quantile(sorted(logs.subarray(0, quarter)), 0.5);
  return Math.abs(drift) > CLEAR ? drift : null;
}
