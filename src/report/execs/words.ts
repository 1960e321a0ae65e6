import type { AnalysedRun } from '../../model/analysis/analysis.js';
import type { ExecAnalysis, ExecCost, ShareEstimate } from '../../model/analysis/workload-analysis.js';
import type { ArmEvidence } from '../../model/run/evidence.js';
import type { ExecFilterOrigin } from '../../model/run/evidence.js';
import { counted, formatBudget } from '../text/format.js';
import { engineNames } from '../words/run.js';
import { shareText } from '../words/cost/share.js';

/** What execs cost in nanoseconds, with the same in words. */
export interface ExecsWithSentences extends ExecAnalysis {
  readonly sentences: readonly string[];
}

/** `null` where starts were timed. */
export const execsWithSentences = (analysed: AnalysedRun): ExecsWithSentences | null =>
  analysed.analysis.execs === undefined ? null : { ...analysed.analysis.execs, sentences: execSentences(analysed) };

/** What probes cost, and how the runtime came to the filters, in whole sentences; none where starts were timed. */
export function execSentences(analysed: AnalysedRun): readonly string[] {
  const { execs } = analysed.analysis;
  return execs === undefined
    ? []
    : [...probeSentences(analysed, execs), ...originSentences(analysed), ...otherFilterSentences(analysed)];
}

/** `A probe every 10 s in 100 containers costs 3.1 % of one CPU [2.9, 3.3]; the filter is 61 % of that [59, 63].` */
function probeSentences({ run }: AnalysedRun, { costs, probes }: ExecAnalysis): readonly string[] {
  if (probes === null) return [];
  const { containers, everyMs } = probes;
  const what = `A probe every ${intervalWords(everyMs)} in ${counted(containers, 'container')}`;
  if (probes.costs.length === 0)
    return [
      `${what}: its share of a CPU is not known, because the daemon of ${engineNames(run.plan.engine)} does the work \
and its CPU time is not seen.`,
    ];
  const told = run.plan.scenario.arms.filter(({ copyOf, policy }) => copyOf === undefined && policy !== 'unconfined');
  const arms = told.length === 0 ? run.plan.scenario.arms.slice(0, 1) : told;
  return probes.costs
    .filter(({ arm }) => arms.some(({ name }) => name === arm))
    .map(({ arm, ...share }) => {
      const filter = costs.find((one) => one.arm === arm)?.filter ?? null;
      return `${what} costs ${shareOf(share, 'one CPU')} under ${arm}${filterWords(filter)}.`;
    });
}

/** `10 s`, `500 ms`, `2 min`. */
export const intervalWords = (everyMs: number): string => (everyMs < 1000 ? `${everyMs} ms` : formatBudget(everyMs));

/** `3.1 % of one CPU [2.9, 3.3]`. */
function shareOf(share: ShareEstimate, whole: string): string {
  const [value = '', interval] = shareText(share).split(' [');
  return interval === undefined ? `${value} of ${whole}` : `${value} of ${whole} [${interval}`;
}

function filterWords(filter: ExecCost['filter']): string {
  if (filter === null) return '';
  const isSeen = filter.low === null || filter.low > 0;
  return isSeen
    ? `; the filter is ${shareOf(filter, 'that')}`
    : `; no share of the filter is told from chance (${shareText(filter)})`;
}

/** What a trace of one exec of each arm showed, arms with the same answer together. */
function originSentences({ run }: AnalysedRun): readonly string[] {
  const byWords = new Map<string, readonly string[]>();
  for (const { arm, exec } of originals(run.evidence, run.plan.scenario.arms)) {
    if (exec === undefined || exec.origin.kind === 'none') continue;
    const words = originClause(exec.origin);
    byWords.set(words, [...(byWords.get(words) ?? []), arm]);
  }
  return [...byWords].map(([words, arms]) => `${words} (${arms.join(', ')}).`);
}

const originals = (
  evidence: readonly ArmEvidence[],
  arms: AnalysedRun['run']['plan']['scenario']['arms'],
): readonly ArmEvidence[] =>
  evidence.filter(({ arm }) => arms.some(({ name, copyOf }) => name === arm && copyOf === undefined));

function originClause(origin: Exclude<ExecFilterOrigin, { readonly kind: 'none' }>): string {
  switch (origin.kind) {
    case 'built':
      return 'The runtime was seen to build the filter anew at an exec';
    case 'stored':
      return `The runtime was seen to read a stored filter, ${origin.file}, at an exec`;
    case 'notSeen':
      return `Whether the runtime builds the filter at every exec was not seen: ${origin.reason}`;
  }
}

/** An origin in a narrow cell. */
export function originCell(origin: ExecFilterOrigin): string {
  switch (origin.kind) {
    case 'built':
      return 'built at the exec';
    case 'stored':
      return `read from ${origin.file}`;
    case 'none':
      return 'no filter';
    case 'notSeen':
      return 'not seen';
  }
}

/** Arms whose exec got other filters than its container has. */
function otherFilterSentences({ run }: AnalysedRun): readonly string[] {
  return run.evidence.flatMap(({ arm, loaded, exec }) => {
    if (exec?.container.state !== 'seen' || loaded.state !== 'seen') return [];
    const lengths = [loaded, exec.container].map(({ programs }) =>
      programs.map(({ instructions }) => instructions).join(' + '),
    );
    return lengths[0] === lengths[1]
      ? []
      : [
          `An exec of ${arm} loads other filters than its container: ${lengths[0] ?? ''} instructions, and \
${lengths[1] ?? ''}.`,
        ];
  });
}
