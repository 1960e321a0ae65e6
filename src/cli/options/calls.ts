import type { Command } from 'commander';
import { invalidValue } from '../../errors.js';
import { callIn, droppableIn, isCallFault, repeatedCall, withUnknown } from '../../model/run/call-text.js';
import { DEFAULT_CALLS, MOST_CALLS } from '../../model/run/harmless-calls.js';
import type { NamedCall } from '../../model/results/percall/percall.js';
import { option } from './option.js';

const FORM_HINT =
  'For example --calls getppid,personality, or with your own arguments: --calls "openat(0xffffffff,0,0)"; @ is the ' +
  'address of a buffer.';

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

/** Calls that nobody asked for by name. */
export const droppableCalls = ({ calls }: RawCalls): readonly string[] => droppableIn(calls.split(','));

/**
 * `NAME` or `NAME(ARGUMENT,...)`, separated by commas, and `unknown`, which is always added. A name alone must be one
 * that is known to change nothing. Throws `usage`.
 */
export function parseCalls({ calls: text }: RawCalls): readonly NamedCall[] {
  const calls = text.split(/,(?![^(]*\))/).map((one) => parseCall(one.trim(), text));
  if (calls.length > MOST_CALLS) throw wrong(`at most ${MOST_CALLS} calls`, String(calls.length));
  const twice = calls[repeatedCall(calls)];
  if (twice !== undefined) throw wrong('every call once', `${twice.name} twice`);
  return withUnknown(calls);
}

function parseCall(text: string, all: string): NamedCall {
  const call = callIn(text);
  if (!isCallFault(call)) return call;
  if (call.isNone) throw wrong('names or numbers of system calls, separated by commas', `"${all}"`);
  throw wrong(call.expected, call.got);
}

const wrong = (expected: string, got: string) => invalidValue('--calls', expected, got, { hint: FORM_HINT });
