import type { Dialect } from '../../profile/seccomp.js';

/** What a scenario file of kind `attach` asks for: what the kernel does to load a filter, in place of containers. */
export interface AttachScenario {
  readonly kind: 'attach';
  readonly name: string;
  readonly title?: string;
  /** Absent: the built-in default. */
  readonly profile?: string;
  readonly dialect: Dialect;
  /** Loads of each filter in each way. */
  readonly rounds: number;
  /** Whether net.core.bpf_jit_enable is switched for moments, to tell the JIT's part. */
  readonly switchJit: boolean;
  /** Whether the JIT's part is told by samples of perf, where it is not switched. */
  readonly sampleJit: boolean;
}

/** What may be asked for, by payload/attach.c. */
export const ATTACH_LIMITS = { rounds: [10, 1000], seed: [0, 99_999_999] } as const;
export const ATTACH_DEFAULTS = { rounds: 100 } as const;
