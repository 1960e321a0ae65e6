import type { RunWarning } from '../../model/analysis/analysis.js';
import type { RunBreak } from '../../model/results/break.js';
import type { RunLedger } from '../../model/results/ledger.js';

/** The program that was replaced while the run went on; `null`: none. A killed run has breaks and no ledger. */
export function changedProgram(
  ledger: Pick<RunLedger, 'ended'> | undefined,
  breaks: readonly RunBreak[],
): { readonly path: string | null } | null {
  const changed = breaks.find((one) => one.kind === 'programChanged');
  if (changed !== undefined) return { path: changed.path };
  return ledger?.ended === 'runtimeChanged' ? { path: null } : null;
}

/** What stood still during a run, and whether a program was replaced. */
export function breakWarnings({
  ledger,
  breaks = [],
}: {
  readonly ledger?: Pick<RunLedger, 'ended'>;
  readonly breaks?: readonly RunBreak[];
}): readonly RunWarning[] {
  const changed = changedProgram(ledger, breaks);
  const paused = breaks.filter((one) => one.kind === 'paused');
  if (paused.length === 0) return changed === null ? [] : [{ code: 'runtimeChanged', ...changed }];
  const blocks = new Set(paused.map(({ block, warmup }) => `${warmup ? 'w' : 'b'}${block}`));
  return [
    ...(changed === null ? [] : [{ code: 'runtimeChanged', ...changed } as const]),
    {
      code: 'paused',
      times: paused.length,
      blocks: blocks.size,
      gapNs: paused.reduce((sum, { gapNs }) => sum + gapNs, 0),
    },
  ];
}
