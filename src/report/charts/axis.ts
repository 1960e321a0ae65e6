import { withThousands } from '../text/format.js';
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

/** The axis of bars: always from zero, because their length is the value. */
export function barAxis(values: readonly number[]): Axis {
  const high = Math.max(0, ...values);
  return high === 0 ? { min: 0, max: 1, step: 0.2 } : roundAxis(0, 1.04 * high, 8);
}

/**
 * An axis around all of `values` with a margin; from zero where that is near, and never below zero where no value is.
 */
export function dotAxis(values: readonly number[], parts = 8): Axis {
  if (values.length === 0) return { min: 0, max: 1, step: 0.2 };
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 0.08 * (high - low === 0 ? Math.max(Math.abs(high), 1) : high - low);
  const start = low >= 0 && low - room < high / 4 ? 0 : low - room;
  return roundAxis(start, high + room, parts);
}

/** A tick's text with the decimals its step needs, a comma for thousands and a true minus. */
export function tickText(value: number, { step }: Axis): string {
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return withThousands(value.toFixed(decimals).replace('-', '\u2212'));
}
