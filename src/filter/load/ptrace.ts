import { libc, loadKoffi } from '../../process/libc.js';

const REQUEST = { SEIZE: 0x4206, INTERRUPT: 0x4207, DETACH: 17, SECCOMP_GET_FILTER: 0x420c } as const;
/** The kernel's BPF_MAXINSNS, 8 bytes each. */
const MOST_PROGRAM_BYTES = 4096 * 8;
const P_PID = 1;
const WAIT = { NOHANG: 1, STOPPED: 2, EXITED: 4, NOWAIT: 0x01000000, ALL: 0x40000000 } as const;
/** siginfo_t on 64-bit Linux: si_code, si_pid and si_status as filled in by waitid. */
const SIGINFO = { BYTES: 128, CODE: 8, PID: 16, STATUS: 24 } as const;
const CODE_TRAPPED = 4;
const CODE_STOPPED = 5;

interface Calls {
  readonly ptrace: (request: number, pid: number, address: number, data: number) => number;
  readonly ptraceRead: (request: number, pid: number, index: number, buffer: Buffer) => number;
  readonly waitid: (kind: number, pid: number, info: Buffer, options: number) => number;
}

let bound: Calls | undefined;

function calls(): Calls {
  bound ??= bind();
  return bound;
}

function bind(): Calls {
  const library = loadKoffi().load('libc.so.6');
  return {
    ptrace: library.func('long ptrace(int request, int pid, uintptr_t address, uintptr_t data)'),
    ptraceRead: library.func('long ptrace(int request, int pid, uintptr_t address, void *data)'),
    waitid: library.func('int waitid(int kind, int id, void *info, int options)'),
  };
}

/** The result of one step: a value, or the name of errno. */
export type Step<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly errno: string };

function step<Value>(result: number, value: Value): Step<Value> {
  return result < 0 ? { ok: false, errno: libc().lastError() } : { ok: true, value };
}

/** Becomes the tracer of a process without stopping it. */
export const seize = (pid: number): Step<void> => step(calls().ptrace(REQUEST.SEIZE, pid, 0, 0), undefined);

/** Asks the traced process to stop; {@link stopOf} tells when it has. */
export const interrupt = (pid: number): Step<void> => step(calls().ptrace(REQUEST.INTERRUPT, pid, 0, 0), undefined);

/** Releases the process; `signal` is delivered to it (0: none). */
export const detach = (pid: number, signal: number): Step<void> =>
  step(calls().ptrace(REQUEST.DETACH, pid, 0, signal), undefined);

/** The bytes of filter `index`, counted from the one loaded first. The process must be stopped. */
export function filterBytes(pid: number, index: number): Step<Buffer> {
  const buffer = Buffer.alloc(MOST_PROGRAM_BYTES);
  const instructions = calls().ptraceRead(REQUEST.SECCOMP_GET_FILTER, pid, index, buffer);
  return step(instructions, buffer.subarray(0, Math.max(0, instructions) * 8));
}

export type TraceState =
  | { readonly kind: 'running' }
  /** `signal`: the one about to be delivered, 0 for the requested stop. */
  | { readonly kind: 'stopped'; readonly signal: number }
  | { readonly kind: 'ended' };

/** The state of the traced process, without waiting, and without reaping it in place of its parent. */
export function stopOf(pid: number): Step<TraceState> {
  const info = Buffer.alloc(SIGINFO.BYTES);
  const result = calls().waitid(P_PID, pid, info, WAIT.NOHANG | WAIT.STOPPED | WAIT.EXITED | WAIT.NOWAIT | WAIT.ALL);
  return step(result, result < 0 ? { kind: 'running' } : stateIn(info));
}

function stateIn(info: Buffer): TraceState {
  if (info.readInt32LE(SIGINFO.PID) === 0) return { kind: 'running' };
  const code = info.readInt32LE(SIGINFO.CODE);
  if (code !== CODE_TRAPPED && code !== CODE_STOPPED) return { kind: 'ended' };
  const status = info.readInt32LE(SIGINFO.STATUS);
  // The upper byte is a ptrace event; a status without one is a signal about to be delivered.
  return { kind: 'stopped', signal: status >> 8 === 0 ? status : 0 };
}

/** Reaps a traced process that is not a child of this one: until its tracer does, its parent cannot. */
export function takeEnd(pid: number): void {
  calls().waitid(P_PID, pid, Buffer.alloc(SIGINFO.BYTES), WAIT.NOHANG | WAIT.EXITED | WAIT.ALL);
}
