import type { Estimate } from '../../model/analysis/analysis.js';

const MINUS = '\u2212';

/** An effect in percent, 100 * (exp(log ratio) - 1); bounds are `null` where too few blocks give no 95 % interval. */
export interface Effect {
  readonly percent: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Percent change that a log ratio means: 36.9 log-% is 44.7 %. */
export const percentOf = (logRatio: number): number => 100 * Math.expm1(logRatio);

/** The estimate in percent; an interval with an infinite end is no interval. */
export function effectOf(estimate: Estimate): Effect {
  const bounded = Number.isFinite(estimate.low) && Number.isFinite(estimate.high);
  return {
    percent: percentOf(estimate.logRatio),
    low: bounded ? percentOf(estimate.low) : null,
    high: bounded ? percentOf(estimate.high) : null,
  };
}

/** `−42.1`, `+0.3`, `0.0`: a true minus, an explicit plus, no sign on what rounds to zero. */
export function signed(value: number, decimals: number): string {
  const digits = Math.abs(value).toFixed(decimals);
  if (Number(digits) === 0) return digits;
  return `${value < 0 ? MINUS : '+'}${digits}`;
}

/** A number with a true minus, without plus. */
export const plain = (value: number, decimals: number): string => signed(value, decimals).replace('+', '');

/** Two decimals for effects and intervals that one decimal would blur, else one. */
function decimalsOf({ percent, low, high }: Effect): number {
  const width = low === null || high === null ? 0 : high - low;
  return Math.abs(percent) < 10 && width < 2 ? 2 : 1;
}

/** `−42.1 % [−42.9, −41.3]`; bounds carry signs of their own, a plus included. */
export function effectText(effect: Effect): string {
  const decimals = decimalsOf(effect);
  const head = `${signed(effect.percent, decimals)} %`;
  if (effect.low === null || effect.high === null) return `${head} (no 95 % interval)`;
  return `${head} [${signed(effect.low, decimals)}, ${signed(effect.high, decimals)}]`;
}

/** The estimate as {@link effectText}; a dash where there is none. */
export const estimateText = (estimate: Estimate | null): string =>
  estimate === null ? '–' : effectText(effectOf(estimate));

/** `p = 0.63`, `p < 0.0001`. */
export function pText(p: number): string {
  if (p < 0.0001) return 'p < 0.0001';
  return p < 0.1 ? `p = ${p.toPrecision(2)}` : `p = ${p.toFixed(2)}`;
}

/** A span in the unit that keeps it readable: `853 µs`, `38.29 ms`, `2.345 s`. */
export function duration(nanoseconds: number): string {
  if (nanoseconds < 1e6) return `${(nanoseconds / 1e3).toFixed(0)} µs`;
  if (nanoseconds < 1e9) return `${(nanoseconds / 1e6).toFixed(2)} ms`;
  return `${(nanoseconds / 1e9).toFixed(3)} s`;
}

/** {@link duration}, or a dash where nothing was measured. */
export const durationOrDash = (nanoseconds: number | undefined): string =>
  nanoseconds === undefined ? '–' : duration(nanoseconds);

/** Seconds as the published charts print them: three decimals, trailing zeros dropped (57, 56.671). */
export const chartSeconds = (seconds: number): string => String(Number(seconds.toFixed(3)));

/** `1 block`, `500 blocks`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;

/** A share as plain percent, two digits: `0.62 %`. */
export const percentText = (share: number): string => `${String(Number((100 * share).toPrecision(2)))} %`;

/** The margin as `±1 %`. */
export const marginText = (margin: number): string => `±${String(Number((100 * margin).toPrecision(3)))} %`;

/** A clause as a sentence: capital first letter, full stop. */
export const sentence = (text: string): string =>
  `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

/**
 * Makes text of foreign origin safe to print on one line of a terminal: no control character survives, white space is
 * one blank.
 */
export const printable = (text: string): string => text.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
