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
 * no such file (`noFile`), interprets filters (`noJit`), or interprets those beyond the limit (`neverRefused`); filters
 * of other programs came and went meanwhile (`disturbed`); no cgroup with a memory controller could be made, or it does
 * not tell the memory of the kernel (`noCgroup`).
 */
export type NotMeasured =
  'needsRoot' | 'needsUntilRefused' | 'noFile' | 'noJit' | 'neverRefused' | 'disturbed' | 'noCgroup';

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

/** One task that loaded the filter upon itself until the kernel refused it. */
export interface StackTrial {
  readonly loaded: number;
  /** `null`: not refused as often as it was tried. */
  readonly refusal: Refusal | null;
  /** What became of two more attempts of the same task; `null` where it was not refused by seccomp(2). */
  readonly after: {
    /** errno of the same filter once more; 0: loaded. */
    readonly same: number;
    /** errno of a filter of one instruction; 0: loaded. */
    readonly smallest: number;
  } | null;
}

/** How many filters like this one a task can have. */
export interface FilterStack extends StackTrial {
  /** By the kernel's limit of instructions on the way of a call (predicted). */
  readonly predicted: number;
}

/** Kernel memory of so many filters together, in bytes. */
export interface MemoryPoint {
  readonly filters: number;
  readonly program: Measured<Bytes>;
  readonly slab: Measured<Bytes>;
  readonly charged: Measured<Bytes>;
}

/** What of a filter is charged to the cgroup of its task, so to the memory limit of a container. */
export interface ChargedFilter {
  readonly bytes: Measured<Bytes>;
  /** Parts that cgroup v2 tells apart: memory of vmalloc is the program. */
  readonly parts: {
    readonly slab: Measured<Bytes>;
    readonly vmalloc: Measured<Bytes>;
    readonly percpu: Measured<Bytes>;
  };
}

/** A limit in bytes and what was loaded under it. */
export interface CountedCrowd {
  readonly limit: number;
  readonly crowd: Crowd;
}

/** Fewer tell the size of one too roughly. */
export const FEWEST_COUNTED = 100;

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
  readonly charged: ChargedFilter;
}

/** Containers that fit with so many execs in each at the same time. */
export interface FitWithExecs {
  readonly execs: number;
  readonly containers: { readonly low: number; readonly high: number };
}

/** How many filters fit. */
export interface FilterRoom {
  /** net.core.bpf_jit_limit in bytes. */
  readonly limit: number;
  /** Bytes of it that all loaded programs use. */
  readonly inUse: Bytes;
  /** How many more filters like this one fit. */
  readonly filters: { readonly low: number; readonly high: number };
  /** Containers whose tasks have as many filters as were stacked; an exec loads them again while its process runs. */
  readonly withExecs: readonly FitWithExecs[];
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
  /** Filters loaded in one task, stacked on each other. */
  readonly stacked: number;
  readonly memory: FilterMemory;
  /** The memory of fewer filters and of all, ascending. */
  readonly points: readonly MemoryPoint[];
  readonly room: Measured<FilterRoom>;
  /** The limits that were set to count under them, with what was loaded; empty without `--until-refused`. */
  readonly counted: readonly CountedCrowd[];
  readonly stack: FilterStack;
}
