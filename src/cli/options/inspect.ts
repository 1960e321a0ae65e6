import type { Command } from 'commander';
import { invalidValue } from '../../errors.js';
import { INSPECTION_SORTS } from '../../model/filter/inspection.js';
import type { InspectionSort } from '../../model/filter/inspection.js';
import { argumentValue, MOST_ARGUMENTS, splitCall } from '../../model/run/call-text.js';
import { choice, option } from './option.js';
import { wholeOrNone } from './values.js';

const MOST_ROWS = 999_999;
const MOST_PID = 4_194_304;

export interface RawView {
  readonly section?: string;
  readonly sort: InspectionSort;
  readonly limit?: string;
  readonly call?: string;
  readonly disassemble?: boolean;
}

/** One call to explain; arguments that are not given are 0. */
export interface CallQuestion {
  /** A name, or a number in decimal. */
  readonly name: string;
  /** Absent: every answer the call can get. */
  readonly args?: readonly bigint[];
}

/** What is shown of a filter. */
export interface ViewOptions {
  /** An architecture by libseccomp's name, or `all`; `null`: the machine's own. */
  readonly section: string | null;
  readonly sort: InspectionSort;
  /** Rows; 0: all; `null`: the default of the view. */
  readonly limit: number | null;
  readonly call: CallQuestion | null;
  readonly disassemble: boolean;
}

/** `--section`, `--sort`, `--limit`, `--call`, `--disassemble`. */
export function declareView(command: Command): Command {
  return command
    .addOption(
      choice('--sort <view>', 'which calls to list, and in which order', 'common', {
        values: INSPECTION_SORTS,
        kind: 'a view',
      }).default('dearest'),
    )
    .addOption(option('--limit <n>', 'rows to list, 0 for all (default: 20 for dearest, otherwise all)', 'common'))
    .addOption(
      option(
        '--call <call>',
        'explain one call, by name or number: the instructions executed for each answer, or for the arguments in ' +
          'NAME(ARGUMENT,...)',
        'common',
      ),
    )
    .addOption(option('--disassemble', 'print the filter with names', 'common'))
    .addOption(
      option('--section <arch>', "architecture to list: libseccomp's name, or all (default: the machine's)", 'filter'),
    );
}

/** Throws `usage`. */
export const parseView = ({ section, sort, limit, call, disassemble = false }: RawView): ViewOptions => ({
  section: section ?? null,
  sort,
  limit: wholeOrNone('--limit', limit, [0, MOST_ROWS]) ?? null,
  call: call === undefined ? null : callQuestion(call),
  disassemble,
});

/** `NAME`, `NUMBER`, either with `(ARGUMENT,...)`, or `NAME,ARGUMENT,...`. */
function callQuestion(text: string): CallQuestion {
  const [first = '', ...rest] = text.includes('(') ? [text] : text.split(',').map((part) => part.trim());
  const call = splitCall(first);
  if (call === null) throw wrongCall('the name or the number of a system call', text);
  const args = call.args ?? rest;
  if (args.length > MOST_ARGUMENTS) throw wrongCall(`at most ${MOST_ARGUMENTS} arguments`, String(args.length));
  const hasArguments = call.args !== null || args.length > 0;
  return { name: call.name, ...(hasArguments ? { args: args.map(argument) } : {}) };
}

function argument(text: string): bigint {
  const value = argumentValue(text);
  if (value === null) throw wrongCall('arguments from -2^63 to 2^64-1', text);
  return value;
}

const wrongCall = (expected: string, got: string) =>
  invalidValue('--call', expected, /^\d$/.test(got) ? got : `"${got}"`, {
    hint: 'For example --call personality, --call 257 or --call "personality(0x20008)".',
  });

/** `--pid`. Throws `usage`. */
export const parsePid = (text: string | undefined): number | undefined => wholeOrNone('--pid', text, [1, MOST_PID]);
