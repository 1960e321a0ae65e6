import type { FilterDiff } from '../../model/filter/diff.js';
import { notesOf, proofWords } from './notes.js';
import { kindViews } from './rows.js';
import type { KindView, ToldAbi } from './rows.js';

/** A comparison in the order in which it is told. */
export interface DiffView {
  /** Machines, in words. */
  readonly machines: string;
  /** ABIs of all machines. */
  readonly abis: readonly string[];
  readonly kinds: readonly KindView[];
  /** Where nothing differs: so much is sure. */
  readonly nothing: string | null;
  /** About the filters as a whole, one sentence each. */
  readonly notes: readonly string[];
}

/** The differences on all machines together. */
export function viewOf(diffs: readonly FilterDiff[]): DiffView {
  const abis = diffs.flatMap(toldAbis);
  const isProved = diffs.every(({ proof }) => proof.state !== 'sampled');
  return {
    machines:
      diffs.length > MOST_MACHINES ? `${diffs.length} machines` : diffs.map(({ machine }) => machine).join(', '),
    abis: abis.map(({ label }) => label),
    kinds: kindViews(abis),
    nothing: diffs.some(isDifferent) ? null : isProved ? 'No difference' : 'No difference found',
    notes: [...notesOf(diffs, abis), ...proofWords(diffs)],
  };
}

const MOST_MACHINES = 4;

/** Compat ABIs are named with their machine where there are several machines. */
const toldAbis = (
  { architectures, machine }: FilterDiff,
  _: number,
  diffs: readonly FilterDiff[],
): readonly ToldAbi[] =>
  architectures.map((one) => ({
    ...one,
    label: diffs.length === 1 || one.arch === machine ? one.arch : `${one.arch} on ${machine}`,
  }));

/** Whether any call, number or ABI was opened; one that is not proved counts. */
export const isOpened = ({ architectures, proof }: FilterDiff): boolean =>
  proof.state === 'sampled' ||
  architectures.some(({ calls, others }) => [...calls, ...others].some(({ kinds }) => kinds.includes('opened')));

/** Whether any answer differs. */
export const isDifferent = ({ architectures }: FilterDiff): boolean =>
  architectures.some(({ calls, others }) => [...calls, ...others].some(({ kinds }) => kinds.length > 0));
