import type { AnalysedRun, Comparison, Metric, Verdict } from '../../model/analysis/analysis.js';
import { isTimed } from '../../model/analysis/judgement.js';
import { countedChanges } from './findings.js';
import { estimateText, marginText } from '../text/format.js';
import { blockWords, metricWords, otherByFamily, rolesOf, verdictWords } from '../text/words.js';

/** What is said of one arm at the top of a report. */
export interface Headline {
  readonly arm: string;
  /** Of the primary metric. */
  readonly verdict: Verdict;
  /** Which that is: CPU time, or wall time where no CPU time was recorded. */
  readonly decides: Metric;
  readonly claim: string;
  /** The figures of every metric, one after the other; of an emulated run what is counted. */
  readonly figures: string;
  readonly because: string;
}

/** One headline per compared arm, the primary metric deciding the verdict. */
export function headlinesOf(analysed: AnalysedRun): readonly Headline[] {
  return rolesOf(analysed).compared.flatMap((arm) => {
    const ofArm = analysed.analysis.comparisons.filter((comparison) => comparison.arm === arm);
    const primary = primaryOf(ofArm);
    return primary === undefined
      ? []
      : [
          {
            arm,
            verdict: primary.verdict,
            decides: primary.metric,
            // Among all rows of the report it may be chance.
            claim: `${claimOf(primary, analysed)}${otherByFamily(primary) === null ? '' : ', taken alone'}`,
            figures:
              primary.verdict === 'functional'
                ? countedOf(arm, analysed)
                : ofArm
                    .filter(({ metric }) => isTimed(metric))
                    .map((comparison) => figureOf(comparison, primary.verdict, analysed))
                    .join(', '),
            because: primary.because,
          },
        ];
  });
}

/** CPU time; wall time where no CPU time was recorded, because a daemon did the work. */
function primaryOf(ofArm: readonly Comparison[]): Comparison | undefined {
  const [first] = ofArm;
  const isMissing = first?.estimate === null && first.verdict !== 'invalid';
  if (!isMissing) return first;
  return ofArm.find(({ metric, estimate }) => metric === 'wall' && estimate !== null) ?? first;
}

function claimOf(comparison: Comparison, { run, analysis }: AnalysedRun): string {
  const { arm, baseline, estimate, verdict } = comparison;
  if (verdict === 'invalid') return invalidClaim(comparison);
  if (estimate === null) return `${arm} and ${baseline} cannot be compared: no block is complete`;
  switch (verdict) {
    case 'faster':
      return `${arm} is faster than ${baseline}`;
    case 'slower':
      return `${arm} is slower than ${baseline}`;
    case 'equivalent':
      return `${arm} costs the same as ${baseline} within ${marginText(analysis.margin)}`;
    case 'inconclusive':
      return `no difference between ${arm} and ${baseline} is resolved`;
    case 'functional':
      return `${arm} and ${baseline} both work here; no verdict, because an emulator's times mean nothing`;
    case 'described':
      return `no verdict on ${arm}: ${blockWords(run.plan.scenario, analysis.blocksComplete)} are too few`;
  }
}

function invalidClaim({ arm, baseline, control, invalid }: Comparison): string {
  switch (invalid) {
    case 'treatment':
      return `this run proves nothing of ${arm}: its containers did not run with the filters they are named after`;
    case 'failures':
      return `this run proves nothing of ${arm}: containers failed in one arm more than in the others`;
    case 'tooFewBlocks':
      return `this run proves nothing of ${arm}: too few of the planned blocks were completed`;
    case 'control':
    case null:
      return `this run proves nothing: ${control ?? 'the control'} and ${baseline} are the same and yet differ`;
  }
}

const countedOf = (arm: string, { analysis: { exact } }: AnalysedRun): string =>
  countedChanges(exact.filter((one) => one.arm === arm)) || 'nothing that is counted differs';

function figureOf(comparison: Comparison, headline: Verdict, { run, analysis: { margin } }: AnalysedRun): string {
  const { metric, estimate, verdict } = comparison;
  const together = otherByFamily(comparison);
  const remarks = [
    ...(verdict === headline ? [] : [verdictWords(comparison, margin)]),
    ...(together === null ? [] : [`by Holm ${verdictWords({ metric, verdict: together }, margin)}`]),
  ];
  return `${metricWords(metric, run.plan.scenario.kind)} ${estimateText(estimate)}${remarks.length === 0 ? '' : ` (${remarks.join('; ')})`}`;
}
