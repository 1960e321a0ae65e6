import { BUSY_SHARE, STOLEN_SHARE, useBetween } from '../host/use.js';
import type { HostReading } from '../host/use.js';

/** How busy the machine was that a run's containers ran on. */
export interface RunConditions {
  readonly processors: number;
  /**
   * Processes that ran or were ready to, on average of a minute: before the run's first container, and after its last,
   * where its own work is part of it.
   */
  readonly loadBefore: number;
  readonly loadAfter: number;
  /**
   * Share of all processors' time that other programs used while blocks ran, 0 to 1; `null`: not known, or a daemon
   * starts the containers, so their work is among that of others.
   */
  readonly othersShare: number | null;
  /** Share that the hypervisor gave to other guests meanwhile; `null`: not known. */
  readonly stolenShare: number | null;
  /** Ids of other live runs of bench of this user, at the beginning or at the end. */
  readonly otherRuns: readonly string[];
}

/** What happened between two readings. */
export const conditionsBetween = (
  from: HostReading,
  to: HostReading,
  more: Pick<RunConditions, 'loadBefore' | 'otherRuns'>,
): RunConditions => ({ processors: to.processors, loadAfter: to.load, ...useBetween(from, to), ...more });

/** What of the conditions widens intervals, or moves them; `null`: the machine was quiet, as far as is known. */
export function disturbances(conditions: RunConditions): RunConditions | null {
  const { othersShare, stolenShare, otherRuns, loadBefore, processors } = conditions;
  const others = othersShare ?? loadBefore / processors;
  return others > BUSY_SHARE || (stolenShare ?? 0) > STOLEN_SHARE || otherRuns.length > 0 ? conditions : null;
}
