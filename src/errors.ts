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
  /** What the message is about, each on a line of its own below it. */
  readonly details?: readonly string[];
  /** Of a command that was given without what it needs: its help, of several lines. */
  readonly help?: string;
}

/** An error the user can act on: thrown once, printed once, by `cli.ts`. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: readonly string[];
  readonly help: string | undefined;

  constructor(code: ErrorCode, message: string, options: BenchErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? [];
    this.help = options.help;
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
  const hint = options.hint ?? hintOfErrno(errnoOf(error));
  return new BenchError(code, `could not ${action} ${path}: ${systemReason(error)}`, {
    cause: error,
    ...options,
    ...(hint === undefined ? {} : { hint }),
  });
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
  ENFILE: 'too many open files on this machine',
  EDQUOT: 'disk quota exceeded',
  ENOMEM: 'not enough memory',
  EAGAIN: 'no more processes may be started',
  ENOEXEC: 'not a program of this machine',
  ETXTBSY: 'it is being written',
  EIO: 'input/output error',
  // Node.js, for a path that no system call can take.
  ERR_INVALID_ARG_VALUE: 'its name holds a NUL character',
};

/** What to do about a limit of the machine, whatever met it. */
const LIMIT_HINTS: Readonly<Record<string, string>> = {
  EMFILE: 'This process may open no more files: raise ulimit -n, or use a smaller --concurrency.',
  ENFILE: 'All processes together have too many files open: end some, or raise the sysctl fs.file-max.',
  ENOSPC: 'Free some space, or use a folder on another disk: --results, --reports, TMPDIR.',
  EDQUOT: "This user's quota is used up: free some space, or use a folder on another disk.",
  ENOMEM: "The machine's memory, or the limit of bench's cgroup, is used up: end other programs, or raise the limit.",
  EAGAIN: "The limit of processes is reached: raise ulimit -u or pids.max of bench's cgroup, or lower --concurrency.",
};

/** What to do where the machine, not the command, is at its limit; `undefined` for any other errno. */
export const hintOfErrno = (errno: string): string | undefined =>
  Object.hasOwn(LIMIT_HINTS, errno) ? LIMIT_HINTS[errno] : undefined;

/** `permission denied` for EACCES; the errno itself where it has no words here. */
export const systemWords = (errno: string): string => SYSTEM_REASONS[errno] ?? errno;

/** `ENOENT`; empty where an error is not the system's. */
export const errnoOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

/** The current folder was removed while a shell stayed in it. */
export const noCurrentFolder = (cause: unknown): BenchError =>
  new BenchError('environment', 'the current folder does not exist', {
    hint: 'It was removed. Change to an existing folder.',
    cause,
  });

/**
 * An error of the system that is no fault of bench, in words: a limit of the machine, or a current folder that was
 * removed. `undefined` for every other one.
 */
export function systemError(error: unknown): BenchError | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.message.includes('uv_cwd')) return noCurrentFolder(error);
  const errno = errnoOf(error);
  const hint = hintOfErrno(errno);
  if (hint === undefined) return undefined;
  const { path, syscall } = error as NodeJS.ErrnoException;
  const what = [syscall, path].filter((part) => part !== undefined).join(' ') || error.message;
  return new BenchError('environment', `${what}: ${systemReason(error)}`, { hint, cause: error });
}

/** What the system said, in words: `permission denied` for EACCES. */
export function systemReason(error: unknown): string {
  return SYSTEM_REASONS[errnoOf(error)] ?? (error instanceof Error ? error.message : String(error));
}

/** The stopped-by-the-user error, for a run that ends before its first measured container. */
export const interrupted = (message: string, options: BenchErrorOptions = {}): BenchError =>
  new BenchError('interrupted', message, options);
