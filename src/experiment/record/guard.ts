import type { ExperimentContext, ExperimentEvent } from '../../model/experiment/events.js';
import type { RunBreak } from '../../model/results/break.js';
import type { RunEnd } from '../../model/results/ledger.js';
import { breakOf } from '../../results/index.js';
import type { Attempt } from '../../results/index.js';
import type { ProgramWatch } from '../session/programs.js';
import type { BlockCount, BlockMeter } from './meter.js';

/** Where the breaks of a recording go. */
export interface BreakSink {
  readonly appendBreak: (one: RunBreak) => void;
}

/** What a guard watches. */
export interface Guarded {
  readonly meter: BlockMeter;
  readonly programs: ProgramWatch;
  /** As messages name it. */
  readonly engine: string;
  /** All results folders of the recording: a program that changed concerns each of them. */
  readonly sinks: readonly BreakSink[];
}

/** Decides after every attempt of a block whether the recording goes on, and writes down what broke it. */
export class BlockGuard {
  readonly #guarded: Guarded;
  readonly #notify: ExperimentContext['notify'];
  /** Told once the blocks have ended: before, the progress is on the terminal's line. */
  readonly #toTell: ExperimentEvent[] = [];

  constructor(guarded: Guarded, notify: ExperimentContext['notify']) {
    this.#guarded = guarded;
    this.#notify = notify;
  }

  /** How the run ends with this attempt; `null`: it goes on. `sink` is that of the block. */
  ends(attempt: Attempt, count: BlockCount, sink: BreakSink): RunEnd | null {
    const { meter } = this.#guarded;
    this.#notePause(attempt, sink);
    if (!attempt.again) meter.blockDone(count);
    if (this.#programChanged(attempt)) return 'runtimeChanged';
    if (attempt.again) return null;
    if (meter.tooManyFailed) return 'maxFailures';
    return this.#allFailed() ? 'failedBlocks' : null;
  }

  /** Once, after the last block, however it ended. */
  end(): void {
    this.#guarded.meter.end();
    for (const event of this.#toTell) this.#notify(event);
  }

  #notePause(attempt: Attempt, sink: BreakSink): void {
    const pause = breakOf(attempt);
    if (pause === null) return;
    sink.appendBreak(pause);
    const { block, warmup, gapNs, again } = attempt;
    this.#notify({ kind: 'blockPaused', block, warmup, gapNs, again });
  }

  #programChanged({ block, warmup }: Attempt): boolean {
    const { programs, sinks } = this.#guarded;
    const changed = programs.changed();
    if (changed === null) return false;
    for (const each of sinks) each.appendBreak({ kind: 'programChanged', block, warmup, ...changed });
    this.#toTell.push({ kind: 'programChanged', ...changed });
    return true;
  }

  #allFailed(): boolean {
    const { meter, engine } = this.#guarded;
    const { failedInRow } = meter;
    if (failedInRow === null) return false;
    this.#toTell.push({ kind: 'blocksFailed', engine, ...failedInRow });
    return true;
  }
}
