import type { ContainerRun } from '../model/container/container.js';
import type { Stage, StageTimes } from '../model/container/stages.js';
import { nanoseconds } from '../model/time.js';
import type { Clock, Nanoseconds } from '../model/time.js';

/** The payload reports CLOCK_MONOTONIC, the clock of `process.hrtime`. */
const STAMP = /^ok (\d+)\n/;

/** The ends of a container's stages; the stages are the spans in between, so they add up to its wall time. */
export class StageMarks {
  readonly #clock: Clock;
  readonly #startedAt: Nanoseconds;
  readonly #marks: { readonly stage: Stage; readonly end: Nanoseconds }[] = [];

  constructor(clock: Clock, startedAt: Nanoseconds) {
    this.#clock = clock;
    this.#startedAt = startedAt;
  }

  /** Ends a stage, now or at a time that is known. */
  mark(stage: Stage, end: Nanoseconds = this.#clock()): void {
    this.#marks.push({ stage, end });
  }

  /** From the start to the last mark. */
  get wall(): Nanoseconds {
    return nanoseconds((this.#marks.at(-1)?.end ?? this.#startedAt) - this.#startedAt);
  }

  /**
   * The time of each stage; `start` ends with the payload's first instruction, where `stdout` has its time by this
   * machine's clock.
   */
  spans(stdout: string, sameClock: boolean): StageTimes {
    const stamp = sameClock ? STAMP.exec(stdout)?.[1] : undefined;
    let at = this.#startedAt;
    const spans: Partial<Record<Stage, Nanoseconds>> = {};
    for (const { stage, end } of this.#marks) {
      const until = stage === 'start' && stamp !== undefined ? this.#within(Number(stamp)) : end;
      spans[stage] = nanoseconds(until - at);
      at = until;
    }
    return spans;
  }

  /** On the run's clock, between the ends of `create` and `exit`. */
  #within(stamp: number): Nanoseconds {
    const origin = Number(process.hrtime.bigint()) - this.#clock();
    const endOf = (stage: Stage): number => this.#marks.find((mark) => mark.stage === stage)?.end ?? 0;
    return nanoseconds(Math.min(Math.max(stamp - origin, endOf('create')), endOf('exit')));
  }
}

/**
 * An exec by one command, with its time up to the first instruction of the program and after that; without stages
 * where the program told no time, or told it by the clock of another kernel.
 */
export function atFirstInstruction(run: ContainerRun, clock: Clock): ContainerRun {
  const origin = Number(process.hrtime.bigint()) - clock();
  const first = Number(STAMP.exec(run.stdout)?.[1] ?? Number.NaN) - origin - run.startedAt;
  if (!(first >= 0 && first <= run.wall)) return run;
  return { ...run, stages: { start: nanoseconds(first), exit: nanoseconds(run.wall - first) } };
}
