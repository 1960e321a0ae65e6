import type { Amount, FilterCost, WorkloadAnalysis } from '../../model/analysis/workload-analysis.js';
import { amountText } from '../text/format.js';
import { metricWords } from './names.js';

/** What a program's calls should cost, and what was measured, with the sentence of every cost. */
export interface WorkloadWithSentences extends WorkloadAnalysis {
  readonly costs: readonly (FilterCost & { readonly sentence: string })[];
}

export const workloadWithSentences = (workload: WorkloadAnalysis): WorkloadWithSentences => ({
  ...workload,
  costs: workload.costs.map((cost) => ({ ...cost, sentence: costSentence(cost) })),
});

/** What an arm costs, what was predicted, and whether the two agree. */
export function costSentence(cost: FilterCost): string {
  const { arm, baseline, metric, measured } = cost;
  if (measured === null) return `${arm} against ${baseline}: no block is complete, so there is nothing to explain.`;
  const [amount, more] = measured.ns < 0 ? [negated(measured), 'less'] : [measured, 'more'];
  return `${arm} takes ${amountText(amount)} ${more} ${metricWords(metric, 'sequential')} than ${baseline}. \
${predictionSentence(cost, measured)}`;
}

function predictionSentence({ start, calls, predicted, agree }: FilterCost, measured: Amount): string {
  if (predicted === null || start === null || calls === null) {
    const known = [
      ...(start === null ? [] : [`${amountText(start)} of that when it starts`]),
      ...(calls === null ? [] : [`${amountText(calls)} of that for its system calls`]),
    ];
    return known.length === 0 ? 'Nothing was predicted.' : `Predicted: ${known.join(' and ')}.`;
  }
  const sum = `Predicted: ${amountText(predicted)}, ${amountText(start)} to start and ${amountText(calls)} for its \
system calls.`;
  if (agree === null) return `${sum} Too few blocks to compare the two.`;
  if (agree) return `${sum} The two agree.`;
  return measured.ns > predicted.ns
    ? `${sum} Filtering system calls does not explain the rest.`
    : `${sum} It costs less than predicted.`;
}

const negated = ({ ns, low, high }: Amount): Amount => ({
  ns: -ns,
  low: high === null ? null : -high,
  high: low === null ? null : -low,
});
