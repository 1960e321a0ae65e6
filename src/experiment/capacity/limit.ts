import { readFileSync, writeFileSync } from 'node:fs';

/** net.core.bpf_jit_limit while tasks are made. */
export interface LoweredLimit {
  readonly was: number;
  readonly lowered: number;
}

const path = '/proc/sys/net/core/bpf_jit_limit';
const read = (): number => Number(readFileSync(path, 'utf8'));

function isLowered({ lowered }: LoweredLimit): boolean {
  try {
    return read() === lowered;
  } catch {
    return false;
  }
}

/** The most memory that the JIT of the kernel may take for loaders without CAP_BPF, in bytes. */
export const JIT_LIMIT = {
  path,
  read,
  /** Whether it is still lowered; not where it cannot be read, as for another user. */
  isLowered,
  /** Restores it where it is still lowered: payload/crowd.c did so unless it was killed. Throws where it may not. */
  restore(limit: LoweredLimit): void {
    if (isLowered(limit)) writeFileSync(path, String(limit.was));
  },
} as const;
