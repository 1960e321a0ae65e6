import type { Analysis, Comparison, Estimate, Verdict } from '../../../model/analysis/analysis.js';
import type { Amount, FilterCost, WorkloadAnalysis } from '../../../model/analysis/workload-analysis.js';
import { amountText, estimateText, formatCount } from '../../text/format.js';
import { metricWords } from '../names.js';
import { shareText } from './share.js';

/** What a program's calls should cost, and what was measured, with the sentence of every cost. */
export interface WorkloadWithSentences extends WorkloadAnalysis {
  readonly costs: readonly (FilterCost & { readonly sentence: string })[];
}

export const workloadWithSentences = (
  workload: WorkloadAnalysis,
  comparisons: Analysis['comparisons'],
): WorkloadWithSentences => ({
  ...workload,
  costs: workload.costs.map((cost) => ({ ...cost, sentence: costSentence(cost, ratioOf(cost, comparisons)) })),
});

/** The estimate that the verdict on the same arm rests on. */
export const ratioOf = ({ arm, baseline, metric }: FilterCost, comparisons: Analysis['comparisons']): Estimate | null =>
  comparisons.find((one) => one.arm === arm && one.baseline === baseline && one.metric === metric)?.estimate ?? null;

/**
 * What an arm costs a run or a request, first in absolute terms; then what of that was predicted, and whether the two
 * agree: `Under default this service pays 0.42 µs [0.31, 0.53] of CPU time per request (1.2 % [0.9, 1.5]) for its
 * filter: 0.20 µs [0.18, 0.22] of that for 4.1 futex calls that the kernel does not cache.` Where `ratio`, which the
 * verdict rests on, says something else, which of the two is which.
 */
export function costSentence(cost: FilterCost, ratio: Estimate | null): string {
  const { arm, baseline, measured } = cost;
  if (measured === null) return `${arm} against ${baseline}: too few blocks are complete, so the cost is not known.`;
  const said = [absoluteSentence(cost, measured, ratio), ratioSentence(measured, ratio)];
  return [...said, predictionSentence(cost, measured)].filter((words) => words !== '').join(' ');
}

type Side = 'more' | 'less' | 'open';

/** To which side of zero an interval lies; without one that is open. */
function sideOf({ low, high }: Pick<Amount, 'low' | 'high'>): Side {
  if (low !== null && low > 0) return 'more';
  return high !== null && high < 0 ? 'less' : 'open';
}

/** Amounts of time and ratios are different estimates of one effect: nobody should be left with two that disagree. */
function ratioSentence(measured: Amount, ratio: Estimate | null): string {
  if (ratio === null) return '';
  const [amount, verdict] = [sideOf(measured), sideOf(ratio)];
  if (amount === verdict) return '';
  const text = estimateText(ratio);
  const why = 'which counts every block alike; in an amount of time slow blocks count more';
  if (verdict === 'open')
    return `By the ratio within each block, on which the verdict rests, that is not decided: ${text}.`;
  return amount === 'open'
    ? `The verdict (${text}) rests on the ratio within each block, ${why}.`
    : `The verdict points to the other side (${text}): it rests on the ratio within each block, ${why}.`;
}

const DECIDED: ReadonlySet<Verdict> = new Set(['slower', 'faster', 'equivalent', 'inconclusive']);

/** The first sentence of a cost, where it says the same as the verdict, which rests on ratios; else `null`. */
export function costLikeVerdict(cost: FilterCost, { verdict, estimate }: Comparison): string | null {
  const { measured } = cost;
  if (!DECIDED.has(verdict) || estimate === null || measured === null) return null;
  if (measured.low === null) return null;
  return sideOf(measured) === sideOf(estimate) ? absoluteSentence(cost, measured, estimate) : null;
}

function absoluteSentence(cost: FilterCost, measured: Amount, ratio: Estimate | null): string {
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
  if (measured.low === null) {
    const isMixed = ratio !== null && ratio.logRatio * measured.ns < 0;
    return `Under ${arm} it is not decided whether ${what} pays anything${why}: ${
      isMixed
        ? `in so few blocks amounts and ratios of ${metricWords(metric, 'sequential')} point to different sides`
        : `${pays}, in too few blocks for an interval`
    }.`;
  }
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
  Number.isInteger(calls) || calls >= 100 ? formatCount(Math.round(calls)) : String(Number(calls.toPrecision(2)));

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
