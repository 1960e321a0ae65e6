/** A duration or a time in nanoseconds. Durations stay below 2^53 ns (104 days), which a double represents exactly. */
export type Nanoseconds = number & { readonly unit: 'ns' };

/** Marks a plain number as nanoseconds, where it is read. */
export const nanoseconds = (value: number): Nanoseconds => value as Nanoseconds;

/** The monotonic clock; injected, so that tests are exact. */
export type Clock = () => Nanoseconds;

/** The wall clock, for names and fingerprints; injected for the same reason. */
export type Calendar = () => Date;
