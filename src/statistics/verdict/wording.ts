import type { Comparison, ControlCheck, Estimate } from '../../model/analysis/analysis.js';
import { EMULATION_WORDS, type Emulation } from '../../model/run/emulation.js';
import { FEWEST_FOR_VERDICT } from '../../model/run/scenario.js';
import type { Survival } from './failure-test.js';
import { counted, metricName, percent, probability, share, size } from './names.js';

/** What a sentence about a comparison needs beside the comparison. */
export interface Circumstances {
  readonly parallel: boolean;
  readonly margin: number;
  readonly check: ControlCheck | undefined;
  /** Complete blocks of the run, whether or not this metric could use them. */
  readonly blocksComplete: number;
  readonly blocksPlanned: number;
  readonly treatmentFault: string | null;
  /** Of the arm, and of baseline and control together. */
  readonly survival: readonly [arm: Survival, others: Survival];
  /** The metric cannot show a difference on this system. */
  readonly hidden: boolean;
  readonly emulation: Emulation | null;
}

const interval = ({ low, high, blocks }: Estimate): string =>
  `95 % interval ${percent(low)} to ${percent(high)}, ${counted(blocks, 'block')}`;

/** A comparison before its sentence. */
export type Judged = Omit<Comparison, 'because' | 'family'>;

/** One sentence: why this verdict, and what to do next. */
export function because(comparison: Judged, circumstances: Circumstances): string {
  const { estimate, verdict, arm, baseline, metric } = comparison;
  const name = metricName(metric, circumstances.parallel);
  const margin = share(circumstances.margin);
  if (verdict === 'invalid') return invalid(comparison, circumstances, name);
  if (estimate === null || verdict === 'described') return described(estimate, circumstances, name);
  switch (verdict) {
    case 'functional':
      return functional(comparison, circumstances, name);
    case 'faster':
    case 'slower':
      return `${arm} takes ${size(estimate.logRatio)} ${verdict === 'faster' ? 'less' : 'more'} ${name} than ${baseline} (${interval(estimate)}): ${
        estimate.equivalent
          ? `a real difference, but smaller than the margin of ${margin}; judge whether so little matters.`
          : 'more than chance explains on this machine; repeat with another --seed before you publish it.'
      }`;
    case 'equivalent':
      return `${arm} and ${baseline} differ by less than the margin of ${margin} in ${name} (${percent(estimate.logRatio)}, ${interval(estimate)}): treat them as equal, or ask again with a smaller --margin.`;
    case 'inconclusive':
      return `${arm} against ${baseline} is ${percent(estimate.logRatio)} in ${name} (${interval(estimate)}): neither a difference nor equality within ${margin} is shown; ${more(comparison, circumstances.parallel)}.`;
  }
}

function functional({ arm, baseline }: Judged, { emulation }: Circumstances, name: string): string {
  const by = emulation === null ? '' : ` (${EMULATION_WORDS[emulation.kind]})`;
  return `An emulator${by} took the time, so the ${name} of ${arm} and ${baseline} compares nothing: the run proves that both work; measure on real hardware for a verdict.`;
}

const optionFor = (parallel: boolean): string => (parallel ? '--rounds' : '--count');

function described(
  estimate: Estimate | null,
  { parallel, blocksComplete, hidden }: Circumstances,
  name: string,
): string {
  if (estimate === null) {
    if (blocksComplete === 0)
      return 'No block is complete, so nothing can be compared: see the failures, cure their cause and run again.';
    return hidden
      ? `The ${name} of what was started is smaller than bench's own, and Linux reports the larger of the two, so it cannot be compared: measure it with a tool that does less itself.`
      : `No ${name} above 0 was recorded, so it cannot be compared: use another engine for this metric.`;
  }
  return `Only ${counted(estimate.blocks, 'complete block')}, so this describes and decides nothing: run at least ${FEWEST_FOR_VERDICT} (${optionFor(parallel)} ${FEWEST_FOR_VERDICT}).`;
}

function invalid(
  { arm, baseline, control, invalid: reason }: Judged,
  circumstances: Circumstances,
  name: string,
): string {
  switch (reason) {
    case 'treatment':
      return `${circumstances.treatmentFault ?? 'The treatment was not applied'}, so this compares something else than it names: see the proof of treatment, mend the arm and run again.`;
    case 'failures': {
      const [own, others] = circumstances.survival;
      return `${arm} failed in ${own.failed} of ${circumstances.parallel ? counted(own.run, 'batch', 'batches') : counted(own.run, 'container')}, the others in ${others.failed} of ${others.run}: that is no chance, and what survived cannot be compared; see the failures, cure their cause and run again.`;
    }
    case 'tooFewBlocks':
      return `Only ${counted(circumstances.blocksComplete, 'complete block')} of ${circumstances.blocksPlanned} planned, and a verdict needs ${FEWEST_FOR_VERDICT}: let the run go on to its end, or cure what made its containers fail.`;
    case 'control':
    case null: {
      const seen = circumstances.check?.estimate ?? null;
      const difference = seen === null ? '' : ` by ${percent(seen.logRatio)} (${probability(seen.p)})`;
      return `${baseline} and its own copy ${control ?? 'control'} differ${difference} in ${name}, so something other than the spec decides: find what else ran or changed, then run again with --pause 5.`;
    }
  }
}

function more({ settlement }: Judged, parallel: boolean): string {
  if (settlement === null) return `run more blocks (${optionFor(parallel)})`;
  const { blocks, moreBlocks, moreContainers } = settlement;
  return `about ${counted(moreBlocks, 'block')} more (${counted(moreContainers, 'container')}) would settle it: ${optionFor(parallel)} ${blocks}`;
}
