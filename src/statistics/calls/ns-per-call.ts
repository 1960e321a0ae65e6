import type { CallerReport } from '../../model/results/percall/caller-report.js';
import { quantile, sorted } from '../distributions/moments.js';

/**
 * Nanoseconds a call took in one container: the median over its rounds, each less the empty loop of the same round.
 * Rounds are paired because what changes the processor's speed changes both loops of a round.
 *
 * The median and not the fastest round, because a minimum falls with the number of rounds: prices from 9 rounds and
 * from 25 could not be compared. It costs no precision: on 2 busy cores, differences between two equal arms (60 blocks
 * of 25 rounds of 1000 calls, calls of 85 to 120 ns) had a standard deviation of 1.8 to 1.9 ns with either.
 */
export function nsPerCall(
  { emptyNs, calls }: Pick<CallerReport, 'emptyNs' | 'calls'>,
  index: number,
  loops: number,
): number {
  const perRound = (calls[index]?.ns ?? []).map((ns, round) => (ns - (emptyNs[round] ?? 0)) / loops);
  return quantile(sorted(perRound), 0.5);
}
