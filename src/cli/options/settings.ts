import { BenchError } from '../../errors.js';

/** A span in seconds. Throws `usage`. */
export function secondsOption(option: string, text: string): number {
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0) return value;
  throw new BenchError('usage', `${option}: expected seconds above 0, got "${text}"`, {
    hint: `For example ${option} 60.`,
  });
}
