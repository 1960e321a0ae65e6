import { BenchError } from '../errors.js';

/** `1%` is 0.01. Throws `usage`. */
export function parseMargin(text: string): number {
  const value = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim())?.[1];
  if (value !== undefined && Number(value) > 0 && Number(value) < 100) return Number(value) / 100;
  throw new BenchError('usage', `--margin: Expected a percentage above 0 and below 100, got "${text}"`, { hint: 'Give the largest change that does not matter to you, for example --margin 1%.' });
}
