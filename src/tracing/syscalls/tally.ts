import type { CallCount } from '../../model/results/syscalls.js';

interface Entry {
  calls: number;
  errors: number | null;
  seconds: number | null;
}

/** Sums up counts of calls by name. */
export class Tally {
  readonly #entries = new Map<string, Entry>();

  /** A call begins. */
  begin(name: string): void {
    this.#of(name).calls += 1;
  }

  /** A call that was begun here ends; `seconds` is its duration. */
  end(name: string, failed: boolean, seconds: number): void {
    this.#take({ name, calls: 0, errors: failed ? 1 : 0, seconds });
  }

  add(other: Tally): void {
    this.take(other.counts());
  }

  /** Adds counts; a figure that one of them lacks is `null` in the sum. */
  take(counts: readonly CallCount[]): void {
    for (const count of counts) this.#take(count);
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** In alphabetic order of names; seconds to the nanosecond. */
  counts(): readonly CallCount[] {
    return [...this.#entries]
      .map(([name, { calls, errors, seconds }]) => ({
        name,
        calls,
        errors,
        seconds: seconds === null ? null : Math.round(seconds * 1e9) / 1e9,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #take({ name, calls, errors, seconds }: CallCount): void {
    const entry = this.#of(name);
    entry.calls += calls;
    entry.errors = sum(entry.errors, errors);
    entry.seconds = sum(entry.seconds, seconds);
  }

  #of(name: string): Entry {
    const known = this.#entries.get(name);
    if (known !== undefined) return known;
    const entry = { calls: 0, errors: 0, seconds: 0 };
    this.#entries.set(name, entry);
    return entry;
  }
}

const sum = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);
