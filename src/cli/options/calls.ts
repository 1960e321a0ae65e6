import type { Command } from 'commander';
import { invalidValue } from '../../errors.js';
import { DEFAULT_CALLS, HARMLESS_CALLS, harmlessCall, MOST_CALLS } from '../../model/run/harmless-calls.js';
import { UNKNOWN_CALL } from '../../model/results/percall/percall.js';
import type { NamedCall } from '../../model/results/percall/percall.js';
import { option } from './option.js';

const FORM_HINT =
  'For example --calls getppid,personality, or with your own arguments: --calls "openat(0xffffffff,0,0)"; @ is the ' +
  'address of a buffer.';
export const MOST_ARGUMENTS = 6;

export interface RawCalls {
  readonly calls: string;
}

/** `--calls`. */
export function declareCalls(command: Command): Command {
  const preset = DEFAULT_CALLS.join(',');
  return command.addOption(
    option(
      '--calls <list>',
      'system calls to time: names, or NAME(ARGUMENT,...) or NUMBER(ARGUMENT,...)',
      'common',
    ).default(preset, preset),
  );
}

/**
 * Calls that nobody asked for by name: all of the default list, or `unknown`, which is always added. They are left out
 * where a filter would end their caller.
 */
export function droppableCalls({ calls }: RawCalls): readonly string[] {
  if (calls === DEFAULT_CALLS.join(',')) return DEFAULT_CALLS;
  const named = calls.split(',').map((call) => call.trim());
  return named.includes(UNKNOWN_CALL.name) ? [] : [UNKNOWN_CALL.name];
}

/**
 * `NAME` or `NAME(ARGUMENT,...)`, separated by commas, and `unknown`, which is always added. A name alone must be one
 * that is known to change nothing. Throws `usage`.
 */
export function parseCalls({ calls: text }: RawCalls): readonly NamedCall[] {
  const calls = text.split(/,(?![^(]*\))/).map((one) => parseCall(one.trim(), text));
  if (calls.length > MOST_CALLS) throw wrong(`at most ${MOST_CALLS} calls`, String(calls.length));
  const twice = calls.find(({ name }, index) => calls.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw wrong('every call once', `${twice.name} twice`);
  return calls.some(({ name }) => name === UNKNOWN_CALL.name)
    ? calls
    : [...calls, { name: UNKNOWN_CALL.name, args: [] }];
}

function parseCall(text: string, all: string): NamedCall {
  const written = splitCall(text);
  if (written === null || /[A-Z]/.test(written.name))
    throw wrong('names or numbers of system calls, separated by commas', `"${all}"`);
  const { name, args: list } = written;
  if (list !== null) return { name, args: argumentsIn(list, text) };
  const call = harmlessCall(name);
  if (call !== undefined) return call;
  throw wrong(
    `arguments for ${name}, which may change something, or one of ${HARMLESS_CALLS.join(', ')}`,
    `${name} alone`,
  );
}

function argumentsIn(list: readonly string[], text: string): readonly string[] {
  if (list.length > MOST_ARGUMENTS) throw wrong(`at most six arguments in ${text}`, String(list.length));
  return list.map((arg) => {
    // Hexadecimal text stays as it is; a negative number becomes the 64-bit one that the kernel gets.
    if (arg === '@' || /^(?:\d{1,20}|0x[0-9a-f]{1,16})$/.test(arg)) return arg;
    const value = argumentValue(arg);
    if (value === null) throw wrong(`decimal or 0x hexadecimal arguments of 64 bits, or @, in ${text}`, `"${arg}"`);
    return value.toString();
  });
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

const wrong = (expected: string, got: string) => invalidValue('--calls', expected, got, { hint: FORM_HINT });
