import type { FilterCapacity } from '../../model/filter/capacity.js';
import type { CapacityResult } from '../../model/results/capacity.js';
import type { HostFingerprint } from '../../model/results/result.js';
import { capacitySentences } from './words.js';

/** summary.json of a report about the memory of a filter. */
export interface CapacitySummary extends FilterCapacity {
  readonly summaryVersion: 1;
  readonly kind: 'capacity';
  /** Name of the results folder. */
  readonly results: string;
  /** What the filter was made of. */
  readonly filter: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly command: readonly string[];
  readonly sentences: readonly string[];
  readonly host: HostFingerprint;
}

/** What summary.json holds, without the list of files. */
export const capacitySummary = (capacity: FilterCapacity, { name, host, plan }: CapacityResult): CapacitySummary => ({
  summaryVersion: 1,
  kind: 'capacity',
  results: name,
  filter: plan.filter.name,
  startedAt: plan.startedAt,
  command: plan.command,
  ...capacity,
  sentences: capacitySentences(capacity),
  host,
});
