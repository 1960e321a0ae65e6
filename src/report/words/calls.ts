import type {
  CallAnalysis,
  CallComparison,
  CallDifference,
  ClientSigns,
  DifferenceState,
  Spread,
} from '../../model/analysis/call-analysis.js';
import { CALL_PARTS } from '../../model/results/syscalls.js';
import type { CallPart } from '../../model/results/syscalls.js';
import { ARROW } from '../text/format.js';

/** A sentence names at most this many calls; the table has all. */
const MOST_NAMED = 4;

/** `40`, or `38..44` where it varies. */
export const spreadWords = ({ min, max }: Spread): string => (min === max ? String(min) : `${min}..${max}`);

/** What a comparison of counts came to, one sentence per part. */
export function callSentences(comparison: CallComparison): readonly string[] {
  const { calls, repeats } = comparison;
  return [
    ...CALL_PARTS.filter((part) => calls.some((one) => one.part === part)).map((part) =>
      partSentence(part, comparison),
    ),
    ...(repeats === 1 ? ['One of the two was counted once, so differences may be variation between runs.'] : []),
  ];
}

/** A comparison with its sentences, as JSON output has it. */
export interface ComparisonWithSentence extends CallComparison {
  readonly sentences: readonly string[];
}

export const comparisonWithSentence = (comparison: CallComparison): ComparisonWithSentence => ({
  ...comparison,
  sentences: callSentences(comparison),
});

/** A run's counts with the sentences of their comparisons. */
export interface CallsWithSentences extends CallAnalysis {
  readonly comparisons: readonly ComparisonWithSentence[];
}

export const callsWithSentences = (calls: CallAnalysis): CallsWithSentences => ({
  ...calls,
  comparisons: calls.comparisons.map(comparisonWithSentence),
});

/** `runtime: 61 of 92 calls have the same count in every run of both; 2 differ exactly: mmap 40 → 36, ...`. */
function partSentence(part: CallPart, { calls, operations, repeats }: CallComparison): string {
  const own = calls.filter((one) => one.part === part);
  const of = (state: DifferenceState): readonly CallDifference[] => own.filter((one) => one.state === state);
  const [differing, apart, overlapping] = [of('differs'), of('apart'), of('overlaps')];
  const asked = operations.filter((one) => one.part === part && one.state !== 'same');
  const verb = (all: readonly CallDifference[], one: string, many: string): string =>
    `${all.length} ${all.length === 1 ? one : many}`;
  return `${[
    `${part}: ${of('same').length} of ${own.length} calls have the same count in ${
      repeats === 1 ? 'both' : 'every run of both'
    }`,
    ...(differing.length === 0
      ? []
      : [`${verb(differing, 'differs', 'differ')}${repeats === 1 ? '' : ' exactly'}: ${named(differing)}`]),
    ...(apart.length === 0
      ? []
      : [`${verb(apart, 'varies', 'vary')} between runs, but less than between the arms: ${named(apart)}`]),
    ...(overlapping.length === 0
      ? []
      : [`${verb(overlapping, 'varies', 'vary')} between runs by as much as between the arms`]),
    ...(asked.length === 0 ? [] : [`seccomp, prctl and bpf: ${named(asked)}`]),
  ].join('; ')}.`;
}

function named(differences: readonly CallDifference[]): string {
  const shown = differences.slice(0, MOST_NAMED).map((one) => `${one.name} ${changeWords(one)}`);
  const more = differences.length - MOST_NAMED;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

function changeWords({ before, after, errorsBefore, errorsAfter }: CallDifference): string {
  const calls = `${spreadWords(before)} ${ARROW} ${spreadWords(after)}`;
  if (before.min !== after.min || before.max !== after.max || errorsBefore === null || errorsAfter === null)
    return calls;
  return `${calls} (errors ${spreadWords(errorsBefore)} ${ARROW} ${spreadWords(errorsAfter)})`;
}

/** Why counts are not those of a container, as a clause. */
export function clientWords({ code, making, talking, go }: ClientSigns): string {
  const none = `none of the calls that create a container (${making.join(', ')}) are among them`;
  switch (code) {
    case 'nothingMade':
      return `these are not the counts of a container: ${none}`;
    case 'madeByOthers':
      return `the counted processes did not create the container: ${none}`;
    case 'client': {
      const signs = [
        `those of a Go program such as the docker client (${go.join(', ')})`,
        ...(talking.length === 0 ? [] : [`those of a client that talks to a daemon (${talking.join(', ')})`]),
      ];
      return `these are the calls of the docker client, or one like it, not of the container: ${none}, but \
${signs.join(' and ')} are. The daemon creates the container, and strace does not follow the client there`;
    }
  }
}
