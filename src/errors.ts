/** Why the command cannot go on; decides the exit code (see {@link exitCodeFor}). */
export type ErrorCode =
  /** The command line is wrong. */
  | 'usage'
  /** A file the user gave is wrong. */
  | 'input'
  /** The machine lacks something, or refuses it. */
  | 'environment'
  /** The two arms cannot be compared. */
  | 'notComparable'
  /** The run itself failed. */
  | 'runFailed'
  /** The user stopped the run. */
  | 'interrupted';

export interface BenchErrorOptions {
  /** What to do next, one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** An error the user can act on: thrown once, printed once, by `cli.ts`. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: BenchErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** 1 the run failed, 2 usage, input or environment, 130 interrupted. */
export function exitCodeFor(code: ErrorCode): number {
  switch (code) {
    case 'runFailed':
      return 1;
    case 'interrupted':
      return 130;
    case 'usage':
    case 'input':
    case 'environment':
    case 'notComparable':
      return 2;
  }
}
