import type { Nanoseconds } from '../time.js';

/** Notices that this process or its machine stood still. */
export interface PauseWatch extends Disposable {
  /**
   * For how long it stood still since the last call; 0: it did not. Where only that is known that it was stopped, the
   * time since the last call, which is the most that it can have been.
   */
  readonly take: () => Promise<Nanoseconds>;
}

/** Where nobody looks. */
export const NO_PAUSE_WATCH: PauseWatch = {
  take: () => Promise.resolve(0 as Nanoseconds),
  [Symbol.dispose]: () => undefined,
};
