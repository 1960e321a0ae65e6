import type { RunResult } from '../../../model/results/result.js';
import { isResumable, runStateOf } from '../../../model/results/run-state.js';
import type { RunState } from '../../../model/results/run-state.js';
import { shellQuote } from '../../../model/shell-quote.js';

/** The state of a run that is not complete, after the name of its folder. */
const STATES: Readonly<Record<RunState, string | null>> = {
  complete: null,
  rule: null,
  running: 'the run still goes on; these are the results so far',
  killed: 'the run was killed',
  unknown: null,
  maxFailures: 'the run ended early by --max-failures',
  failedBlocks: 'the run ended early: whole blocks failed',
  runtimeChanged: 'the run ended early: its runtime was replaced',
  interrupted: 'the run was stopped',
  error: 'an error ended the run',
};

/** A results folder and the run in it. */
export interface RunInFolder {
  readonly folder: string;
  readonly run: Pick<RunResult, 'ledger' | 'unended'>;
  /** Whether it is a run that can be resumed: prices of calls, and builds of revisions, cannot. */
  readonly isOfStarts: boolean;
}

/** One line per run that is not complete: whether it goes on, was killed or ended early, and what continues it. */
export const unfinishedLines = (runs: readonly RunInFolder[]): readonly string[] =>
  runs.flatMap(({ folder, run, isOfStarts }) => {
    const state = runStateOf(run);
    const words = STATES[state];
    if (words === null) return [];
    const next = isOfStarts && isResumable(state) ? `; continue it with: bench resume ${shellQuote([folder])}` : '';
    return [`${folder}: ${words}${next}`];
  });
