import { reconcile, type ArmLedger, type Ledger, type RunLedger } from '../../model/results/ledger.js';
import { countArm } from './counts.js';
import type { CollectedTurns } from '../paired/turns.js';

/** Where every planned container of the measured blocks went, and what the engine's own lists say. */
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

/** Where the ledger does not close, or a leak came to light; one sentence each. */
export function ledgerWarnings({ ended, maxFailures, engine }: Ledger): string[] {
  return [
    ...(ended === 'maxFailures'
      ? [
          `The run was ended early: more containers failed than --max-failures ${maxFailures ?? 0} allows. What was measured is kept, and says nothing of the rest.`,
        ]
      : []),
    ...(engine.state === 'known' && engine.leaked.length > 0 ? [leakWarning(engine.leaked, engine.left)] : []),
  ];
}

function leakWarning(leaked: readonly string[], left: readonly string[]): string {
  const names = `${leaked.slice(0, MOST_NAMES).join(', ')}${leaked.length > MOST_NAMES ? ', ...' : ''}`;
  const fate =
    left.length === 0
      ? 'removed afterwards'
      : `${left.length === leaked.length ? 'none' : 'not all'} could be removed (still there: ${left.slice(0, MOST_NAMES).join(', ')}${left.length > MOST_NAMES ? ', ...' : ''})`;
  return `The runtime left ${leaked.length} of its containers behind (${names}), ${fate}: a container that stays can slow down those after it.`;
}

const MOST_NAMES = 3;
