import { listOf } from '../record/lists.js';
import { stoppedEarly } from '../session/session.js';
import type { ProvedExperiment, RecordedWell } from '../states.js';
import { countArms } from './count-calls.js';

/**
 * Counting runs alone: nothing is timed and no results folder is made. Throws `interrupted` where it was stopped before
 * anything was counted.
 */
export async function recordCounts(proved: ProvedExperiment<'counts'>): Promise<RecordedWell<'counts'>> {
  const before = await listOf(proved.session.engine);
  const { counts, ended, failed } = await countArms(proved, proved.request.counting);
  if (ended === 'interrupted' && counts.arms.every(({ state }) => state === 'notCounted')) throw stoppedEarly();
  return { ended, failed, before, found: { kind: 'counts', counts } };
}
