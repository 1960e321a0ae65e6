import { constants } from 'node:os';
import type { FailureStage } from '../results/ledger.js';
import { hintOfErrno } from '../../errors.js';
import type { FailedSample } from '../results/sample.js';
import type { ContainerRun } from './container.js';
import { causeOf, killedBySeccomp } from './outcome.js';

/** The C library's texts of common errors at a start, as runtimes pass them on. */
const ERROR_TEXTS: readonly (readonly [string, RegExp])[] = [
  ['ENOSPC', /no space left on device/gi],
  ['EDQUOT', /disk quota exceeded/gi],
  ['EROFS', /read-only file system/gi],
  ['ENOENT', /no such file or directory/gi],
  ['EACCES', /permission denied/gi],
  ['EPERM', /operation not permitted/gi],
  ['ENOMEM', /cannot allocate memory/gi],
  ['EAGAIN', /resource temporarily unavailable/gi],
  ['EMFILE', /too many open files/gi],
  ['ENFILE', /too many open files in system/gi],
  ['EBUSY', /device or resource busy/gi],
  ['EINVAL', /invalid argument/gi],
  ['ENOSYS', /function not implemented/gi],
  ['ENOEXEC', /exec format error/gi],
  ['ETXTBSY', /text file busy/gi],
];

/** Where a container failed, and with which errno; `null` where it is unknown. */
export interface FailurePlace {
  readonly stage: FailureStage;
  readonly errno: string | null;
}

/**
 * Reads it off what was recorded: the engine's own stage, else what the launcher or the start barrier said, else `run`.
 */
export function failurePlace({
  failedIn,
  cause,
  stderr,
}: Pick<FailedSample, 'failedIn' | 'cause' | 'stderr'>): FailurePlace {
  const launched = /^could not be started: (\w+)$/.exec(cause)?.[1];
  const stage = failedIn ?? (launched !== undefined || /^gate: exec /m.test(stderr) ? 'launch' : 'run');
  return { stage, errno: launched ?? errnoIn(stderr) };
}

/**
 * What to do about a failed start whose errno is a limit of the machine; `undefined` for every other failure. It is not
 * the profile's fault then.
 */
export function hintOfLimit(run: Pick<ContainerRun, 'exit' | 'stderr' | 'failedIn'>): string | undefined {
  const { failedIn, stderr, exit } = run;
  if (/\berrno 524\b/.test(stderr)) return NO_ROOM_FOR_FILTERS;
  const place = { cause: causeOf(exit), stderr, ...(failedIn === undefined ? {} : { failedIn }) };
  return hintOfErrno(failurePlace(place).errno ?? '');
}

/** ENOTSUPP: the JIT got no memory, and the kernel runs no filter without it (kernel/bpf/core.c). */
const NO_ROOM_FOR_FILTERS =
  'The kernel has no more room for compiled filters: all of this machine share net.core.bpf_jit_limit bytes. ' +
  'End other containers, or raise it.';

/** Whether a failed start looks like a filter's work: killed by it, or refused with the errno that filters answer. */
export function looksFiltered(run: Pick<ContainerRun, 'exit' | 'stderr'>): boolean {
  const { errno } = failurePlace({ cause: causeOf(run.exit), stderr: run.stderr });
  return killedBySeccomp(run.exit) || ['EPERM', 'EACCES', 'ENOSYS'].includes(errno ?? '');
}

/** The errno that a program or a runtime wrote; `null` where it named none. */
export const errnoIn = (words: string): string | null => numberedErrno(words) ?? lastErrorText(words);

/** `errno 2`, as the static programs of bench write it. */
function numberedErrno(stderr: string): string | undefined {
  const number = Number(/: errno (\d+)$/m.exec(stderr)?.[1] ?? Number.NaN);
  return Object.entries(constants.errno).find(([, value]) => value === number)?.[0];
}

/** The last error in the text: runtimes write the step first and the reason after it. */
function lastErrorText(stderr: string): string | null {
  let last: { readonly at: number; readonly name: string } | null = null;
  for (const [name, text] of ERROR_TEXTS) {
    for (const { index } of stderr.matchAll(text)) if (last === null || index >= last.at) last = { at: index, name };
  }
  return last?.name ?? null;
}
