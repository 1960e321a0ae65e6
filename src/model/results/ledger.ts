import type { RunConditions } from './conditions.js';
import type { FormatVersion } from './format.js';
import type { Stage } from '../container/stages.js';

/**
 * Why a run came to its end: all of it was run, a stopping rule, more containers failed than it allows, whole blocks in
 * a row failed, the runtime was replaced meanwhile, the user stopped it, or an error.
 */
export const RUN_ENDS = [
  'complete',
  'rule',
  'maxFailures',
  'failedBlocks',
  'runtimeChanged',
  'interrupted',
  'error',
] as const;
/** Why a run came to its end. */
export type RunEnd = (typeof RUN_ENDS)[number];

/**
 * Of a results folder without ledger.json: some process still writes to it, none does, or that cannot be told here. The
 * lock of its plan.json shows it, which is held as long as the run lives.
 */
export type Unended = 'running' | 'killed' | 'unknown';

/** The engine's list of this run's containers. */
export type EngineList =
  | { readonly state: 'listed'; readonly ids: readonly string[] }
  | { readonly state: 'unknown'; readonly reason: string };

/** ledger.json: written after the engine is closed, so a run that was killed has none. */
export interface RunLedger {
  readonly formatVersion: FormatVersion;
  readonly ended: RunEnd;
  /** Most failures that do not end the run; `null`: any number. */
  readonly maxFailures: number | null;
  /** Before the first container of the run, and after the last. */
  readonly before: EngineList;
  readonly after: EngineList;
  /** Of those listed after and not before: what the engine still lists after removing them. */
  readonly left: EngineList;
  /** How busy the machine was; absent in results of format 1, and where the containers ran on another machine. */
  readonly conditions?: RunConditions;
}

/**
 * Where a container failed: `launch` is posix_spawn or exec, before the runtime ran; `run` is the runtime's work as a
 * whole, where no stage is known.
 */
export type FailureStage = Stage | 'launch' | 'run';

/** One arm's measured containers: planned = ok + failed + timedOut + interrupted + notRun. */
export interface ArmLedger {
  readonly arm: string;
  readonly planned: number;
  readonly ok: number;
  readonly failed: number;
  readonly timedOut: number;
  /** Stopped, or still waiting in their batch, when the user ended the run. */
  readonly interrupted: number;
  /** In turns that were never started. */
  readonly notRun: number;
}

/** What the engine's lists show about the run. */
export type Reconciliation =
  /** `leaked`: listed after and not before; `left`: of those, what could not be removed. */
  | { readonly state: 'known'; readonly leaked: readonly string[]; readonly left: readonly string[] }
  | { readonly state: 'unknown'; readonly reason: string };

/** Where every planned container went. */
export interface Ledger {
  readonly arms: readonly ArmLedger[];
  /** `null` where the run recorded no end: an old one, or one that was killed. */
  readonly ended: RunEnd | null;
  readonly maxFailures: number | null;
  readonly engine: Reconciliation;
}

/** Compares a run's lists; a run without ledger.json proves nothing about what it left behind. */
export function reconcile(ledger: RunLedger | undefined): Reconciliation {
  if (ledger === undefined) return { state: 'unknown', reason: 'the run recorded no list of its engine' };
  const { before, after, left } = ledger;
  for (const list of [before, after, left]) if (list.state === 'unknown') return list;
  const leaked = leakedIds(before, after);
  return { state: 'known', leaked, left: left.state === 'listed' ? left.ids.filter((id) => leaked.includes(id)) : [] };
}

/** What the engine lists after the run and did not list before. */
export function leakedIds(before: EngineList, after: EngineList): readonly string[] {
  if (after.state === 'unknown') return [];
  const known = new Set(before.state === 'listed' ? before.ids : []);
  return after.ids.filter((id) => !known.has(id));
}
