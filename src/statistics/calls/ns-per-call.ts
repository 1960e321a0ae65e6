import type { CallerReport } from '../../model/results/percall.js';
import { quantile, sorted } from '../distributions/moments.js';

/**
 * Nanoseconds a call took in one container: the median over its rounds, each less the empty loop of the same round.
 * Rounds are paired because what changes the processor's speed changes both loops of a round.
 */
export function nsPerCall(
  { emptyNs, calls }: Pick<CallerReport, 'emptyNs' | 'calls'>,
  index: number,
  loops: number,
): number {
  const perRound = (calls[index]?.ns ?? []).map((ns, round) => (ns - (emptyNs[round] ?? 0)) / loops);
  return quantile(sorted(perRound), 0.5);
}
