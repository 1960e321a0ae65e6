import type { RunWarning, UnfinishedRun } from '../../model/analysis/analysis.js';
import { reconcile, type ArmLedger, type Ledger, type RunLedger } from '../../model/results/ledger.js';
import type { RunResult } from '../../model/results/result.js';
import { countArm } from './counts.js';
import type { CollectedTurns } from '../paired/turns.js';

/** What became of every planned container of the measured blocks, and the engine's own lists. */
export function ledgerOf(turns: CollectedTurns, ledger: RunLedger | undefined): Ledger {
  return {
    arms: turns.arms.map((name, arm) => armLedger(turns, name, arm)),
    ended: ledger?.ended ?? null,
    maxFailures: ledger?.maxFailures ?? null,
    engine: reconcile(ledger),
  };
}

function armLedger(turns: CollectedTurns, name: string, arm: number): ArmLedger {
  const { planned, ok, failed: notOk } = countArm(turns, arm);
  const own = turns.failures.filter((sample) => sample.arm === name && !sample.warmup);
  const timedOut = own.filter(({ state }) => state === 'timedOut').length;
  const interrupted = turns.interruptedByArm[arm] ?? 0;
  return {
    arm: name,
    planned,
    ok,
    failed: notOk - timedOut,
    timedOut,
    interrupted,
    notRun: planned - ok - notOk - interrupted,
  };
}

/** What the analysis of a run knows of its end. */
type Ended = Pick<RunResult, 'ledger' | 'unended'> & { readonly plan: { readonly formatVersion: number } };

/** Complete blocks, and how many were planned. */
interface BlockCount {
  readonly blocks: number;
  readonly planned: number;
}

/** Where the user stopped the run, or it has no end on record. Early versions recorded none, of whole runs too. */
export function endWarnings({ plan, ledger, unended }: Ended, count: BlockCount): readonly UnfinishedRun[] {
  if (ledger?.ended === 'interrupted') return [{ code: 'interrupted', ...count }];
  if (unended === undefined || (plan.formatVersion === 1 && count.blocks === count.planned)) return [];
  return [{ code: 'unended', state: unended, ...count }];
}

/** Where the run ended early, or the runtime left containers behind. */
export const ledgerWarnings = ({ ended, maxFailures, engine }: Ledger): readonly RunWarning[] => [
  ...(ended === 'maxFailures' ? [{ code: 'maxFailures', limit: maxFailures } as const] : []),
  ...(ended === 'failedBlocks' ? [{ code: 'failedBlocks' } as const] : []),
  ...(ended === 'error' ? [{ code: 'endedByError' } as const] : []),
  ...(engine.state === 'known' && engine.leaked.length > 0
    ? [{ code: 'leaked', leaked: engine.leaked, left: engine.left } as const]
    : []),
];
