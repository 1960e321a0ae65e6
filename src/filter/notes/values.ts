import type { StatedCondition } from './stated.js';

const MOST = 2n ** 64n - 1n;

/**
 * The 64-bit values for which a comparison holds, as libseccomp builds it (checked on 2.5.4): all from `low` to `high`,
 * or all but `low`; or those that are `low` under a mask, where bits of the value outside the mask do not count.
 */
export type Values =
  | { readonly kind: 'range' | 'except'; readonly low: bigint; readonly high: bigint }
  | { readonly kind: 'masked'; readonly mask: bigint; readonly low: bigint; readonly high: bigint };

/** `undefined` for an operator that is none, and for a value that no unsigned 64-bit integer has. */
export function valuesOf({ op, value, valueTwo }: StatedCondition): Values | undefined {
  if (value < 0n || value > MOST || valueTwo < 0n || valueTwo > MOST) return undefined;
  switch (op) {
    case 'SCMP_CMP_EQ':
      return range(value, value);
    case 'SCMP_CMP_NE':
      return { kind: 'except', low: value, high: value };
    case 'SCMP_CMP_LT':
      return range(0n, value - 1n);
    case 'SCMP_CMP_LE':
      return range(0n, value);
    case 'SCMP_CMP_GE':
      return range(value, MOST);
    case 'SCMP_CMP_GT':
      return range(value + 1n, MOST);
    case 'SCMP_CMP_MASKED_EQ':
      return masked(value, valueTwo & value);
    default:
      return undefined;
  }
}

const range = (low: bigint, high: bigint): Values => ({ kind: 'range', low, high });

function masked(mask: bigint, value: bigint): Values {
  if (mask === MOST) return range(value, value);
  return { kind: 'masked', mask, low: value, high: value | (MOST ^ mask) };
}

export const holdsNever = ({ kind, low, high }: Values): boolean => kind === 'range' && low > high;

export const holdsAlways = (values: Values): boolean =>
  values.kind === 'masked' ? values.mask === 0n : values.kind === 'range' && values.low === 0n && values.high === MOST;

/** Whether a value that the first comparison takes is always one that the second takes. */
export function isWithin(one: Values, other: Values): boolean {
  if (holdsNever(one) || holdsAlways(other)) return true;
  switch (other.kind) {
    case 'range':
      return one.kind !== 'except' && one.low >= other.low && one.high <= other.high;
    case 'except':
      return isWithout(one, other.low);
    case 'masked':
      return isWithinMask(one, other);
  }
}

/** Whether a comparison does not hold for a value. */
function isWithout(values: Values, value: bigint): boolean {
  switch (values.kind) {
    case 'range':
      return value < values.low || value > values.high;
    case 'except':
      return value === values.low;
    case 'masked':
      return (value & values.mask) !== values.low;
  }
}

function isWithinMask(one: Values, { mask, low }: Extract<Values, { kind: 'masked' }>): boolean {
  if (one.kind === 'masked') return (mask & one.mask) === mask && (one.low & mask) === low;
  return one.kind === 'range' && one.low === one.high && (one.low & mask) === low;
}

/** What a comparison comes to for values below 2^32. */
export function belowWord(values: Values): 'never' | 'always' | 'some' {
  const word: Values = { kind: 'range', low: 0n, high: 0xffffffffn };
  if (isWithin(word, values)) return 'always';
  if (values.low > word.high && values.kind !== 'except') return 'never';
  if (values.kind === 'except') return values.low > word.high ? 'always' : 'some';
  return 'some';
}
