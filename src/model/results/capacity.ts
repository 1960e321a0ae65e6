import type { Crowd, NotMeasured, StackTrial } from '../filter/capacity.js';
import type { CapacityScenario } from '../run/kinds/capacity.js';
import type { FormatVersion } from './format.js';
import type { HostFingerprint } from './result.js';

/** plan.json of a run that measures the kernel memory of a filter. */
export interface CapacityPlan {
  readonly formatVersion: FormatVersion;
  readonly kind: 'capacity';
  readonly id: string;
  /** @pattern ^\d\d\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?Z$ */
  readonly startedAt: string;
  readonly command: readonly string[];
  readonly scenario: CapacityScenario;
  readonly filter: CapacityFilter;
  /** net.core.bpf_jit_enable is not 0; `null`: the kernel has no such file, so it is not known. */
  readonly jit: boolean | null;
  /** Of this kernel, in bytes. */
  readonly pageBytes: number;
  /** net.core.bpf_jit_limit in bytes; `null`: it was not read, as only --until-refused needs it. */
  readonly limit: number | null;
}

/** The filter that is loaded. */
export interface CapacityFilter {
  /** What it was made of. */
  readonly name: string;
  readonly machine: string;
  readonly instructions: number;
  readonly sha256: string;
  /** Instructions once the kernel has converted it to eBPF (predicted). */
  readonly kernelInstructions: number;
  /** By the kernel's own rules: bytes of the program in the kernel's own form, and filters that one task can have. */
  readonly predicted: { readonly program: number; readonly stacked: number };
}

/** Kernel memory charged to a cgroup, in bytes; `null`: the kernel does not tell that part apart. */
export interface ChargedMemory {
  readonly kernel: number;
  readonly slab: number | null;
  readonly vmalloc: number | null;
  readonly percpu: number | null;
}

/** What the kernel had allocated while so many tasks were there. */
export interface MemorySample {
  readonly kind: 'memory';
  readonly round: number;
  readonly tasks: number;
  /** Loaded in them, all together; 0 in tasks without one. */
  readonly filters: number;
  /** Programs in the kernel's own form, in bytes; or why the kernel does not show it. */
  readonly programs: number | NotMeasured;
  /** Slab memory of the whole machine, in bytes. */
  readonly slab: number;
  /** Charged to the cgroup of the tasks; or why it was not measured. */
  readonly charged: ChargedMemory | NotMeasured;
}

/** Filters that were loaded under a lowered limit. */
export interface CountedSample {
  readonly kind: 'counted';
  /** Counts that belong together: one more with each try. */
  readonly attempt: number;
  /** In bytes. */
  readonly limit: number;
  readonly crowd: Crowd;
}

/** How many a single task loaded. */
export interface StackSample {
  readonly kind: 'stack';
  readonly trial: StackTrial;
}

/** A line of samples.jsonl of a run that measures the kernel memory of a filter. */
export type CapacitySample = MemorySample | CountedSample | StackSample;

/** A results folder of such a run, read back. */
export interface CapacityResult {
  readonly name: string;
  readonly host: HostFingerprint;
  readonly plan: CapacityPlan;
  readonly samples: readonly CapacitySample[];
}
