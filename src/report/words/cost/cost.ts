import type { Verdict } from '../../../model/analysis/analysis.js';
import type { Amount, FilterCost, WorkloadAnalysis } from '../../../model/analysis/workload-analysis.js';
import { amountText, plain } from '../../text/format.js';
import { metricWords } from '../names.js';
import { shareText } from './share.js';

/** What a program's calls should cost, and what was measured, with the sentence of every cost. */
export interface WorkloadWithSentences extends WorkloadAnalysis {
  readonly costs: readonly (FilterCost & { readonly sentence: string })[];
}

export const workloadWithSentences = (workload: WorkloadAnalysis): WorkloadWithSentences => ({
  ...workload,
  costs: workload.costs.map((cost) => ({ ...cost, sentence: costSentence(cost) })),
});

/**
 * What an arm costs a run or a request, first in absolute terms; then what of that was predicted, and whether the two
 * agree: `Under default this service pays 0.42 µs [0.31, 0.53] of CPU time per request (1.2 % [0.9, 1.5]) for its
 * filter: 0.20 µs [0.18, 0.22] of that for 4.1 futex calls that the kernel does not cache.`
 */
export function costSentence(cost: FilterCost): string {
  const { arm, baseline, measured } = cost;
  if (measured === null) return `${arm} against ${baseline}: too few blocks are complete, so the cost is not known.`;
  return `${absoluteSentence(cost, measured)} ${predictionSentence(cost, measured)}`;
}

/**
 * The first sentence of a cost, where it says the same as a verdict by ratios: both slower, both faster, or neither
 * shown; else `null`.
 */
export function costLikeVerdict(cost: FilterCost, verdict: Verdict): string | null {
  const { measured } = cost;
  const { low = null, high = null } = measured ?? {};
  if (measured === null || low === null || high === null) return null;
  const agrees = {
    slower: low > 0,
    faster: high < 0,
    equivalent: true,
    inconclusive: low <= 0 && high >= 0,
    invalid: false,
    described: false,
    functional: false,
  } satisfies Record<Verdict, boolean>;
  return agrees[verdict] ? absoluteSentence(cost, measured) : null;
}

function absoluteSentence(cost: FilterCost, measured: Amount): string {
  const { arm, baseline, metric, thing, share, unfiltered } = cost;
  const what = thing === 'request' ? 'this service' : 'this program';
  const relative = (factor: 1 | -1): string =>
    share === null ? '' : ` (${shareText(factor === 1 ? share : lessOf(share))})`;
  const perThing = `of ${metricWords(metric, 'sequential')} per ${thing}`;
  if (measured.high !== null && measured.high < 0)
    return `Under ${arm} ${what} takes ${amountText(lessNs(measured))} ${perThing}${relative(-1)} less than under \
${baseline}.${unfiltered ? ' A filter does not explain that.' : ''}`;
  const pays = `${costText(measured)} ${perThing}${relative(1)}`;
  const why = unfiltered ? ' for its filter' : ` more than under ${baseline}`;
  if (measured.low === null)
    return measured.ns < 0
      ? `Under ${arm} ${what} takes ${costText(lessNs(measured))} ${perThing} less than under ${baseline}, in too \
few blocks for an interval.`
      : `Under ${arm} ${what} pays ${pays}${why}, in too few blocks for an interval.`;
  if (measured.low <= 0)
    return `Under ${arm} no cost for ${what} is told from chance: ${amountText(measured)} ${perThing}${relative(1)}.`;
  return `Under ${arm} ${what} pays ${pays}${why}${uncachedClause(cost, measured)}.`;
}

/** Without an interval two digits are enough. */
const costText = (amount: Amount): string =>
  amount.low === null
    ? amountText({ ...amount, ns: Number(amount.ns.toPrecision(2)) }).replace(/\.0+ /, ' ')
    : amountText(amount);

/** Less of the cost than that is not worth a word. */
const LEAST_TOLD = 0.01;

/** The call that explains most, where it is a part of what was measured. */
function uncachedClause({ uncached }: FilterCost, measured: Amount): string {
  if (uncached === null || !((uncached.amount.low ?? 0) > 0)) return '';
  if (uncached.amount.ns > measured.ns || uncached.amount.ns < LEAST_TOLD * measured.ns) return '';
  return `: ${amountText(uncached.amount)} of that for ${uncachedWords(uncached)}`;
}

const uncachedWords = ({ call, calls }: NonNullable<FilterCost['uncached']>): string =>
  `${callsText(calls)} ${call} ${calls === 1 ? 'call' : 'calls'} that the kernel does not cache`;

/** Whole numbers as they are, small means with two digits. */
const callsText = (calls: number): string =>
  Number.isInteger(calls) || calls >= 100 ? plain(calls, 0) : String(Number(calls.toPrecision(2)));

function predictionSentence(cost: FilterCost, measured: Amount): string {
  const { start, calls, predicted, agree, thing } = cost;
  if (predicted === null) {
    const known = [
      ...(start === null ? [] : [`${amountText(start)} of that when it starts`]),
      ...(calls === null ? [] : [`${amountText(calls)} of that for its system calls`]),
    ];
    return known.length === 0
      ? 'How much of that its system calls cost is not known: they were not counted or not priced.'
      : `Predicted: ${known.join(' and ')}.`;
  }
  const sum =
    thing === 'request' || start === null || calls === null
      ? `Predicted from its system calls: ${amountText(predicted)}${cachedWords(cost)}.`
      : `Predicted: ${amountText(predicted)}, ${amountText(start)} to start and ${amountText(calls)} for its system \
calls.`;
  if (agree === null) return `${sum} Too few blocks to compare the two.`;
  if (agree) return `${sum} The two agree.`;
  return measured.ns > predicted.ns
    ? `${sum} Filtering system calls does not explain the rest.`
    : `${sum} It costs less than predicted.`;
}

const cachedWords = ({ cachedShare, uncached }: FilterCost): string =>
  cachedShare === null || uncached !== null ? '' : ', all of which the kernel caches';

const lessNs = ({ ns, low, high }: Amount): Amount => ({
  ns: -ns,
  low: high === null ? null : -high,
  high: low === null ? null : -low,
});

const lessOf = ({ share, low, high }: NonNullable<FilterCost['share']>): NonNullable<FilterCost['share']> => ({
  share: -share,
  low: high === null ? null : -high,
  high: low === null ? null : -low,
});
