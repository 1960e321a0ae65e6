import { BenchError } from '../../../errors.js';
import type { Analysed } from '../../../reporting/index.js';

/** Throws `input` for results that are not of starts. */
export function assertStarts(kind: Analysed['kind']): void {
  if (kind === 'starts') return;
  throw kind === 'calls'
    ? new BenchError('input', '--from: expected results of container starts, got priced calls', {
        hint: 'bench percall --from RESULTS --fail-if-slower has a gate of its own.',
      })
    : new BenchError('input', '--from: expected results of container starts, got advice', {
        hint: 'Advice compares nothing that a job could fail by.',
      });
}

/** Containers that were measured and failed. */
export const failuresIn = (analysed: Analysed): number =>
  analysed.kind === 'starts'
    ? analysed.runs.flatMap(({ analysis }) => analysis.arms).reduce((total, { failed }) => total + failed, 0)
    : 0;
