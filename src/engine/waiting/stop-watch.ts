import type { Exit } from '../../model/container/container.js';

/** Ends the requests of one container when its time is over or the user stops. */
export class StopWatch implements Disposable {
  /** Aborts every pending request. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #user: AbortSignal;
  readonly #onUser: () => void;
  /** Why, once it has stopped. */
  reason: Exit | undefined;

  constructor(timeoutMs: number, user: AbortSignal) {
    this.signal = this.#controller.signal;
    this.#user = user;
    this.#onUser = () => {
      this.#stop({ kind: 'interrupted' });
    };
    this.#timer = setTimeout(() => {
      this.#stop({ kind: 'timedOut', afterMs: timeoutMs });
    }, timeoutMs);
    if (user.aborted) this.#onUser();
    user.addEventListener('abort', this.#onUser, { once: true });
  }

  #stop(reason: Exit): void {
    this.reason ??= reason;
    this.#controller.abort();
  }

  /** Rejects once it stops; for work that cannot be aborted. */
  async race<T>(work: Promise<T>): Promise<T> {
    let onAbort: (() => void) | undefined;
    const stopped = new Promise<never>((_, reject) => {
      onAbort = () => {
        reject(new Error('stopped'));
      };
      if (this.signal.aborted) onAbort();
      else this.signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([work, stopped]);
    } finally {
      if (onAbort !== undefined) this.signal.removeEventListener('abort', onAbort);
    }
  }

  /** Aborts pending requests: an open one would keep bench from ending. */
  [Symbol.dispose](): void {
    this.#controller.abort();
    clearTimeout(this.#timer);
    this.#user.removeEventListener('abort', this.#onUser);
  }
}
