import type { Emulation } from '../run/emulation.js';
import type { AdviceForeknown } from '../analysis/advice.js';
import type { ArmNote } from '../run/arm-notes.js';
import type { ArmEvidence } from '../run/evidence.js';
import type { ArmDefinition, Scenario } from '../run/scenario.js';
import type { DuetCores, DuetRefusal } from '../run/duet.js';
import type { StoppingRule } from '../run/stopping.js';
import type { TimePlan } from '../run/time-plan.js';
import type { ChangedProgram } from '../run/program/used-program.js';
import type { EngineFacts } from '../container/container.js';
import type { RunConditions } from '../results/conditions.js';
import type { EngineList, RunEnd } from '../results/ledger.js';
import type { UnpricedCalls } from '../results/percall/percall.js';
import type { FilterSource } from '../profile/source.js';
import type { ActionLeftOut } from '../results/percall/action-price.js';
import type { CounterFacts, CounterRefusal, SyscallCounts } from '../results/syscalls.js';
import type { Profiler } from '../results/workload-findings.js';

/** Work besides the timed blocks, each in separate runs. */
export type Step =
  | { readonly step: 'counting'; readonly counter: CounterFacts; readonly repeats: number }
  /** The payload in the program's place. */
  | { readonly step: 'starts'; readonly blocks: number }
  | { readonly step: 'rate' }
  | { readonly step: 'prices'; readonly calls: readonly string[]; readonly blocks: number }
  | {
      readonly step: 'touch';
      /** Read before every call. */
      readonly mib: number;
      readonly order: 'sequential' | 'random';
      readonly blocks: number;
    }
  | { readonly step: 'profiles'; readonly profiler: Profiler };

/**
 * What a block is: one container of every arm, one exec of every arm, one batch of every arm, or that batch at one
 * level of a sweep.
 */
export type BlockUnit = 'block' | 'execs' | 'round' | 'level';

/** What happens while an experiment runs: facts, which the listener puts into words. */
export type ExperimentEvent =
  /** The files of the arms are read; those are told of that readers of two forms read differently, each once. */
  | { readonly kind: 'filesRead'; readonly sources: readonly FilterSource[] }
  /** The engine is open; `refusals`: those that were tried before it and could not be used, with why. */
  | { readonly kind: 'engineOpened'; readonly facts: EngineFacts; readonly refusals: readonly string[] }
  /** What could not be told of an arm before its first start; sent after `engineOpened`. */
  | { readonly kind: 'armNoted'; readonly note: ArmNote }
  /**
   * The runtime keeps compiled filters: arms are cold or warm. `coldLeftOut`: cold twins would have been too many arms.
   */
  | { readonly kind: 'cacheStates'; readonly arms: readonly ArmDefinition[]; readonly coldLeftOut: boolean }
  /** Whether blocks are duet blocks, where that was left open or asked for; `refusal`: why they are not. */
  | { readonly kind: 'duetChosen'; readonly duet: DuetCores }
  | { readonly kind: 'duetRefused'; readonly refusal: DuetRefusal }
  | { readonly kind: 'armsProved'; readonly evidence: readonly ArmEvidence[] }
  /** Arms that came out equal to an earlier one, where that is allowed. */
  | { readonly kind: 'armLeftOut'; readonly arm: string; readonly like: string }
  /** What `bench advise` knows of a profile before it measures. */
  | { readonly kind: 'adviceForeknown'; readonly foreknown: AdviceForeknown }
  /** Calls that nobody asked for by name are not timed: this arm's filter would end or stop their caller. */
  | ({ readonly kind: 'callsLeftOut' } & UnpricedCalls)
  /** Answers whose flag the kernel of the containers has not got. */
  | { readonly kind: 'answersLeftOut'; readonly leftOut: readonly ActionLeftOut[]; readonly kernel: string }
  /** The program fails under this arm; the run goes on and counts its failures. */
  | { readonly kind: 'programFails'; readonly arm: string; readonly cause: string }
  /** Times taken here mean nothing. */
  | { readonly kind: 'emulated'; readonly emulation: Emulation }
  /** Several levels of concurrency follow, taken in turn; each is `planned` on its own. */
  | { readonly kind: 'sweepPlanned'; readonly levels: readonly number[] }
  /** A run that has to fit into a time was planned by a pilot; sent before `planned`. */
  | {
      readonly kind: 'timePlanned';
      readonly plan: TimePlan;
      readonly pinnedCpu: number | null;
      /** What one sample is of. */
      readonly thing: 'container' | 'exec';
    }
  /** The results folder exists and the first block is about to start; sent once per level of a sweep. */
  | {
      readonly kind: 'planned';
      readonly scenario: Scenario;
      readonly expectedSeconds: number;
      readonly seed: number;
      readonly folder: string;
      readonly stopping: readonly StoppingRule[];
    }
  /** Results of an earlier part are continued; sent before `planned`. */
  | {
      readonly kind: 'resumed';
      readonly folder: string;
      /** How the part before had ended; `null`: it was killed. */
      readonly after: RunEnd | null;
      /** Measured blocks that are whole, and all of them. */
      readonly done: number;
      readonly blocks: number;
      /** What is different now, one line each. */
      readonly changes: readonly string[];
    }
  /** The same where system calls are timed inside the containers. */
  | {
      readonly kind: 'callsPlanned';
      readonly calls: number;
      readonly loops: number;
      readonly rounds: number;
      readonly blocks: number;
      readonly arms: number;
      readonly seed: number;
      readonly folder: string;
    }
  /** The machine is busy with other work, just before the first block. */
  | ({ readonly kind: 'hostBusy' } & RunConditions)
  | { readonly kind: 'blocksStarted'; readonly unit: BlockUnit; readonly total: number; readonly seconds?: number }
  /** Told between blocks, never within one. */
  | {
      readonly kind: 'blockDone';
      readonly done: number;
      readonly total: number;
      readonly containers: number;
      readonly failed: number;
    }
  /** How a measured block came out for the first arm that is compared: one log ratio, no estimate. */
  | {
      readonly kind: 'blockCompared';
      readonly arm: string;
      readonly metric: 'cpu' | 'wall';
      /** ln(its time / the baseline's time in the same block). */
      readonly logRatio: number;
    }
  /** Something stood still within an attempt of a block, `gapNs` at most; `again`: the block is run again. */
  | {
      readonly kind: 'blockPaused';
      readonly block: number;
      readonly warmup: boolean;
      readonly gapNs: number;
      readonly again: boolean;
    }
  | { readonly kind: 'blocksEnded' }
  /** The run ends because a program that makes its containers is another one now. */
  | ({ readonly kind: 'programChanged' } & ChangedProgram)
  /** The run ends because every container of several blocks in a row failed; `cause` and `stderr` of the last one. */
  | {
      readonly kind: 'blocksFailed';
      readonly engine: string;
      readonly blocks: number;
      /** Execs failed; absent: containers. */
      readonly execs?: true;
      readonly cause: string;
      readonly stderr: string;
    }
  | ({ readonly kind: 'stepStarted' } & Step)
  | { readonly kind: 'stepSkipped'; readonly step: Step['step']; readonly reason: string }
  /** A counter that was tried before the one that is used. */
  | ({ readonly kind: 'counterRefused' } & CounterRefusal)
  | { readonly kind: 'armNotCounted'; readonly arm: string; readonly reason: string }
  /** The engine is closed: its own lists before, after, and after removing what was left. */
  | {
      readonly kind: 'closed';
      readonly ended: RunEnd;
      readonly failed: number;
      readonly maxFailures: number | null;
      readonly engine: string;
      readonly before: EngineList;
      readonly after: EngineList;
      readonly left: EngineList;
      readonly folders: readonly string[];
    };

/** The surroundings of an experiment: what it may read, how it is stopped, whom it tells. */
export interface ExperimentContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths of a request are resolved from here. */
  readonly cwd: string;
  /** Aborted to stop: what was measured until then is kept. */
  readonly signal: AbortSignal;
  /** Bytes of a profile given as `-`; read at most once in an experiment. */
  readonly stdin: (maxBytes?: number) => Promise<Uint8Array>;
  readonly notify: (event: ExperimentEvent) => void;
}

/** What every experiment leaves behind. */
export interface AnyResult {
  /** Results folders, below the folder that the request names: one, one per level of a sweep, none of counts. */
  readonly folders: readonly string[];
  readonly ended: RunEnd;
  /** Containers that failed or hung, warm-up included. */
  readonly failed: number;
  /** Why something the engine made could not be removed; `null`: all is gone. */
  readonly notRemoved: Error | null;
}

export interface StartsResult extends AnyResult {
  readonly kind: 'starts';
}

/** `folders` in the order of the levels. */
export interface SweepResult extends AnyResult {
  readonly kind: 'sweep';
  readonly levels: readonly number[];
}

export interface CallsResult extends AnyResult {
  readonly kind: 'calls';
}

/** Counts are written nowhere. */
export interface CountsResult extends AnyResult {
  readonly kind: 'counts';
  readonly counts: SyscallCounts;
}

/** What an experiment leaves behind, by the kind of its request. */
export type ExperimentResult = StartsResult | SweepResult | CallsResult | CountsResult;
export type ExperimentKind = ExperimentResult['kind'];
export type ResultOf<Kind extends ExperimentKind> = Extract<ExperimentResult, { readonly kind: Kind }>;
