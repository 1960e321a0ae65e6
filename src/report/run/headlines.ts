import type { AnalysedRun, Comparison, Metric, Verdict } from '../../model/analysis/analysis.js';
import type { FilterCache } from '../../model/run/scenario.js';
import type { ArmRoles } from '../words/run.js';
import { isTimed } from '../../model/analysis/judgement.js';
import { answerOf, type Answer } from '../words/answer.js';
import { countedChanges } from './findings.js';
import { estimateText, marginText } from '../text/format.js';
import { costLikeVerdict } from '../words/cost/cost.js';
import { loadedSentence } from '../words/loaded-filters.js';
import { metricWords } from '../words/names.js';
import { blockWords, cacheOf, otherByFamily, rolesOf, tellingOf, verdictWords } from '../words/run.js';
import { verdictSentence } from '../words/verdict.js';

/** One arm at the top of a report. */
export interface Headline extends Answer {
  readonly arm: string;
  /** The arm that it is compared with. */
  readonly baseline: string;
  /** Of the primary metric. */
  readonly verdict: Verdict;
  /** Which that is: CPU time, or wall time where no CPU time was recorded. */
  readonly decides: Metric;
  readonly claim: string;
  /** The figures of every metric, one after the other; of an emulated run what is counted. */
  readonly figures: string;
  readonly because: string;
  /** Whether the arm's starts found a compiled filter; `null` where its runtime keeps none. */
  readonly cache: FilterCache | null;
  /** What its containers and those of the baseline were seen to load; `null`: the verdict is not about that. */
  readonly loaded: string | null;
}

/** One headline per compared arm, the primary metric deciding the verdict. */
export function headlinesOf(analysed: AnalysedRun): readonly Headline[] {
  return rolesOf(analysed).compared.flatMap((arm) => {
    const ofArm = analysed.analysis.comparisons.filter((comparison) => comparison.arm === arm);
    const primary = primaryOf(ofArm);
    if (primary === undefined) return [];
    // Among all tests of the report it may be chance.
    const remarks = `${stateWords(cacheOf(analysed, arm))}${
      otherByFamily(primary) === null ? '' : ', when tested alone'
    }${breakWords(arm, analysed)}`;
    const claim = `${claimOf(primary, analysed)}${remarks}`;
    return [
      {
        arm,
        baseline: primary.baseline,
        verdict: primary.verdict,
        decides: primary.metric,
        claim,
        figures:
          primary.verdict === 'functional'
            ? countedOf(arm, analysed)
            : ofArm
                .filter(({ metric }) => isTimed(metric))
                .map((comparison) => figureOf(comparison, primary.verdict, analysed))
                .join(', '),
        ...answerOf(primary, analysed, claim, remarks),
        ...absoluteAnswer(primary, analysed, remarks),
        because: verdictSentence(primary, tellingOf(analysed)),
        cache: cacheOf(analysed, arm),
        loaded: loadedSentence(proofOf(analysed), arm, primary.baseline),
      },
    ];
  });
}

/** Of a program: what it pays, before any ratio. */
function absoluteAnswer(primary: Comparison, { analysis }: AnalysedRun, remarks: string): { answer?: string } {
  const { arm, baseline, metric } = primary;
  const cost = analysis.workload?.costs.find(
    (one) => one.arm === arm && one.baseline === baseline && one.metric === metric,
  );
  const said = cost === undefined || remarks !== '' ? null : costLikeVerdict(cost, primary);
  return said === null ? {} : { answer: said };
}

/** An effect that changed where the run was resumed is no effect of the arm alone. */
function breakWords(arm: string, { analysis: { warnings } }: AnalysedRun): string {
  const changed = warnings.some((warning) => warning.code === 'effectAtBreak' && warning.arm === arm);
  return changed ? '; its effect changed where the run was resumed' : '';
}

const proofOf = ({ run: { plan, evidence } }: AnalysedRun) => ({ arms: plan.scenario.arms, evidence });
const stateWords = (cache: FilterCache | null): string => (cache === null ? '' : ` (${cache} starts)`);

/** CPU time; wall time where no CPU time was recorded, because a daemon did the work. */
function primaryOf(ofArm: readonly Comparison[]): Comparison | undefined {
  const [first] = ofArm;
  const isMissing = first?.estimate === null && first.verdict !== 'invalid';
  if (!isMissing) return first;
  return ofArm.find(({ metric, estimate }) => metric === 'wall' && estimate !== null) ?? first;
}

function claimOf(comparison: Comparison, analysed: AnalysedRun): string {
  const { run, analysis } = analysed;
  const { arm, baseline, estimate, verdict } = comparison;
  if (verdict === 'invalid') return invalidClaim(comparison, rolesOf(analysed));
  if (estimate === null) return `${arm} and ${baseline} cannot be compared: no block is complete`;
  switch (verdict) {
    case 'faster':
      return `${arm} is faster than ${baseline}`;
    case 'slower':
      return `${arm} is slower than ${baseline}`;
    case 'equivalent':
      return `${arm} costs the same as ${baseline} within ${marginText(analysis.margin)}`;
    case 'inconclusive':
      return `No difference between ${arm} and ${baseline} is shown`;
    case 'functional':
      return `${arm} and ${baseline} both work; no verdict, because the times come from an emulator`;
    case 'described':
      return `${arm} has too few blocks for a verdict (${blockWords(run.plan.scenario, analysis.blocksComplete)})`;
  }
}

function invalidClaim({ arm, invalid }: Comparison, { baseline, control }: ArmRoles): string {
  switch (invalid) {
    case 'runtimeChanged':
      return `This run proves nothing about ${arm}: its runtime was replaced while the run went on`;
    case 'treatment':
      return `This run proves nothing about ${arm}: its containers did not run with the intended filters`;
    case 'failures':
      return `This run proves nothing about ${arm}: more containers failed in one arm than in the others`;
    case 'tooFewBlocks':
      return `This run proves nothing about ${arm}: too few of the planned blocks are complete`;
    case 'control':
    case null:
      return `This run proves nothing: ${control ?? 'the control'} is a copy of ${baseline} and differs from it`;
  }
}

const countedOf = (arm: string, { analysis: { exact } }: AnalysedRun): string =>
  countedChanges(exact.filter((one) => one.arm === arm)) || 'no count differs';

function figureOf(comparison: Comparison, headline: Verdict, { run, analysis: { margin } }: AnalysedRun): string {
  const { metric, estimate, verdict } = comparison;
  const together = otherByFamily(comparison);
  const remarks = [
    ...(verdict === headline ? [] : [verdictWords(comparison, margin)]),
    ...(together === null ? [] : [`Holm: ${verdictWords({ metric, verdict: together }, margin)}`]),
  ];
  const remark = remarks.length === 0 ? '' : ` (${remarks.join('; ')})`;
  return `${metricWords(metric, run.plan.scenario.kind)} ${estimateText(estimate)}${remark}`;
}
