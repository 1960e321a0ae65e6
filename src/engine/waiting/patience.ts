import { ASK_AFTER_STOP_MS, SETTLE_MS } from './deadlines.js';

/** Whether a request only asks, makes something that did not exist, or changes what is there. */
export type RequestKind = 'ask' | 'make' | 'change';

/** What a request waits for besides its answer. */
export interface Waiting {
  readonly kind: RequestKind;
  /** End the request. */
  readonly signals: readonly AbortSignal[];
  /** Aborted once the request has ended. */
  readonly over: AbortSignal;
  /** Ends the request. */
  readonly end: (reason: Error) => void;
}

/**
 * How long one daemon is waited for. Once the user has stopped the run, what it made is still removed, but a daemon
 * that does not answer a question then is given up: nothing more is asked of it.
 */
export class Patience {
  readonly #user: AbortSignal | undefined;
  #isOver = false;
  #hasAnswered = false;

  /** `user`: the user's wish to stop; absent where nobody can. */
  constructor(user?: AbortSignal) {
    this.#user = user;
  }

  /** Ends requests that the run needs no more once it is stopped. */
  get signal(): AbortSignal | undefined {
    return this.#user;
  }

  /** Whether the daemon was given up. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether the daemon has answered nothing since the stop: it is asked something before it is told to remove. */
  get isDoubted(): boolean {
    return this.#user?.aborted === true && !this.#hasAnswered;
  }

  /** The milliseconds that a request gets now, out of those it would get in a run that goes on. */
  limitMs(usualMs: number, kind: RequestKind): number {
    return kind === 'ask' && this.#user?.aborted === true ? Math.min(usualMs, ASK_AFTER_STOP_MS) : usualMs;
  }

  /** Notes that a request was answered. */
  answered(): void {
    if (this.#user?.aborted === true) this.#hasAnswered = true;
  }

  /** Notes that a request got no answer in its time. */
  unanswered(): void {
    if (this.#user?.aborted === true) this.#isOver = true;
  }
}

/**
 * Ends a request with its signals. One that makes something gets a moment to be answered: a daemon may carry it out
 * although nobody waits any more, and what it makes can only be removed once it is there.
 */
export function endWithSignals({ kind, signals, over, end }: Waiting): void {
  for (const signal of signals) {
    const stop = (): void => {
      if (kind !== 'make') {
        end(reasonOf(signal));
        return;
      }
      const timer = setTimeout(() => {
        end(reasonOf(signal));
      }, SETTLE_MS);
      over.addEventListener('abort', () => {
        clearTimeout(timer);
      });
    };
    signal.addEventListener('abort', stop, { once: true, signal: over });
  }
}

/** The user's stop has its own error, which is told as it is. */
export const reasonOf = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new Error('the request was stopped');
