import { BenchError } from '../../errors.js';

/** `1%`, `0.5 %` and `2` as shares: 0.01, 0.005, 0.02; `undefined` where it is no percentage. */
export function shareOf(text: string): number | undefined {
  const value = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim())?.[1];
  return value === undefined ? undefined : Number(value) / 100;
}

/** The same between 0 and 1, both excluded. */
export function properShareOf(text: string): number | undefined {
  const share = shareOf(text);
  return share !== undefined && share > 0 && share < 1 ? share : undefined;
}

/** A percentage that says something, as a share. Throws `usage`. */
export function percentOption(option: string, text: string, hint: string): number {
  const share = properShareOf(text);
  if (share !== undefined) return share;
  throw new BenchError('usage', `${option}: Expected a percentage above 0 and below 100, got "${text}"`, { hint });
}

const MOST_WHOLE = 999_999;

/** A whole number of at most six digits. Throws `usage`. */
export function wholeOption(option: string, text: string, least: number, hint: string): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least) return value;
  throw new BenchError(
    'usage',
    `${option}: expected a whole number of at least ${least}${Number(text) > MOST_WHOLE ? ` and at most ${MOST_WHOLE}` : ''}, got "${text}"`,
    { hint },
  );
}

/** A span in seconds. Throws `usage`. */
export function secondsOption(option: string, text: string): number {
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value > 0) return value;
  throw new BenchError('usage', `${option}: expected seconds above 0, got "${text}"`, {
    hint: `For example ${option} 60.`,
  });
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** `90s`, `10m` or `1h` in milliseconds. Throws `usage`. */
export function durationMs(option: string, text: string): number {
  const [, value, unit] = /^(\d+(?:\.\d+)?)\s*([smh])$/.exec(text.trim()) ?? [];
  const seconds = Number(value ?? NaN) * (SECONDS[unit ?? ''] ?? NaN);
  if (seconds > 0) return seconds * 1000;
  throw new BenchError('usage', `${option}: Expected a time such as 90s, 10m or 1h, got "${text}"`, {
    hint: `For example ${option} 10m.`,
  });
}
