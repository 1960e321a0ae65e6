import type { PercallAnalysis } from '../../model/analysis/percall-analysis.js';

/** How calls are priced, for the report. */
const METHOD: readonly string[] = [
  'In every container a static program makes each call in a loop, over several rounds, between two readings of its ' +
    'own ' +
    'CPU time (of CLOCK_MONOTONIC where CPU time is too coarse). The same loop without the call is timed in every ' +
    'round and ' +
    'subtracted.',
  'A container counts as one value per call: the median over its rounds. The unit is the block: one container of ' +
    'every ' +
    'arm, in an order shuffled from the seed. A failed container drops its block.',
  'Against no filter: log ratios within the block, against both arms without a filter, trimmed means and t interval ' +
    '(below 30 blocks Hodges-Lehmann against one of them, exact Wilcoxon interval), as for container starts.',
  'A call that the filter denies does no work, so it is compared with a call that no kernel has, which ' +
    'costs what entering and leaving the kernel costs.',
  "Instructions are counted by running the filter's own bytes on the call. Where number and architecture alone " +
    'decide that every filter allows a call, the kernel has cached that and executes none.',
  'The calls change nothing: they only ask, or their arguments are so wrong that the kernel refuses them first.',
];

const ACTION_METHOD =
  'What answers a call (a listener, the log, a tracer) is priced in containers of its own in the same blocks: a ' +
  'child makes the call under a filter with one rule, and its parent answers. Times are real time, since the call ' +
  'waits for another process. The listener only receives and answers, which is the least that one costs. Compared ' +
  'with the same instructions that allow the call.';

/** How this run priced calls. */
export const methodOf = ({ actions }: PercallAnalysis): readonly string[] =>
  actions === undefined ? METHOD : [...METHOD, ACTION_METHOD];

/** prctl(PR_GET_SPECULATION_CTRL), linux/prctl.h. */
const STATES: readonly (readonly [bit: number, words: string])[] = [
  [8, 'off for good'],
  [4, 'off'],
  [2, 'on'],
  [16, 'off until exec'],
];

/** `on, off`: whether the process may speculate past stores and through indirect branches. */
export const speculationWords = (states: readonly [number, number]): string =>
  states
    .map((state) => {
      if (state < 0) return `unknown (errno ${-state})`;
      return state === 0 ? 'not affected' : (STATES.find(([bit]) => (state & bit) !== 0)?.[1] ?? String(state));
    })
    .join(', ');
