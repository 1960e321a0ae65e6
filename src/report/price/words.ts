import type { PricedNote } from '../../model/analysis/priced-note.js';
import type { PricedRow, PricedTable, UnpricedRow } from '../../model/analysis/priced-table.js';
import { counted, formatPercent, plain } from '../text/format.js';
import { percallWarningSentence } from '../words/cost/percall.js';

/** A priced table whose notes are sentences, too. */
export interface PricedWithSentences extends Omit<PricedTable, 'notes'> {
  readonly notes: readonly ToldNote[];
}

/** A note with its sentence. */
export type ToldNote = PricedNote & { readonly sentence: string };

export const pricedWithSentences = (priced: PricedTable): PricedWithSentences => ({
  ...priced,
  notes: priced.notes.map((note) => ({ ...note, sentence: noteSentence(note) })),
});

/** What may be wrong with a price, and why. */
export function noteSentence(note: PricedNote): string {
  switch (note.code) {
    case 'table':
      return `The table: ${note.words}.`;
    case 'prices':
      return percallWarningSentence(note.warning);
    case 'otherFilter':
      return `The runtime loaded a filter of ${counted(note.loaded, 'instruction')} for ${note.profile}, and the paths \
counted here are those of one of ${note.built}.`;
    case 'beyondTimed':
      return `${listed(note.calls)}: ${pathWords(note)}, and ${pathWords(note.timed)} were timed, so these prices are \
extrapolated.`;
    case 'logged':
      return `${listed(note.calls)} ${note.calls.length === 1 ? 'is' : 'are'} answered with LOG: writing the record is \
not in the price.`;
  }
}

const pathWords = ({ least, most }: { readonly least: number; readonly most: number }): string =>
  least === most ? counted(most, 'instruction') : `${least} to ${counted(most, 'instruction')}`;

const MOST_NAMED = 8;

/** `a, b, c and 3 more`. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED).join(', ');
  const more = names.length - MOST_NAMED;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** What a reader has to know before any price: calls that do not do what the program asks. */
export function answersSentences({ rows, profile }: PricedTable): readonly string[] {
  const of = (kind: PricedRow['kind']): readonly PricedRow[] => rows.filter((row) => row.kind === kind);
  const told = (some: readonly PricedRow[]): string =>
    listed(some.map(({ call, calls, work }) => `${call} (${counted(calls, 'call')}, ${work.answers.join(' or ')})`));
  const [stopped, denied, depends] = [of('stopped'), of('denied'), of('depends')];
  return [
    ...(stopped.length === 0 ? [] : [`${profile} ends or stops the program at ${told(stopped)}.`]),
    ...(denied.length === 0 ? [] : [`Denied by ${profile}: ${told(denied)}.`]),
    ...(depends.length === 0 ? [] : [`Decided by arguments, which a table does not have: ${told(depends)}.`]),
  ];
}

/** The total in a sentence. */
export function shareSentences({ share, seconds, time, rows }: PricedTable): readonly string[] {
  const hasSpans = rows.some(({ work, against }) => [work, against].some((one) => one !== null && isSpan(one)));
  const whole = seconds === null ? '' : `${plain(seconds, seconds < 10 ? 3 : 0)} s`;
  return [
    ...(share === null ? [] : [`${shareText(share)} of the ${whole} in the table, ${TIME_WORDS[time ?? 'wall']}.`]),
    ...(hasSpans
      ? ['Where arguments decide how far a filter runs, prices are from its shortest to its longest path.']
      : []),
    AFTERWARDS,
  ];
}

const AFTERWARDS =
  'Not in it: the start of the container, time outside of system calls, and what the program does after a call is ' +
  'denied.';

const TIME_WORDS: Readonly<Record<NonNullable<PricedTable['time']>, string>> = {
  strace: 'which strace made longer: CPU time in the kernel, or wall time with -w',
  wall: 'which are wall time from entry to return, waiting included',
};

const isSpan = ({ cached, fewest, most }: PricedRow['work']): boolean => !cached && fewest !== most;

function shareText({ low, high }: NonNullable<PricedTable['share']>): string {
  const [first, last] = [formatPercent(low, 2), formatPercent(high, 2)];
  return first === last ? first : `${first} to ${last}`;
}

const UNPRICED_WORDS: Readonly<Record<UnpricedRow['code'], string>> = {
  otherWordSize: 'calls of another word size',
  unknownCall: 'no system calls of this machine that libseccomp knows',
  nothingLikeIt: 'no call like them was timed',
};

/** Calls that have no price, by the reason. */
export const unpricedSentences = ({ unpriced }: PricedTable): readonly string[] =>
  (['otherWordSize', 'unknownCall', 'nothingLikeIt'] as const).flatMap((code) => {
    const own = unpriced.filter((row) => row.code === code);
    const names = listed(own.map(({ call, calls }) => `${call} (${counted(calls, 'call')})`));
    return own.length === 0 ? [] : [`Not priced, ${UNPRICED_WORDS[code]}: ${names}.`];
  });
