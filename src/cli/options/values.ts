import { invalidValue } from '../../errors.js';

const quoted = (text: string): string => `"${text}"`;
const thousands = (value: number): string => value.toLocaleString('en-US');

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

/** A percentage above 0 and below 100 as a share. Throws `usage`. */
export function percentOption(option: string, text: string, hint: string): number {
  const share = properShareOf(text);
  if (share !== undefined) return share;
  throw invalidValue(option, 'a percentage above 0 and below 100', quoted(text), { hint });
}

/** A whole number within bounds, both included. Throws `usage`. */
export function wholeNumber(option: string, text: string, [least, most]: readonly [number, number]): number {
  const trimmed = text.trim();
  const value = /^\d{1,15}$/.test(trimmed) ? Number(trimmed) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw invalidValue(option, `a whole number from ${thousands(least)} to ${thousands(most)}`, quoted(text));
}

/** The same where the option was given. */
export const wholeOrNone = (
  option: string,
  text: string | undefined,
  bounds: readonly [number, number],
): number | undefined => (text === undefined ? undefined : wholeNumber(option, text, bounds));

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** How a duration may be given. */
export interface DurationRule {
  /** The unit of a number without one; absent: a unit is required. */
  readonly bare?: 'ms' | 's';
  /** `30s`: shown in messages. */
  readonly example: string;
  /** In milliseconds, included. */
  readonly most?: number;
  /** Whether 0 is allowed. */
  readonly zero?: boolean;
}

/** `500ms`, `30s`, `1m` or `1h` in milliseconds. Throws `usage`. */
export function durationMs(option: string, text: string, rule: DurationRule): number {
  const [, value, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/.exec(text.trim()) ?? [];
  const factor = MILLISECONDS[unit ?? rule.bare ?? ''] ?? Number.NaN;
  const milliseconds = Number(value ?? Number.NaN) * factor;
  const isEnough = rule.zero === true ? milliseconds >= 0 : milliseconds > 0;
  if (isEnough && milliseconds <= (rule.most ?? Infinity)) return milliseconds;
  const bound = rule.most === undefined ? '' : ` of at most ${shortDuration(rule.most)}`;
  throw invalidValue(option, `a duration such as 500ms, 30s, 1m or 1h${bound}`, quoted(text), {
    hint: `For example ${option} ${rule.example}.`,
  });
}

function shortDuration(milliseconds: number): string {
  const [unit = 'ms', factor = 1] =
    Object.entries(MILLISECONDS).findLast(([, size]) => milliseconds >= size && milliseconds % size === 0) ?? [];
  return `${milliseconds / factor}${unit}`;
}

const BYTES: Readonly<Record<string, number>> = { '': 1, k: 1 << 10, m: 1 << 20, g: 1 << 30 };
const MOST_BYTES = 1 << 30;

/** `32MiB`, `32M`, `512KiB` or `1000` in bytes, up to 1 GiB. Throws `usage`. */
export function sizeBytes(option: string, text: string): number {
  const [, value = '', unit = ''] = /^(\d{1,12})\s*(?:([kmg])(?:i?b)?|b)?$/i.exec(text.trim()) ?? [];
  const bytes = value === '' ? Number.NaN : Number(value) * (BYTES[unit.toLowerCase()] ?? Number.NaN);
  if (bytes >= 1 && bytes <= MOST_BYTES) return bytes;
  throw invalidValue(option, 'a size from 1 byte to 1GiB', quoted(text), { hint: `For example ${option} 32MiB.` });
}
