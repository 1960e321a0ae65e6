import type { Estimate } from '../../model/analysis/analysis.js';
import type { Amount } from '../../model/analysis/workload-analysis.js';
import { formatCount } from '../../model/numbers.js';

export { formatCount };

const MINUS = '\u2212';
/** Where a value is missing. */
export const DASH = '\u2013';
export const ARROW = '\u2192';

/** An effect in percent, 100 * (exp(log ratio) - 1); bounds are `null` where too few blocks give no 95 % interval. */
export interface Effect {
  readonly percent: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** What of an estimate is an effect. */
type Bounds = Pick<Estimate, 'logRatio' | 'low' | 'high'>;

/** Percent change that a log ratio means: 36.9 log-% is 44.7 %. */
export const percentOf = (logRatio: number): number => 100 * Math.expm1(logRatio);

/** The estimate in percent; an interval with an infinite end is no interval. */
export function effectOf(estimate: Bounds): Effect {
  const bounded = Number.isFinite(estimate.low) && Number.isFinite(estimate.high);
  return {
    percent: percentOf(estimate.logRatio),
    low: bounded ? percentOf(estimate.low) : null,
    high: bounded ? percentOf(estimate.high) : null,
  };
}

/** `−42.1`, `+0.3`, `0.0`: a real minus, an explicit plus, no sign on what rounds to zero. */
export function signed(value: number, decimals: number): string {
  const digits = Math.abs(value).toFixed(decimals);
  if (Number(digits) === 0) return digits;
  return `${value < 0 ? MINUS : '+'}${digits}`;
}

/** A number with a real minus, without plus. */
export const plain = (value: number, decimals: number): string => signed(value, decimals).replace('+', '');

/** With a comma before every three digits of the whole part. */
export const withThousands = (text: string): string =>
  text.replace(/(?<![.\d])\d{4,}(?=\.|$)/, (whole) => formatCount(Number(whole)));

/**
 * Decimals that a number deserves whose 95 % interval reaches so far to both sides: as many as show two digits of that
 * where it begins with 1 or 2, else one. More would be noise.
 */
export function deservedDecimals(halfWidth: number, most: number): number {
  if (!(halfWidth > 0)) return Math.min(1, most);
  const power = Math.floor(Math.log10(halfWidth));
  const digits = halfWidth / 10 ** power < 2.95 ? 1 : 0;
  return Math.min(most, Math.max(0, digits - power));
}

/** A value with its interval, each with the decimals that the interval deserves: `46.8 [46.5, 47.1]`. */
export function deservedText(
  { value, low, high }: { readonly value: number; readonly low: number; readonly high: number },
  most: number,
): string {
  const decimals = deservedDecimals((high - low) / 2, most);
  const text = (one: number): string => withThousands(plain(one, decimals));
  return `${text(value)} [${text(low)}, ${text(high)}]`;
}

/** The decimals of an effect: those its interval deserves; without one, two where one would blur. */
export function effectDecimals({ percent, low, high }: Effect): number {
  if (low === null || high === null || low === high) return Math.abs(percent) < 10 ? 2 : 1;
  return deservedDecimals((high - low) / 2, 2);
}

/** `−42.1 % [−42.9, −41.3]`; bounds carry signs of their own, a plus included. */
export function effectText(effect: Effect): string {
  const decimals = effectDecimals(effect);
  const text = (percent: number): string => withThousands(signed(percent, decimals));
  const head = `${text(effect.percent)} %`;
  if (effect.low === null || effect.high === null) return `${head} (no 95 % interval)`;
  return `${head} [${text(effect.low)}, ${text(effect.high)}]`;
}

/** The estimate as {@link effectText}; a dash where there is none. */
export const estimateText = (estimate: Bounds | null): string =>
  estimate === null ? DASH : effectText(effectOf(estimate));

/** A log ratio as percent in a sentence: `−36.9 %`, `+0.32 %`; two decimals below 10 %, one above. */
export function formatChange(logRatio: number): string {
  const percent = percentOf(logRatio);
  return `${withThousands(signed(percent, Math.abs(percent) < 9.995 ? 2 : 1))} %`;
}

/** The same without a sign. */
export const formatSize = (logRatio: number): string => formatChange(logRatio).replace(/^[+\u2212]/, '');

/** `95 % interval −22.1 % to −13.9 %`. */
export const intervalText = ({ low, high }: Pick<Estimate, 'low' | 'high'>): string =>
  `95 % interval ${formatChange(low)} to ${formatChange(high)}`;

/** `p = 0.63`, `p < 0.0001`; never a bare 0. */
export function pText(p: number): string {
  if (p < 0.0001) return 'p < 0.0001';
  return p < 0.1 ? `p = ${p.toPrecision(2)}` : `p = ${p.toFixed(2)}`;
}

/** Decimals with which a number shows three digits, or all that are before the point: 38.3, 0.853, 1234. */
export function threeDigitDecimals(value: number): number {
  const rounded = Math.abs(Number(value.toPrecision(3)));
  return rounded === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(rounded)));
}

/** A number whose interval is not known: three digits are what a reader compares, and more would be noise. */
export const threeDigits = (value: number): string => plain(value, threeDigitDecimals(value));

/** A measured time with three digits, in the unit that keeps it readable: `853 µs`, `38.3 ms`, `2.35 s`. */
export function formatTime(nanoseconds: number): string {
  const rounded = Number(nanoseconds.toPrecision(3));
  const [unit, divisor] =
    rounded < 1e6 ? (['µs', 1e3] as const) : rounded < 1e9 ? (['ms', 1e6] as const) : (['s', 1e9] as const);
  return `${withThousands(threeDigits(nanoseconds / divisor))} ${unit}`;
}

/** The unit of a chart's axis of times, by the largest median: few decimals, and no longer numbers than needed. */
export function chartUnit(nanoseconds: number): readonly [unit: string, divisor: number] {
  if (nanoseconds >= 1e9) return ['s', 1e9];
  return nanoseconds < 1e5 ? ['µs', 1e3] : ['ms', 1e6];
}

/** {@link formatTime}, or a dash where nothing was measured. */
export const timeOrDash = (nanoseconds: number | undefined): string =>
  nanoseconds === undefined ? DASH : formatTime(nanoseconds);

/** How long something takes, roughly: `45 s`, `12 min`, `1.7 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** A duration that was given, with three digits at most: `90 s`, `10 min`. */
export const formatBudget = (milliseconds: number): string =>
  milliseconds < 120_000
    ? `${Number((milliseconds / 1000).toPrecision(3))} s`
    : `${Number((milliseconds / 60_000).toPrecision(3))} min`;

/** An amount in ns, µs, ms or s with its 95 % interval: `1.23 ms [1.10, 1.36]`; a dash for `null`. */
export function amountText(amount: Amount | null, most?: number): string {
  if (amount === null) return DASH;
  const { ns, low, high } = amount;
  const [unit, divisor, usual] = unitOf(Math.max(Math.abs(ns), Math.abs(low ?? 0), Math.abs(high ?? 0)));
  if (low === null || high === null) return `${plain(ns / divisor, usual)} ${unit}`;
  const decimals = deservedDecimals((high - low) / 2 / divisor, most ?? usual);
  const text = (value: number): string => plain(value / divisor, decimals);
  return `${text(ns)} ${unit} [${text(low)}, ${text(high)}]`;
}

/**
 * The same for what lies between two amounts: `1.23 to 1.40 ms [1.10, 1.52]`, with the lower bound of the first and the
 * upper bound of the second; one amount where both are equal.
 */
export function rangeText(from: Amount, to: Amount, { interval = true } = {}): string {
  const bounds = interval && from.low !== null && to.high !== null ? [from.low, to.high] : [];
  const [unit, divisor, most] = unitOf(Math.max(...[from.ns, to.ns, ...bounds].map(Math.abs)));
  return spanText([from.ns, to.ns], bounds, { unit: ` ${unit}`, divisor, most });
}

/** The same in nanoseconds without the unit, for a column that names it. */
export function rangeOfNs(from: Amount, to: Amount, { interval = true } = {}): string {
  const bounds = interval && from.low !== null && to.high !== null ? [from.low, to.high] : [];
  return spanText([from.ns, to.ns], bounds, { unit: '', divisor: 1, most: 1 });
}

function spanText(
  ends: readonly [number, number],
  bounds: readonly number[],
  { unit, divisor, most }: { readonly unit: string; readonly divisor: number; readonly most: number },
): string {
  const [low = 0, high = 0] = bounds;
  const decimals = bounds.length === 0 ? most : deservedDecimals((high - low) / 2 / divisor, most);
  const text = (ns: number): string => plain(ns / divisor, decimals);
  const [first, last] = [text(ends[0]), text(ends[1])];
  const head = `${first === last ? first : `${first} to ${last}`}${unit}`;
  return bounds.length === 0 ? head : `${head} [${bounds.map(text).join(', ')}]`;
}

/** The amount with the other sign. */
export const negated = ({ ns, low, high }: Amount): Amount => ({
  ns: -ns,
  low: high === null ? null : -high,
  high: low === null ? null : -low,
});

function unitOf(nanoseconds: number): readonly [unit: string, divisor: number, decimals: number] {
  if (nanoseconds >= 1e9) return ['s', 1e9, 3];
  if (nanoseconds >= 1e6) return ['ms', 1e6, 2];
  return nanoseconds >= 1e3 ? ['µs', 1e3, 1] : ['ns', 1, 1];
}

/** Seconds as the published charts print them: three decimals, trailing zeros dropped (57, 56.671). */
export const chartSeconds = (seconds: number): string => String(Number(seconds.toFixed(3)));

/** `1 block`, `1,400 blocks`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${formatCount(count)} ${count === 1 ? noun : plural}`;

/** A share as percent with at most that many digits: `0.62 %`, `−3 %`. */
export const formatPercent = (share: number, digits = 3): string =>
  `${String(Number((100 * share).toPrecision(digits))).replace('-', MINUS)} %`;

/** The margin as `±1 %`. */
export const marginText = (margin: number): string => `±${formatPercent(margin)}`;

/** With a capital first letter. */
export const sentenceCase = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

/** A clause as a sentence: capital first letter, full stop. */
export const sentence = (text: string): string => `${sentenceCase(text)}${/[.!?]$/.test(text) ? '' : '.'}`;
