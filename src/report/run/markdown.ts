import { sentence, sentenceCase } from '../text/format.js';
import type { Headline } from './headlines.js';
import { escaped, sentenceMarkdown, tableMarkdown } from '../text/markdown.js';
import { PUBLISHED_SOURCE } from './published.js';
import type { ReportView, RunView } from './view.js';
import { VERDICT_WORDS } from '../words/run.js';

/**
 * The report as GitHub Markdown, for a step summary: verdicts first, then tables; no pictures, which a step summary
 * cannot show.
 */
export function renderMarkdown(report: ReportView): string {
  const several = report.runs.length > 1;
  return (
    [
      `# bench: ${escaped(report.title)}`,
      ...(report.nodes === null ? [] : [tableMarkdown(report.nodes)]),
      ...report.sweeps.map(({ table }) => tableMarkdown(table)),
      ...report.runs.map((run) => runMarkdown(run, several)),
    ].join('\n\n') + '\n'
  );
}

const runMarkdown = (run: RunView, several: boolean): string =>
  [
    several ? `## ${escaped(run.title)}` : '',
    ...headlineParts(run),
    ...identityParts(run),
    ...warningParts(run),
    ...run.tables.map(tableMarkdown),
    ...(run.caveats.length === 0 ? [] : [`Published: ${PUBLISHED_SOURCE}. ${escaped(run.caveats.join(' '))}`]),
    tableMarkdown(run.host),
  ]
    .filter((part) => part !== '')
    .join('\n\n');

/** The answer on each arm, each with its figures, what it rests on and what to do next. */
export const headlineParts = ({ headlines }: RunView): readonly string[] => headlines.map(headlineMarkdown);

function headlineMarkdown({ verdict, answer, figures, rests, next, loaded }: Headline): string {
  const grounds = [figures, rests, next, loaded ?? '']
    .filter((text) => text !== '')
    .map((text) => sentenceMarkdown(sentence(text)));
  return [`**${sentenceCase(VERDICT_WORDS[verdict])}**: ${sentenceMarkdown(answer)}`, grounds.join(' ')]
    .filter((text) => text !== '')
    .join('\n\n');
}

/** What was run, on what, and what could be seen; the last may be empty. */
export const identityParts = (run: RunView): readonly string[] => [
  `${escaped(run.subtitle)}; ${escaped(run.completeness)}.\n\n${escaped(run.arms)}.`,
  sentenceMarkdown(run.remarks.join(' ')),
];

/** A quoted paragraph each. */
export const warningParts = ({ warnings }: RunView): readonly string[] =>
  warnings.map((warning) => `> **Warning:** ${sentenceMarkdown(warning)}`);
