import type { ArmEvidence } from '../run/evidence.js';
import type { Scenario } from '../run/scenario.js';
import type { StoppingRule } from '../run/stopping.js';
import type { EngineFacts } from '../container/container.js';
import type { EngineList, RunEnd } from '../results/ledger.js';

/** Work besides the timed blocks, each in runs of its own. */
export type Step = 'counting' | 'starts' | 'rates' | 'prices' | 'touch' | 'profiles';

/** What an experiment tells while it runs; facts, no sentences: whoever listens words them. */
export type ExperimentEvent =
  /** The engine is open; `refusals`: those that were tried before it and could not be used, with why. */
  | { readonly kind: 'engineOpened'; readonly facts: EngineFacts; readonly refusals: readonly string[] }
  | { readonly kind: 'armsProved'; readonly evidence: readonly ArmEvidence[] }
  /** Arms that came out equal to an earlier one, where that is allowed. */
  | { readonly kind: 'armLeftOut'; readonly arm: string; readonly like: string }
  /** The program fails under this arm; the run goes on and counts its failures. */
  | { readonly kind: 'programFails'; readonly arm: string; readonly cause: string }
  /** The results folder exists and the first block is about to start; `expectedSeconds` is `null` where unknown. */
  | {
      readonly kind: 'planned';
      readonly scenario: Scenario;
      readonly expectedSeconds: number | null;
      readonly seed: number;
      readonly folder: string;
      readonly stopping: readonly StoppingRule[];
    }
  /** Told between blocks, never within one. */
  | {
      readonly kind: 'blockDone';
      readonly done: number;
      readonly total: number;
      readonly containers: number;
      readonly failed: number;
    }
  | { readonly kind: 'blocksEnded' }
  | { readonly kind: 'stepStarted'; readonly step: Step; readonly detail: string }
  | { readonly kind: 'stepSkipped'; readonly step: Step; readonly reason: string }
  /** The engine is closed: its own lists before, after, and once told to remove what was left. */
  | {
      readonly kind: 'closed';
      readonly ended: RunEnd;
      readonly failed: number;
      readonly maxFailures: number | null;
      readonly engine: string;
      readonly before: EngineList;
      readonly after: EngineList;
      readonly left: EngineList;
    };

/** The surroundings of an experiment: what it may read, how it is stopped, whom it tells. */
export interface ExperimentContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths of a request are resolved from here. */
  readonly cwd: string;
  /** Aborted to stop: what was measured until then is kept. */
  readonly signal: AbortSignal;
  /** Bytes of a profile given as `-`. */
  readonly stdin: () => Promise<Uint8Array>;
  readonly notify: (event: ExperimentEvent) => void;
}

/** What an experiment leaves behind. */
export interface ExperimentResult {
  /** Results folders: one, or one per level of a sweep. */
  readonly folders: readonly string[];
  readonly ended: RunEnd;
  /** Containers that failed, warm-up included. */
  readonly failed: number;
  /** Why something the engine made could not be removed; `null`: all is gone. */
  readonly notRemoved: Error | null;
}
