/** How many bytes, with bounds; `low` and `high` equal `bytes` where it is exact. */
export interface Bytes {
  readonly bytes: number;
  readonly low: number;
  readonly high: number;
}

/** What is known of a part, or why it is not. */
export type Measured<Value> =
  | { readonly state: 'measured'; readonly value: Value }
  | { readonly state: 'notMeasured'; readonly reason: NotMeasured };

/**
 * Why a figure is missing: the kernel shows it to root only (`needsRoot`); it needs `--until-refused`; the kernel has
 * no such file (`noFile`) or interprets filters (`noJit`); filters of other programs came and went meanwhile
 * (`disturbed`).
 */
export type NotMeasured = 'needsRoot' | 'needsUntilRefused' | 'noFile' | 'noJit' | 'disturbed';

/** What stopped the kernel from loading one more filter. */
export interface Refusal {
  /** `load`: seccomp(2) failed; `fork`: no more processes; `end`: the filter itself ended a task. */
  readonly step: 'load' | 'fork' | 'end';
  /** 0 with `end`. */
  readonly errno: number;
}

/** Tasks that were made under a filter, until `refusal` or all were there. */
export interface Crowd {
  readonly tasks: number;
  /** Filters loaded in them; more than tasks where filters are stacked. */
  readonly filters: number;
  readonly refusal: Refusal | null;
}

/** The kernel memory that one loaded filter takes. */
export interface FilterMemory {
  /** Its instructions in the kernel's own form, eBPF, in whole pages (predicted). */
  readonly predictedProgram: number;
  /** The same as measured over many loaded filters. */
  readonly program: Measured<Bytes>;
  /** Its translation to machine code, as the kernel counts it under net.core.bpf_jit_limit. */
  readonly image: Measured<Bytes>;
  /** What else the kernel allocates for it: a copy of the classic form, its bookkeeping and the bitmap. */
  readonly slab: Measured<Bytes>;
}

/** How many filters fit. */
export interface FilterRoom {
  /** net.core.bpf_jit_limit in bytes. */
  readonly limit: number;
  /** Bytes of it that all loaded programs use. */
  readonly inUse: Bytes;
  /** How many more filters like this one fit. */
  readonly filters: { readonly low: number; readonly high: number };
}

/** What `bench capacity` finds out about a filter on this machine. */
export interface FilterCapacity {
  readonly name: string;
  readonly machine: string;
  readonly kernel: string;
  readonly instructions: number;
  readonly sha256: string;
  /** Instructions once the kernel has converted it to eBPF (predicted). */
  readonly kernelInstructions: number;
  /** net.core.bpf_jit_enable is not 0; `null`: the kernel has no such file, so it is not known. */
  readonly jit: boolean | null;
  /** Filters loaded in one task, one upon the other. */
  readonly stacked: number;
  readonly memory: FilterMemory;
  readonly room: Measured<FilterRoom>;
  /** The limits that were set to count under them, with what was loaded; empty without `--until-refused`. */
  readonly counted: readonly { readonly limit: number; readonly crowd: Crowd }[];
}
