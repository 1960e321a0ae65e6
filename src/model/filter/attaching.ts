import type { RunConditions } from '../results/conditions.js';

/** A time in nanoseconds with its 95 % interval. */
export interface TimeInterval {
  readonly ns: number;
  readonly low: number;
  readonly high: number;
}

/**
 * How a filter was loaded: as runtimes do (`whole`); with SECCOMP_FILTER_FLAG_LOG (`log`); with an instruction that the
 * last check refuses (`refused`); on top of a filter whose bitmap has every call (`full`) or none (`empty`); with the
 * JIT off (`interpreted`).
 */
export const LOAD_WAYS = ['whole', 'log', 'refused', 'full', 'empty', 'interpreted'] as const;
export type LoadWay = (typeof LOAD_WAYS)[number];

/**
 * Why the JIT's own part is missing: it was not asked for; the kernel cannot do without its JIT (`alwaysOn`, built with
 * CONFIG_BPF_JIT_ALWAYS_ON); the JIT is off (`off`); the setting cannot be read (`noFile`) or written (`noRight`) here;
 * another run of bench is changing it (`busy`).
 */
export type NotSwitched = 'notAsked' | 'alwaysOn' | 'off' | 'noFile' | 'noRight' | 'busy';

/**
 * Parts of a load. `copy`: memory, copying and checking; `translate`: into the kernel's own form and by the JIT;
 * `convert` and `jit`: the same two apart, where the JIT was switched off for moments or sampled; `walk`: the kernel
 * follows the filter for the number of each call, to know which are always allowed; `first`: what a task's first filter
 * takes more than a further one.
 */
export const LOAD_PARTS = ['copy', 'translate', 'convert', 'jit', 'walk', 'first'] as const;
/** A part of what the kernel does to load a filter. */
export type LoadPart = (typeof LOAD_PARTS)[number];

/** One part's time. */
export interface PartTime extends TimeInterval {
  readonly part: LoadPart;
}

/** A filter of the sweep, with its times. */
export interface SweptFilter {
  readonly instructions: number;
  readonly parts: readonly PartTime[];
}

/** A straight line through a part's times over instructions. */
export interface PartLine {
  readonly part: LoadPart;
  readonly perInstruction: TimeInterval;
  /** At 0 instructions. */
  readonly fixed: TimeInterval;
  /** What the line says of the filter itself. */
  readonly expectedNs: number;
}

/** Samples of the kernel's stack while a filter was loaded so many times, each time in a task that stays. */
export interface JitSamples {
  readonly loads: number;
  /** In seccomp(2), without the walk. */
  readonly inLoad: number;
  /** Of these, in the JIT. */
  readonly inJit: number;
}

/** What `bench attach` finds out about a filter on this machine. */
export interface FilterAttach {
  readonly name: string;
  readonly machine: string;
  readonly kernel: string;
  readonly instructions: number;
  readonly sha256: string;
  /** Instructions once the kernel has converted it to eBPF (predicted). */
  readonly kernelInstructions: number;
  /** Instructions that the kernel follows for the number of a call, on average (simulated). */
  readonly walkedPerCall: number;
  /** net.core.bpf_jit_enable is not 0; `null`: it is not known. */
  readonly jit: boolean | null;
  readonly rounds: number;
  readonly seed: number;
  /** How busy this machine was meanwhile. */
  readonly conditions: RunConditions;
  /** As runtimes load it. */
  readonly whole: TimeInterval;
  /** Of the filter itself; the JIT's own part only where it was switched or sampled. */
  readonly parts: readonly PartTime[];
  /** `null`: the JIT was switched off for moments. */
  readonly notSwitched: NotSwitched | null;
  /** What the JIT's own part is from, where it was sampled; `null`: it was not. */
  readonly sampled: JitSamples | null;
  /** How much longer it takes with SECCOMP_FILTER_FLAG_LOG; `null`: the kernel does not know the flag (before 4.14). */
  readonly log: TimeInterval | null;
  /** Filters of other sizes, of which the kernel follows as large a share as of the filter itself. */
  readonly sweep: readonly SweptFilter[];
  readonly lines: readonly PartLine[];
}

/** Times of loads: by file and way, one for each round. */
export interface RecordedLoads {
  /** errno where the JIT could not be switched off, 0 where it was, -1 where that was not asked for. */
  readonly switched: number;
  /** Nanoseconds by round; a way that the kernel refuses is missing. */
  readonly files: readonly Partial<Readonly<Record<LoadWay, readonly number[]>>>[];
  /** errno by file and way, where the kernel refused. */
  readonly refused: readonly { readonly file: number; readonly way: LoadWay; readonly errno: number }[];
}

/** What a filter's load takes, and every load that says so. */
export interface MeasuredAttach {
  readonly attach: FilterAttach;
  readonly loads: RecordedLoads;
}
