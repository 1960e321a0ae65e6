/** Instructions of a start, of all its processes from their exec on; absent where they were not counted. */
export interface InstructionCounts {
  /** In user mode. */
  readonly userInstructions?: number;
  /** In the kernel. */
  readonly kernelInstructions?: number;
}

/**
 * Why instructions were not counted: the processor shows no counters here (`noPmu`), as in most virtual machines; this
 * user may not count the kernel's (`noRight`); the kernel has no perf_event_open, or none that reads a group of
 * children (`noKernel`); a daemon makes the containers (`daemon`); several run at once (`parallel`); stages are
 * timed apart (`stages`); or a server is timed under load (`server`).
 */
export type NoCounters = 'noPmu' | 'noRight' | 'noKernel' | 'daemon' | 'parallel' | 'stages' | 'server';

/** In plan.json of a run that was asked to count instructions. */
export type AskedCounters =
  { readonly state: 'counted' } | { readonly state: 'none'; readonly reason: NoCounters; readonly errno?: string };
