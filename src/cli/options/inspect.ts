import type { Command } from 'commander';
import { invalidValue } from '../../errors.js';
import { INSPECTION_SORTS } from '../../model/filter/inspection.js';
import type { InspectionSort } from '../../model/filter/inspection.js';
import { choice, option } from './option.js';
import { wholeOrNone } from './values.js';

const MOST_ARGUMENTS = 6;
const MOST_UINT64 = 2n ** 64n;
const MOST_ROWS = 999_999;
const MOST_PID = 4_194_304;

export interface RawView {
  readonly section?: string;
  readonly sort: InspectionSort;
  readonly limit?: string;
  readonly call?: string;
  readonly disassemble?: boolean;
}

/** One call to explain: `NAME`, or with arguments; those not given are 0. */
export interface CallQuestion {
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
        '--call <name[,arg...]>',
        'explain one call: the instructions executed for each answer, or for these arguments',
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

function callQuestion(text: string): CallQuestion {
  const [name = '', ...args] = text.split(',').map((part) => part.trim());
  if (args.length > MOST_ARGUMENTS)
    throw invalidValue('--call', `at most ${MOST_ARGUMENTS} arguments`, String(args.length));
  return { name, ...(args.length === 0 ? {} : { args: args.map(argument) }) };
}

function argument(text: string): bigint {
  const value = /^(?:\d+|0x[0-9a-f]+)$/i.test(text) ? BigInt(text) : MOST_UINT64;
  if (value < MOST_UINT64) return value;
  throw invalidValue('--call', 'arguments from 0 to 2^64-1', `"${text}"`, {
    hint: 'For example --call personality,0x20008.',
  });
}

/** `--pid`. Throws `usage`. */
export const parsePid = (text: string | undefined): number | undefined => wholeOrNone('--pid', text, [1, MOST_PID]);
