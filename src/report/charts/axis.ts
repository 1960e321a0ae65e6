import type { Axis } from './spec.js';

/** Smallest of 1, 2, 5 times a power of ten that divides `span` into at most `parts`. */
function roundStep(span: number, parts: number): number {
  const wanted = span / parts;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const factor = [1, 2, 5, 10].find((one) => one * power >= wanted * (1 - 1e-9)) ?? 10;
  return tidy(factor * power);
}

/** Takes away what binary fractions add: 0.1 * 3 is 0.3. */
const tidy = (value: number): number => Number(value.toPrecision(12));

function roundAxis(low: number, high: number, parts: number): Axis {
  const step = roundStep(high - low, parts);
  return { min: tidy(Math.floor(low / step + 1e-9) * step), max: tidy(Math.ceil(high / step - 1e-9) * step), step };
}

/**
 * The axis a spreadsheet chooses for bars: from zero where the values differ by more than a sixth of the largest, else
 * cut off half a difference below the smallest. Gives exactly the axes of the four published charts.
 */
export function barAxis(values: readonly number[]): Axis {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (high <= 0) return { min: 0, max: 1, step: 0.2 };
  const difference = high === low ? 0.005 * high : high - low;
  const start = difference > high / 6 ? 0 : low - difference / 2;
  return roundAxis(start, high + 0.05 * difference, 9);
}

/**
 * An axis around all of `values` with a margin; from zero where that is near, and never below zero where no value is.
 */
export function dotAxis(values: readonly number[]): Axis {
  if (values.length === 0) return { min: 0, max: 1, step: 0.2 };
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.08 * (high - low === 0 ? Math.max(Math.abs(high), 1) : high - low);
  const start = low >= 0 && low - room < high / 4 ? 0 : low - room;
  return roundAxis(start, high + room, 8);
}

/** A tick's text with the decimals its step needs, and a true minus. */
export function tickText(value: number, { step }: Axis): string {
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return value.toFixed(decimals).replace('-', '\u2212');
}
