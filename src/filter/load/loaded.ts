import { readFileSync } from 'node:fs';
import { parentOf, seccompModeOf } from '../../process/processes.js';
import type { LoadedFilter, LoadedProgram, SeenVia } from '../../model/run/evidence.js';
import { decodeFilter, filterFacts, INSTRUCTION_BYTES } from '../inspect/instructions.js';
import { isAcceptable } from '../inspect/raw.js';
import { stubOf } from '../inspect/stub.js';
import { detach, filterBytes, interrupt, seize, stopOf, takeEnd } from './ptrace.js';
import type { TraceState } from './ptrace.js';

/** A process that sleeps stops within microseconds; one in an uninterruptible wait may not. */
const STOP_LIMIT_MS = 2000;
const LOOK_EVERY_MS = 0.2;

/** The programs themselves, in this machine's byte order. */
export type LoadedPrograms =
  | { readonly state: 'seen'; readonly via: SeenVia; readonly programs: readonly Buffer[] }
  | { readonly state: 'notSeen'; readonly reason: string };

/** Like {@link readLoadedPrograms}, with length and hash in place of the bytes. */
export const readLoadedFilters = (pid: number): LoadedFilter => factsOfLoaded(readLoadedPrograms(pid));

/** Length and hash of each program, and of what follows a runtime's stub. */
export const factsOfLoaded = (loaded: LoadedPrograms): LoadedFilter =>
  loaded.state === 'seen' ? { ...loaded, programs: loaded.programs.map(factsOfProgram) } : loaded;

function factsOfProgram(program: Buffer): LoadedProgram {
  const facts = filterFacts(program);
  const stub = stubOf(decodeFilter(program));
  if (stub === undefined) return facts;
  return { ...facts, afterStub: filterFacts(program.subarray(stub.instructions * INSTRUCTION_BYTES)) };
}

/**
 * The filters that a process runs under, oldest first, read by PTRACE_SECCOMP_GET_FILTER: the process is stopped for
 * about a millisecond and goes on. Where that is impossible (rights, kernel, the process has ended), the result is
 * `notSeen` with the reason. Synchronous, because ptrace is bound to one thread.
 */
export function readLoadedPrograms(pid: number): LoadedPrograms {
  const seized = seize(pid);
  if (!seized.ok) return notSeen(`could not attach to process ${pid}: ${seizeReason(seized.errno)}`);
  const asked = interrupt(pid);
  const state = asked.ok ? waitForStop(pid) : { kind: 'ended' as const };
  switch (state.kind) {
    case 'ended':
      if (parentOf(pid) !== process.pid) takeEnd(pid);
      return notSeen(`process ${pid} ended before its filter could be read`);
    case 'running':
      // Only a stopped process can be released; this one is released when the tracer ends.
      return notSeen(`process ${pid} did not stop within ${STOP_LIMIT_MS} ms`);
    case 'stopped':
      try {
        return readAll(pid);
      } finally {
        detach(pid, state.signal);
      }
  }
}

/**
 * The filter in the file that a runtime loaded it from, as crun keeps one for every container. A file that cannot be
 * read, or is no filter that the kernel takes, is `notSeen`.
 */
export function readFilterFile(file: string): LoadedPrograms {
  try {
    const program = readFileSync(file);
    return isAcceptable(program, 'little-endian')
      ? { state: 'seen', via: 'cacheFile', programs: [program] }
      : notSeen(`${file} is not a filter that the kernel accepts`);
  } catch (error) {
    return notSeen(`could not read ${file}: ${error instanceof Error && 'code' in error ? String(error.code) : ''}`);
  }
}

function waitForStop(pid: number): TraceState {
  const deadline = performance.now() + STOP_LIMIT_MS;
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    const look = stopOf(pid);
    if (!look.ok) return { kind: 'ended' };
    if (look.value.kind !== 'running' || performance.now() > deadline) return look.value;
    Atomics.wait(never, 0, 0, LOOK_EVERY_MS);
  }
}

function readAll(pid: number): LoadedPrograms {
  const programs: Buffer[] = [];
  for (;;) {
    const read = filterBytes(pid, programs.length);
    if (read.ok) {
      programs.push(read.value);
      continue;
    }
    const atEnd = read.errno === 'ENOENT' || (read.errno === 'EINVAL' && seccompModeOf(pid) === 0);
    if (!atEnd)
      return notSeen(`could not read filter ${programs.length + 1} of process ${pid}: ${readReason(read.errno)}`);
    return { state: 'seen', via: 'ptrace', programs };
  }
}

const notSeen = (reason: string): LoadedPrograms => ({ state: 'notSeen', reason });

function seizeReason(errno: string): string {
  switch (errno) {
    case 'EPERM':
      return 'this user may not trace it, or it is traced already (EPERM)';
    case 'ESRCH':
      return 'no such process (ESRCH)';
    default:
      return errno;
  }
}

/** Causes as in the kernel's seccomp_get_filter. */
function readReason(errno: string): string {
  switch (errno) {
    case 'EACCES':
      return 'it requires root outside containers and without a seccomp filter (EACCES)';
    case 'EMEDIUMTYPE':
      return 'the kernel did not keep it as classic BPF (EMEDIUMTYPE)';
    case 'EIO':
      return 'CONFIG_CHECKPOINT_RESTORE is off in this kernel (EIO)';
    case 'EINVAL':
      return 'the process is not in filter mode (EINVAL)';
    default:
      return errno;
  }
}
