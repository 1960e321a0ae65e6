import type { RunWarning } from '../../model/analysis/analysis.js';
import { BUSY_SHARE, STOLEN_SHARE } from '../../model/host/use.js';
import type { RunConditions } from '../../model/results/conditions.js';
import { counted, formatDuration } from '../text/format.js';
import { someOf } from './names.js';

type Of<Code extends RunWarning['code']> = Extract<RunWarning, { readonly code: Code }>;

const MOST_RUNS = 3;

/** The causes are among the failures. */
const FAILED_BLOCKS =
  'The run ended early: every container of several blocks in a row failed. The results so far are kept.';

/** What kept the blocks of a run from following one another evenly, and what to do. */
export function evennessSentence(warning: Of<'failedBlocks' | 'paused' | 'runtimeChanged' | 'hostBusy'>): string {
  switch (warning.code) {
    case 'failedBlocks':
      return FAILED_BLOCKS;
    case 'runtimeChanged':
      return `${warning.path ?? 'The runtime'} was replaced while the run went on, which ended it. Its comparisons are \
invalid: run again.`;
    case 'paused':
      return pausedSentence(warning);
    case 'hostBusy':
      return `The machine was busy during the run: ${busyWords(warning)}. Intervals are wider than on a quiet machine.`;
  }
}

function pausedSentence({ times, blocks, gapNs, left }: Of<'paused'>): string {
  const often = times === 1 ? 'once' : `${times} times`;
  const stood = `The machine, bench or a container stood still ${often} (at most ${formatDuration(gapNs / 1e9)})`;
  if (left === 0) return `${stood}. ${blocks === 1 ? 'The block was' : 'Those blocks were'} run again.`;
  const are = left === 1 ? 'One block stood' : `${left} blocks stood`;
  return `${stood}. ${are} still in the last attempt too and ${left === 1 ? 'counts' : 'count'} as measured: find \
out what stops it, and run again.`;
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** What a machine did besides the run: `other programs used 38 % of the CPU time`. */
export function busyWords(conditions: Omit<RunConditions, 'loadAfter'>): string {
  const { othersShare, stolenShare, otherRuns, loadBefore, processors } = conditions;
  const busy = (othersShare ?? loadBefore / processors) > BUSY_SHARE;
  const load = `load average ${loadBefore.toFixed(1)} on ${counted(processors, 'CPU')} before it`;
  const others = othersShare === null ? load : `other programs used ${percent(othersShare)} of the CPU time`;
  const runs = `${counted(otherRuns.length, 'other run')} of bench (${someOf(otherRuns, MOST_RUNS)})`;
  return [
    ...(busy ? [others] : []),
    ...((stolenShare ?? 0) > STOLEN_SHARE ? [`the hypervisor took ${percent(stolenShare ?? 0)} of it`] : []),
    ...(otherRuns.length > 0 ? [runs] : []),
  ].join(', ');
}
