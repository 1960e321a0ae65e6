import { UNKNOWN_CALL } from '../results/percall/percall.js';
import type { NamedCall } from '../results/percall/percall.js';
import { DEFAULT_CALLS, HARMLESS_CALLS, harmlessCall } from './harmless-calls.js';

export const MOST_ARGUMENTS = 6;

/** What is wrong with the text of a call. */
export interface CallFault {
  readonly expected: string;
  readonly got: string;
  /** It is no call at all, whatever its arguments. */
  readonly isNone: boolean;
}

/**
 * `NAME` or `NAME(ARGUMENT,...)`, or the same with a number; a name alone must be one that is known to change nothing.
 */
export function callIn(text: string): NamedCall | CallFault {
  const written = splitCall(text);
  if (written === null || /[A-Z]/.test(written.name))
    return { expected: 'the name or number of a system call', got: `"${text}"`, isNone: true };
  const { name, args } = written;
  if (args !== null) return withArguments(name, args, text);
  return (
    harmlessCall(name) ?? {
      expected: `arguments for ${name}, which may change something, or one of ${HARMLESS_CALLS.join(', ')}`,
      got: `${name} alone`,
      isNone: false,
    }
  );
}

/** Whether {@link callIn} found a fault. */
export const isCallFault = (call: NamedCall | CallFault): call is CallFault => 'expected' in call;

function withArguments(name: string, list: readonly string[], text: string): NamedCall | CallFault {
  if (list.length > MOST_ARGUMENTS)
    return { expected: `at most six arguments in ${text}`, got: String(list.length), isNone: false };
  const args: string[] = [];
  for (const arg of list) {
    // Hexadecimal text stays as it is; a negative number becomes the 64-bit one that the kernel gets.
    const value = arg === '@' || /^(?:\d{1,20}|0x[0-9a-f]{1,16})$/.test(arg) ? arg : argumentValue(arg);
    if (value === null)
      return {
        expected: `decimal or 0x hexadecimal arguments of 64 bits, or @, in ${text}`,
        got: `"${arg}"`,
        isNone: false,
      };
    args.push(value.toString());
  }
  return { name, args };
}

/** The place of the first call that is there already; -1: there is none. */
export const repeatedCall = (calls: readonly NamedCall[]): number =>
  calls.findIndex(({ name }, index) => calls.findIndex((other) => other.name === name) !== index);

/** The calls with `unknown`, which is always priced. */
export const withUnknown = (calls: readonly NamedCall[]): readonly NamedCall[] =>
  calls.some(({ name }) => name === UNKNOWN_CALL.name) ? calls : [...calls, { name: UNKNOWN_CALL.name, args: [] }];

/**
 * Calls that nobody asked for by name: all of the default list, or `unknown`, which is always added. They are left out
 * where a filter would end their caller.
 */
export function droppableIn(texts: readonly string[]): readonly string[] {
  if (texts.join(',') === DEFAULT_CALLS.join(',')) return DEFAULT_CALLS;
  return texts.some((text) => text.trim() === UNKNOWN_CALL.name) ? [] : [UNKNOWN_CALL.name];
}

/** A call as a person writes it. */
export interface CallText {
  /** A name, or a number in decimal. */
  readonly name: string;
  /** `null`: no parentheses. */
  readonly args: readonly string[] | null;
}

/** `openat`, `257`, `0x101` or `openat(0xffffffff,0,0)`; `null` where it is none of these. */
export function splitCall(text: string): CallText | null {
  const [, word, list] = /^([a-z_][a-z0-9_]*|\d{1,10}|0x[0-9a-f]{1,8})(?:\((.*)\))?$/is.exec(text.trim()) ?? [];
  if (word === undefined) return null;
  const name = /^\d/.test(word) ? callNumber(word) : word;
  if (name === null) return null;
  if (list === undefined) return { name, args: null };
  return { name, args: list.trim() === '' ? [] : list.split(',').map((arg) => arg.trim()) };
}

/** In decimal; `null` above the 32 bits of seccomp_data.nr. */
const callNumber = (text: string): string | null => (Number(text) <= MOST_NUMBER ? String(Number(text)) : null);

const MOST_NUMBER = 0xffffffff;

/** An argument of 64 bits: decimal or 0x hexadecimal; -1 is 0xffffffffffffffff. `null` for another text. */
export function argumentValue(text: string): bigint | null {
  const [, sign, digits] = /^(-?)(\d+|0x[0-9a-f]+)$/i.exec(text) ?? [];
  if (digits === undefined) return null;
  const value = BigInt(digits);
  if (sign === '-') return value <= 2n ** 63n ? BigInt.asUintN(64, -value) : null;
  return value < 2n ** 64n ? value : null;
}
