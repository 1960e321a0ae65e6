import { readFileSync, writeFileSync } from 'node:fs';

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
