import type { Command } from 'commander';
import { invalidValue } from '../../errors.js';
import { DEFAULT_CALLS, HARMLESS_CALLS, harmlessCall, MOST_CALLS } from '../../model/run/harmless-calls.js';
import { UNKNOWN_CALL } from '../../model/results/percall.js';
import type { NamedCall } from '../../model/results/percall.js';
import { option } from './option.js';

const FORM_HINT =
  'For example --calls getppid,personality, or with your own arguments: --calls "openat(0xffffffff,0,0)"; @ is the ' +
  'address of a buffer.';
const MOST_ARGUMENTS = 6;

export interface RawCalls {
  readonly calls: string;
}

/** `--calls`. */
export function declareCalls(command: Command): Command {
  const preset = DEFAULT_CALLS.join(',');
  return command.addOption(
    option('--calls <list>', 'system calls to time: names, or NAME(ARGUMENT,...)', 'common').default(preset, preset),
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
  const [, name, list] = /^([a-z_][a-z0-9_]*)(?:\((.*)\))?$/s.exec(text) ?? [];
  if (name === undefined) throw wrong('names of system calls, separated by commas', `"${all}"`);
  if (list !== undefined) return { name, args: argumentsIn(list, text) };
  const call = harmlessCall(name);
  if (call !== undefined) return call;
  throw wrong(
    `arguments for ${name}, which may change something, or one of ${HARMLESS_CALLS.join(', ')}`,
    `${name} alone`,
  );
}

function argumentsIn(list: string, text: string): readonly string[] {
  const args = list.trim() === '' ? [] : list.split(',').map((arg) => arg.trim());
  const bad = args.find((arg) => !/^(?:\d{1,20}|0x[0-9a-f]{1,16}|@)$/.test(arg));
  if (bad !== undefined)
    throw wrong(`decimal or 0x hexadecimal arguments without a sign, or @, in ${text}`, `"${bad}"`);
  if (args.length > MOST_ARGUMENTS) throw wrong(`at most six arguments in ${text}`, String(args.length));
  return args;
}

const wrong = (expected: string, got: string) => invalidValue('--calls', expected, got, { hint: FORM_HINT });
