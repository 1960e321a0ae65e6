import { tCritical } from '../distributions/distributions.js';

/** What a running mean is after some blocks. */
export interface SoFar {
  readonly logRatio: number;
  /** Bounds of the 95 % interval of Student's t. */
  readonly low: number;
  readonly high: number;
}

/** Fewer say next to nothing. */
const FEWEST = 5;

/**
 * Mean of paired log ratios with its interval, kept up block by block (Welford 1962). It is for those who wait: no
 * verdict rests on it, and no trimming, so it can differ a little from the report's estimate.
 */
export class RunningEffect {
  #count = 0;
  #mean = 0;
  #squares = 0;

  add(logRatio: number): void {
    this.#count += 1;
    const from = logRatio - this.#mean;
    this.#mean += from / this.#count;
    this.#squares += from * (logRatio - this.#mean);
  }

  /** `null` before the fifth block. */
  get soFar(): SoFar | null {
    if (this.#count < FEWEST) return null;
    const error = Math.sqrt(this.#squares / (this.#count - 1) / this.#count);
    const half = tCritical(0.95, this.#count - 1) * error;
    return { logRatio: this.#mean, low: this.#mean - half, high: this.#mean + half };
  }
}
