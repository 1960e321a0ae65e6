import type { RunWarning } from '../../model/analysis/analysis.js';
import type { RunBreak } from '../../model/results/break.js';
import { disturbances } from '../../model/results/conditions.js';
import type { RunLedger } from '../../model/results/ledger.js';

type Of<Code extends RunWarning['code']> = Extract<RunWarning, { readonly code: Code }>;
type EvenWarning = Of<'paused' | 'runtimeChanged' | 'hostBusy'>;

/** A results folder, as far as it tells whether its blocks followed one another evenly. */
export interface Evenness {
  readonly ledger?: Pick<RunLedger, 'ended' | 'conditions'>;
  readonly breaks?: readonly RunBreak[];
  /** The last attempt of every block. */
  readonly samples: readonly Lasting[];
  readonly table?: { readonly others: ReadonlyMap<number, Lasting> };
}

interface Lasting {
  readonly block: number;
  readonly warmup: boolean;
  readonly gapNs?: number;
}

/** The program that was replaced while the run went on; `null`: none. A killed run has breaks and no ledger. */
export function changedProgram({
  ledger,
  breaks = [],
}: Pick<Evenness, 'ledger' | 'breaks'>): { readonly path: string | null } | null {
  const changed = breaks.find((one) => one.kind === 'programChanged');
  if (changed !== undefined) return { path: changed.path };
  return ledger?.ended === 'runtimeChanged' ? { path: null } : null;
}

/** What stood still during a run, whether a program was replaced, and what else the machine did. */
export function evennessWarnings(run: Evenness): readonly EvenWarning[] {
  const changed = changedProgram(run);
  const conditions = run.ledger?.conditions;
  const busy = conditions === undefined ? null : disturbances(conditions);
  return [
    ...(changed === null ? [] : [{ code: 'runtimeChanged', ...changed } as const]),
    ...pauses(run),
    ...(busy === null ? [] : [{ code: 'hostBusy', ...busy } as const]),
  ];
}

function pauses(run: Evenness): readonly Of<'paused'>[] {
  const paused = (run.breaks ?? []).filter((one) => one.kind === 'paused');
  if (paused.length === 0) return [];
  // The columns of a table have no gaps.
  const lasting = run.table === undefined ? run.samples : [...run.table.others.values()];
  return [
    {
      code: 'paused',
      times: paused.length,
      blocks: blocksOf(paused),
      gapNs: paused.reduce((sum, { gapNs }) => sum + gapNs, 0),
      left: blocksOf(lasting.filter(({ gapNs = 0 }) => gapNs > 0)),
    },
  ];
}

const blocksOf = (places: readonly { readonly block: number; readonly warmup: boolean }[]): number =>
  new Set(places.map(({ block, warmup }) => `${warmup ? 'w' : 'b'}${block}`)).size;
