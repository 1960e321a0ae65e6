import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { BenchError, needs } from '../../errors.js';
import { holdLock, isHeld } from '../../process/lock.js';

/** A setting of the kernel that a run lowered for moments. */
export interface LoweredLimit {
  readonly was: number;
  readonly lowered: number;
}

/** A setting of the whole machine, a number in a file below /proc/sys. */
export interface KernelSetting {
  readonly path: string;
  readonly read: () => number;
  /** Whether it is still lowered; not where it cannot be read, as for another user. */
  readonly isLowered: (limit: LoweredLimit) => boolean;
  /** Restores it where it is still lowered: the program that lowered it did so unless it was killed. */
  readonly restore: (limit: LoweredLimit) => void;
}

function settingAt(path: string): KernelSetting {
  const read = (): number => Number(readFileSync(path, 'utf8'));
  const isLowered = ({ lowered }: LoweredLimit): boolean => {
    try {
      return read() === lowered;
    } catch {
      return false;
    }
  };
  return {
    path,
    read,
    isLowered,
    restore: (limit) => {
      if (isLowered(limit)) writeFileSync(path, String(limit.was));
    },
  };
}

/** The most memory that the JIT of the kernel may take for loaders without CAP_BPF, in bytes. */
export const JIT_LIMIT = settingAt('/proc/sys/net/core/bpf_jit_limit');

/** Whether the kernel translates filters to machine code (1) or interprets them (0). */
export const JIT_ENABLE = settingAt('/proc/sys/net/core/bpf_jit_enable');

/** The limit while it may be lowered; disposing lets the next run at it. */
export interface Lowering extends Disposable {
  readonly limit: number;
}

/**
 * The limit as it is, locked: a second run would take a lowered limit for the machine's own. Throws `environment`
 * where this user may not lower it, or another run is at it.
 */
export function limitToLower(): Lowering {
  try {
    closeSync(openSync(JIT_LIMIT.path, 'r+'));
    const lock = holdLock(JIT_LIMIT.path);
    return {
      limit: JIT_LIMIT.read(),
      [Symbol.dispose]: () => {
        lock[Symbol.dispose]();
      },
    };
  } catch (cause) {
    throw refused(cause);
  }
}

function refused(cause: unknown): BenchError {
  if (isHeld(cause))
    return new BenchError('environment', 'another bench capacity is counting under a lowered limit', {
      hint: 'Wait until it has ended.',
      cause,
    });
  const code = (cause as NodeJS.ErrnoException).code;
  const without = 'Without --until-refused, bench measures memory alone.';
  if (code === 'ENOENT')
    return needs('--until-refused', 'net.core.bpf_jit_limit, which this kernel does not show here', {
      hint: without,
      cause,
    });
  if (code === 'EROFS')
    return needs('--until-refused', 'the right to lower net.core.bpf_jit_limit; /proc/sys is read-only here', {
      hint: `Run it on the machine itself, not in a container. ${without}`,
      cause,
    });
  return needs('--until-refused', 'the right to lower net.core.bpf_jit_limit', {
    hint: `Run it as root on the machine itself, not in a container. ${without}`,
    cause,
  });
}
