import type {
  NoFit,
  PercallAnalysis,
  PercallFinding,
  PercallWarning,
  PricedPoint,
} from '../../../model/analysis/percall-analysis.js';
import type { UnpricedCalls } from '../../../model/results/percall/percall.js';
import { counted, formatCount, formatPercent, percentOf, plain } from '../../text/format.js';
import { plainLine } from '../../../model/plain-text.js';
import { evennessSentence } from '../diagnostics.js';
import { endSentence } from '../../run-end.js';

const effectPercent = (logRatio: number): string => `${plain(percentOf(logRatio), 1)} %`;
const nanoseconds = (ns: number): string => `${plain(ns, Math.abs(ns) < 10 ? 1 : 0)} ns`;
const pointName = ({ call, arm }: PricedPoint): string => `${call} under ${arm}`;
const longName = (point: PricedPoint): string => `${pointName(point)}, ${counted(point.instructions, 'instruction')}`;

/** A claim about prices with its numbers. */
export function findingSentence(finding: PercallFinding): string {
  switch (finding.code) {
    case 'cachedIsCheap':
      return `A cached call (${finding.call}) costs at most ${formatPercent(finding.limit)} more than without a \
filter: ${effectPercent(finding.low)} to ${effectPercent(finding.high)} more under ${finding.arm}, \
${nanoseconds(finding.addedNs)} \
of ${nanoseconds(finding.ns)}.`;
    case 'cachedAlike':
      return `Cached calls cost the same under every filter, within ${formatPercent(finding.limit)}: all intervals of \
${finding.call} lie within ${(100 * finding.spread).toFixed(1)} %.`;
    case 'cachedIsCheaper':
      return `A filter adds less to every cached call than to any call that runs it, and the intervals do not overlap: \
at most ${nanoseconds(finding.cached.ns)} (${pointName(finding.cached)}) against at least \
${nanoseconds(finding.run.ns)} \
(${pointName(finding.run)}).`;
    case 'runCostsMore':
      return `Every call that is decided by its arguments or denied costs more than without a filter: from \
${nanoseconds(finding.cheapest.ns)} (${longName(finding.cheapest)}) to ${nanoseconds(finding.dearest.ns)} more \
(${longName(finding.dearest)}).`;
    case 'growsWithLength':
      return `The added time grows with the instructions executed, and the intervals do not overlap: ${finding.calls
        .map(
          ({ shortest, longest }) =>
            `${shortest.call} ${nanoseconds(shortest.ns)} at ${formatCount(shortest.instructions)} and \
${nanoseconds(longest.ns)} at ${counted(longest.instructions, 'instruction')}`,
        )
        .join('; ')}.`;
  }
}

/** `personality, unknown: the filter of after answers TRAP, which would end the program that times them` */
export const unpricedWords = ({ calls, arm, action }: UnpricedCalls): string =>
  `${plainLine(calls.join(', '))}: the filter of ${arm} answers ${action}, ${whyUnpriced(action, calls.length)}`;

/** What an answer would do to the program that times calls, as a relative clause. */
export function whyUnpriced(action: string, calls: number): string {
  if (action.startsWith('TRACE')) return 'which asks a tracer, and there is none';
  if (action.includes('NOTIF')) return 'which asks a listener and waits for it';
  return `which would end the program that times ${calls === 1 ? 'it' : 'them'}`;
}

/** Warnings in words, those of the results folder first. */
export const percallWarningsOf = ({ run, warnings }: PercallAnalysis): readonly string[] => [
  ...run.warnings,
  ...warnings.map(percallWarningSentence),
];

/** What happened and what it means for the prices. */
export function percallWarningSentence(warning: PercallWarning): string {
  switch (warning.code) {
    case 'controlDiffers':
      return warning.state === 'invalid'
        ? `This run proves nothing: baseline and control are the same and differ beyond chance (p < 0.001) for \
${warning.calls.join(', ')}. Run it again on a quieter machine.`
        : `A/A check: baseline and control are the same and differ at p < 0.01 for ${warning.calls.join(', ')}.`;
    case 'interrupted':
    case 'unended':
      return endSentence(warning, { isResumable: false });
    case 'fewBlocks':
      return `${counted(warning.blocks, 'complete block')}: fewer than ${warning.needed} are described, not judged.`;
    case 'blocksNotRun':
      return `${warning.blocks} of ${counted(warning.planned, 'block')} were not run.`;
    case 'containersFailed':
      return `${counted(warning.containers, 'container')} failed; ${
        warning.containers === 1 ? 'its block is' : 'their blocks are'
      } left out.`;
    case 'speculation':
      return (
        'Speculation mitigations (PR_GET_SPECULATION_CTRL) differ between the arms and cause part of the ' +
        'difference. Kernels before 5.16 switch them on with a filter; SECCOMP_FILTER_FLAG_SPEC_ALLOW in the \
profile prevents that.'
      );
    case 'contradiction':
      return `${warning.call} under ${warning.arm} should fail with errno ${warning.errno} and returned \
${warning.result}: the simulated filter is not the one that ran.`;
    case 'otherFilter':
      return `The filter simulated for ${warning.arm} is not the one read from its container.`;
    case 'callsLeftOut':
      return `Not timed: ${unpricedWords(warning)}.`;
    case 'leftOut':
      return `Left out of the line, the chart and the findings: ${warning.arms.join(', ')}.`;
    default:
      return evennessSentence(warning);
  }
}

/** Why no line was fitted, as a clause; `null` where one was. */
export function noFitWords(noFit: NoFit | null): string | null {
  switch (noFit?.code) {
    case undefined:
      return null;
    case 'noFilterRan':
      return 'no call ran a filter with known instructions';
    case 'tooClose': {
      const { least, most, needed } = noFit;
      const from = least === most ? '' : `${formatCount(least)} to `;
      return `the calls that run a filter execute ${from}${formatCount(most)} instructions; a line needs counts at \
least ${needed} apart`;
    }
    case 'noBlock':
      return 'no block is complete';
  }
}
