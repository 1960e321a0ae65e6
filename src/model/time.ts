/** A span or an instant in nanoseconds. Spans stay below 2^53 (104 days), so a double holds them exactly. */
export type Nanoseconds = number & { readonly unit: 'ns' };

/** Marks a plain number as nanoseconds, at the edge where it is read. */
export const nanoseconds = (value: number): Nanoseconds => value as Nanoseconds;

/** The monotonic clock; injected wherever time is read, so that tests are exact. */
export type Clock = () => Nanoseconds;

/** The wall clock for names and fingerprints; injected for the same reason. */
export type Calendar = () => Date;
