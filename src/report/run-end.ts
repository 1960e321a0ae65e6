import type { UnfinishedRun } from '../model/analysis/analysis.js';
import type { Unended } from '../model/results/ledger.js';
import { counted, formatCount } from './text/format.js';

/** Whether a run still goes on, was killed or was stopped, and what to do; `isResumable`: it is one of starts. */
export function endSentence(warning: UnfinishedRun, { isResumable = true } = {}): string {
  const { blocks, planned } = warning;
  const count = `${formatCount(blocks)} of ${counted(planned, 'block')} ${planned === 1 ? 'is' : 'are'} complete`;
  const next = isResumable ? RESUME : 'Prices of calls are not resumed: measure again.';
  if (warning.code === 'interrupted') return `The run was stopped: ${count}. ${next}`;
  return `${STATES[warning.state]}: ${count}. ${warning.state === 'killed' ? next : WHAT_NEXT[warning.state]}`;
}

const STATES: Readonly<Record<Unended, string>> = {
  running: 'The run still goes on',
  killed: 'The run was killed',
  unknown: 'The run has no end on record',
};

const RESUME = '`bench resume` continues it.';
const WHAT_NEXT: Readonly<Record<Exclude<Unended, 'killed'>, string>> = {
  running: 'These are the results so far: write the report again when it has ended.',
  unknown: 'It was killed, or still runs on another machine, or an early version of bench recorded it.',
};
