/** Share of the processors from which the work of others counts. */
export const BUSY_SHARE = 0.25;
/** The same of time that the hypervisor gave to other guests. */
export const STOLEN_SHARE = 0.01;

/** Processor time of a machine since boot, in clock ticks of all processors together. */
export interface ProcessorTicks {
  readonly total: number;
  /** Neither idle, nor waiting for a disk, nor stolen. */
  readonly busy: number;
  readonly stolen: number;
  /** Of this process and of all its children that have ended. */
  readonly own: number;
}

/** How busy this machine is at a moment. */
export interface HostReading {
  readonly processors: number;
  /** Processes that ran or were ready to, on average of the last minute. */
  readonly load: number;
  /** `null`: the kernel does not tell. */
  readonly ticks: ProcessorTicks | null;
}

/** How much of a machine's processor time others used between two readings; `null`: not known. */
export interface HostUse {
  readonly othersShare: number | null;
  readonly stolenShare: number | null;
}

/** What happened between two readings. */
export function useBetween(before: HostReading, after: HostReading): HostUse {
  if (before.ticks === null || after.ticks === null) return { othersShare: null, stolenShare: null };
  const spent = (name: keyof ProcessorTicks): number =>
    Math.max(0, (after.ticks?.[name] ?? 0) - (before.ticks?.[name] ?? 0));
  const total = spent('total');
  if (total === 0) return { othersShare: null, stolenShare: null };
  return {
    // Children that have not ended yet are counted as others until they have.
    othersShare: Math.min(1, Math.max(0, spent('busy') - spent('own')) / total),
    stolenShare: Math.min(1, spent('stolen') / total),
  };
}
