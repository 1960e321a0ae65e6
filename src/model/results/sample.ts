import type { InstructionCounts } from './figures/instructions.js';
import type { LoadFigures } from './figures/load-figures.js';
import type { Stage, StagesNs } from '../container/stages.js';

/** Where in the run a line of samples.jsonl belongs. */
interface SamplePlace {
  /** 0-based among the measured blocks, or among the warm-up blocks where `warmup` is true. */
  readonly block: number;
  readonly warmup: boolean;
  /** 0-based turn of the arm within the block. */
  readonly position: number;
  /**
   * How many times the block had been run before, in whole or in part; absent: never. Only the last attempt of a block
   * is analysed.
   */
  readonly attempt?: number;
  readonly arm: string;
}

/** Of a container of a duet block, which ran at the same time as one of another arm; absent: it ran otherwise. */
interface PairPlace {
  /** The arm of the other container. */
  readonly partner?: string;
  /** The core that this container was kept on. */
  readonly core?: number;
  /** How long it went on after the other one had ended; 0 for the one that ended first. */
  readonly aloneNs?: number;
}

interface ContainerPlace extends SamplePlace, PairPlace {
  readonly kind: 'container';
  /**
   * 0-based within the batch; 0 in a sequential scenario. In a pair of a duet block, whose `position` both containers
   * have: 0 for the one that was first at the barrier, 1 for the other.
   */
  readonly index: number;
}

/** An ok container, with its times. */
export interface OkSample extends ContainerPlace, InstructionCounts {
  readonly state: 'ok';
  /** Start, since the start of the run. The time between the end of a run and its resumption does not count. */
  readonly startNs: number;
  /** From before posix_spawn (or the release of the barrier) to after wait4. */
  readonly wallNs: number;
  /** rusage of the child and of all its reaped descendants. */
  readonly userNs: number;
  readonly systemNs: number;
  readonly maxRssKiB: number;
  readonly minorFaults: number;
  readonly majorFaults: number;
  readonly voluntarySwitches: number;
  readonly involuntarySwitches: number;
  /**
   * For how long, at most, the machine, this process or the container stood still meanwhile, where one did: the block
   * is then run again.
   */
  readonly gapNs?: number;
  /** Adds up to `wallNs`; absent where the container was measured as a whole. */
  readonly stagesNs?: StagesNs;
  /**
   * Of a server: `wallNs` is then the time of the load divided by its requests, `userNs` and `systemNs` the server's
   * CPU time divided by them (0 where it is not known).
   */
  readonly load?: LoadFigures;
}

/** A failed container. It has no times, because times of failures are not comparable. */
export interface FailedSample extends ContainerPlace {
  readonly state: 'failed' | 'timedOut' | 'interrupted';
  readonly startNs: number;
  /** The same text for the same cause, so that causes can be counted. */
  readonly cause: string;
  /** The stage in which it failed, where the engine knows. */
  readonly failedIn?: Stage;
  /** The last lines that the runtime wrote to stderr. */
  readonly stderr: string;
}

/** One batch of a parallel scenario, complete only where `ok` equals `planned`. */
export interface BatchSample extends SamplePlace {
  readonly kind: 'batch';
  readonly startNs: number;
  /** Release of the barrier to the end of the last container; absent unless every container was ok. */
  readonly makespanNs?: number;
  /** As of a container. */
  readonly gapNs?: number;
  readonly planned: number;
  readonly ok: number;
  readonly failed: number;
}

export type ContainerSample = OkSample | FailedSample;

/** One line of samples.jsonl. */
export type Sample = ContainerSample | BatchSample;
