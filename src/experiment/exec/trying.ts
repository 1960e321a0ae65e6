import type { Session } from '../session/session.js';

/** How execs are tried before any is timed. */
export interface Trying {
  readonly session: Session;
  /** Longer, and an exec hangs. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Where programs such as strace are found. */
  readonly env: Readonly<Record<string, string | undefined>>;
}
