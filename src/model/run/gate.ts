/** The time that a gate looks at. */
export const GATE_METRICS = ['cpu', 'wall', 'both'] as const;
/** CPU time, wall time, or each of them. */
export type GateMetric = (typeof GATE_METRICS)[number];

/** What a CI job asks of a run. */
export interface GateOptions {
  /** A share: a comparison whose whole interval is slower than this fails. `null`: none does. */
  readonly failIfSlower: number | null;
  /** Whether anything undecided fails. */
  readonly strict: boolean;
  /**
   * Absent: either time fails the job; CPU time has to be decided, or wall time where no CPU time was recorded.
   */
  readonly metric?: GateMetric;
}
