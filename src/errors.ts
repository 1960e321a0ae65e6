import leven from 'leven';

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

/** Exit codes: 1 the run failed; 2 usage, input or environment; 130 interrupted. */
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

// One function per kind of message, so that the same thing is always said in the same words.

/** `runc not found in PATH`: a program, file or daemon that the machine lacks. */
export function notFound(what: string, where: string, options: BenchErrorOptions = {}): BenchError {
  return new BenchError('environment', `${what} not found in ${where}`, options);
}

/** `--engine lxc requires root`: something the machine or the user does not provide. */
export function needs(what: string, requirement: string, options: BenchErrorOptions = {}): BenchError {
  return new BenchError('environment', `${what} requires ${requirement}`, options);
}

/** `--from cannot be combined with a command`: two things on the command line that exclude each other. */
export function conflict(one: string, other: string, options: BenchErrorOptions = {}): BenchError {
  return new BenchError('usage', `${one} cannot be combined with ${other}`, options);
}

/** `--detect is required`: something that was not given. */
export function missing(what: string, options: BenchErrorOptions = {}): BenchError {
  return new BenchError('usage', `${what} is required`, options);
}

/**
 * `--count: expected a whole number from 1 to 1,000,000, got "many"`: a value of an option (`usage`) or of a file
 * (`input`). `got` is quoted unless it is a description in words.
 */
export function invalidValue(
  subject: string,
  expected: string,
  got: string,
  options: BenchErrorOptions & { readonly code?: 'usage' | 'input' } = {},
): BenchError {
  return new BenchError(options.code ?? 'usage', `${subject}: expected ${expected}, got ${got}`, options);
}

/** `"foo" is not an engine; did you mean "runc"?`: a name out of a known set. */
export function unknownName(
  given: string,
  kind: string,
  known: readonly string[],
  options: BenchErrorOptions & { readonly code?: 'usage' | 'input' } = {},
): BenchError {
  const near = closest(given, known);
  const guess = near === undefined ? '' : `; did you mean "${near}"?`;
  const hint = options.hint ?? `Known: ${known.join(', ')}.`;
  return new BenchError(options.code ?? 'usage', `"${given}" is not ${kind}${guess}`, { ...options, hint });
}

/** The known name that was probably meant: at most a third of its letters differ. */
export function closest(given: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((name) => ({ name, distance: leven(given.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : undefined;
}

/** `could not read x.json: permission denied`: a file that cannot be read or written. */
export function fileError(
  action: 'read' | 'write' | 'create' | 'remove',
  path: string,
  error: unknown,
  options: BenchErrorOptions & { readonly code?: 'input' | 'environment' } = {},
): BenchError {
  const code = options.code ?? (action === 'read' ? 'input' : 'environment');
  return new BenchError(code, `could not ${action} ${path}: ${systemReason(error)}`, { cause: error, ...options });
}

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EISDIR: 'is a directory',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'read-only file system',
  ENOSPC: 'no space left on device',
  EEXIST: 'already exists',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'name too long',
  EMFILE: 'too many open files',
  // Node.js, for a path that no system call can take.
  ERR_INVALID_ARG_VALUE: 'its name holds a NUL character',
};

/** What the system said, in words: `permission denied` for EACCES. */
export function systemReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return SYSTEM_REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}

/** The stopped-by-the-user error, for a run that ends before its first measured container. */
export const interrupted = (message: string, options: BenchErrorOptions = {}): BenchError =>
  new BenchError('interrupted', message, options);
