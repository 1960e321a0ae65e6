import type { RunEnd, RunLedger, Unended } from './ledger.js';

/** What of a run's end is known, in the words of the ledger or of what stands for it. */
interface Ending {
  readonly ledger?: Pick<RunLedger, 'ended'>;
  readonly unended?: Unended;
}

/** How a run ended, or whether it still goes on; `unknown`: no end is on record. */
export type RunState = RunEnd | Unended;

/** The state of a run by its results folder. */
export const runStateOf = ({ ledger, unended = 'unknown' }: Ending): RunState => ledger?.ended ?? unended;

/** Whether there is something left to run of a state, as far as `bench resume` can tell. */
export const isResumable = (state: RunState): boolean => !['complete', 'rule', 'running', 'unknown'].includes(state);
