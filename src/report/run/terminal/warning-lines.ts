import type { AnalysedRun } from '../../../model/analysis/analysis.js';
import { plainLine } from '../../../model/plain-text.js';
import { wrapped } from '../../text/columns.js';
import { controlWarningsOf, sentencesOf, warningsOf } from '../../words/warnings.js';
import { headlinesOf } from '../headlines.js';

/** Of several runs: the warnings that every run has. */
export const sharedWarnings = ([first, ...others]: readonly AnalysedRun[]): readonly string[] =>
  first === undefined
    ? []
    : warningsOf(first).filter((warning) => others.every((run) => warningsOf(run).includes(warning)));

export const controlLines = (analysed: AnalysedRun, width: number, shared: readonly string[] = []): readonly string[] =>
  paragraphsOfWarnings(controlWarningsOf(analysed), width, shared).flat();

/** All warnings but those of the A/A check. */
export const warningParagraphs = (
  analysed: AnalysedRun,
  width: number,
  shared: readonly string[] = [],
): readonly (readonly string[])[] =>
  paragraphsOfWarnings(warningsOf(analysed), width, [...shared, ...controlWarningsOf(analysed)]);

/** "No verdict: 6 blocks are too few" leaves nothing to say for the warning of too few blocks. */
export const saidByVerdict = ({ run, analysis }: AnalysedRun): readonly string[] => {
  const verdicts = headlinesOf({ run, analysis });
  return verdicts.length === 1 && verdicts[0]?.verdict === 'described'
    ? sentencesOf(
        analysis.warnings.filter(({ code }) => code === 'fewBlocks'),
        run.plan.scenario,
      )
    : [];
};

const paragraphsOfWarnings = (
  warnings: readonly string[],
  width: number,
  without: readonly string[],
): readonly (readonly string[])[] =>
  warnings
    .filter((warning) => !without.includes(warning))
    .map((warning) => wrapped(`Warning: ${plainLine(warning)}`, width));
