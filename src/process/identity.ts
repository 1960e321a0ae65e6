import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { LockState } from './lock.js';
import { isRunning, startTicksOf } from './processes.js';

/** What identifies a process, also after a reboot and from another container. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from boot to its start. */
  readonly startTicks: number;
  /** Of the running kernel, new after every boot. Absent in records of earlier versions. */
  readonly bootId?: string;
  /** The namespace of its pid, for example `pid:[4026531836]`. */
  readonly pidNamespace?: string;
  readonly hostname?: string;
}

/** Where this process looks from. */
export type Surroundings = Pick<ProcessIdentity, 'bootId' | 'pidNamespace' | 'hostname'>;

function surroundings(): Surroundings {
  const bootId = orUndefined(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const pidNamespace = orUndefined(() => readlinkSync('/proc/self/ns/pid'));
  return {
    ...(bootId === undefined ? {} : { bootId }),
    ...(pidNamespace === undefined ? {} : { pidNamespace }),
    hostname: hostname(),
  };
}

export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  startTicks: startTicksOf(process.pid) ?? 0,
  ...surroundings(),
});

/** `unknown`: the process belongs to another machine or pid namespace, and nothing else tells. */
export type Liveness = 'alive' | 'dead' | 'unknown';

export interface LivenessView {
  readonly here?: Surroundings;
  /** Of a file that the process has locked for as long as it lives; absent: it locked none. */
  readonly lock?: LockState;
}

/**
 * Whether a recorded process still runs; a zombie does not. A lock that is held shows a process of any pid namespace.
 * A record without boot id and namespace counts as one of this machine.
 */
export function livenessOf(recorded: ProcessIdentity, { here = surroundings(), lock }: LivenessView = {}): Liveness {
  if (lock === 'held') return 'alive';
  if (differs(recorded.bootId, here.bootId)) {
    // The same machine after a reboot, or another machine that shares the folder.
    return differs(recorded.hostname, here.hostname) ? 'unknown' : 'dead';
  }
  // Its pid means nothing here; the kernel is the same, and so is its list of locks.
  if (differs(recorded.pidNamespace, here.pidNamespace)) return lock === 'free' ? 'dead' : 'unknown';
  return startTicksOf(recorded.pid) === recorded.startTicks && isRunning(recorded.pid) ? 'alive' : 'dead';
}

const differs = (recorded: string | undefined, here: string | undefined): boolean =>
  recorded !== undefined && here !== undefined && recorded !== here;

function orUndefined(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
