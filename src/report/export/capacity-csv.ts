import type { CapacityResult, CapacitySample } from '../../model/results/capacity.js';
import { recordOf, type Cell } from '../text/csv.js';

/** New columns go to the end. */
const HEADER = [
  ...['run', 'machine', 'kernel', 'filter', 'instructions', 'kind', 'round', 'tasks', 'filters', 'limit_bytes'],
  ...['program_bytes', 'slab_bytes', 'charged_bytes', 'charged_slab_bytes', 'charged_vmalloc_bytes'],
  ...['charged_percpu_bytes', 'refused_step', 'refused_errno', 'not_measured'],
];

/**
 * One record for every crowd of tasks: memory with and without the filter, counts under a lowered limit, and the task
 * that loaded the filter upon itself. Comma-separated values by RFC 4180 with a header and CRLF, in UTF-8.
 */
export function renderCapacityCsv({ name, host, plan, samples }: CapacityResult): string {
  const { filter } = plan;
  const common = [name, filter.machine, host.kernel, filter.name, filter.instructions];
  return [recordOf(HEADER), ...samples.map((sample) => recordOf([...common, ...cellsOf(sample)]))].join('');
}

const EMPTY = undefined;

function cellsOf(sample: CapacitySample): readonly Cell[] {
  switch (sample.kind) {
    case 'memory': {
      const { round, tasks, filters, programs, slab, charged } = sample;
      const reasons = [programs, charged].filter((one) => typeof one === 'string');
      const parts = typeof charged === 'string' ? null : charged;
      return [
        ...[sample.kind, round, tasks, filters, EMPTY],
        ...[typeof programs === 'string' ? EMPTY : programs, slab],
        ...[parts?.kernel, parts?.slab ?? EMPTY, parts?.vmalloc ?? EMPTY, parts?.percpu ?? EMPTY],
        ...[EMPTY, EMPTY, reasons.length === 0 ? EMPTY : reasons.join(' ')],
      ];
    }
    case 'counted':
      return countedCells(
        [sample.kind, sample.attempt, sample.crowd.tasks, sample.crowd.filters, sample.limit],
        sample.crowd,
      );
    case 'stack':
      return countedCells([sample.kind, 0, 1, sample.trial.loaded, EMPTY], sample.trial);
  }
}

const countedCells = (
  place: readonly Cell[],
  { refusal }: { readonly refusal: { readonly step: string; readonly errno: number } | null },
): readonly Cell[] => [...place, ...Array<undefined>(6).fill(EMPTY), refusal?.step, refusal?.errno, EMPTY];
