import { sentenceCase } from '../text/format.js';
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

function runMarkdown(run: RunView, several: boolean): string {
  return [
    several ? `## ${escaped(run.title)}` : '',
    ...run.headlines.map(
      ({ verdict, claim, figures, because, loaded }) =>
        `**${sentenceCase(VERDICT_WORDS[verdict])}**: ${escaped(claim)}: ${escaped(figures)}. ` +
        sentenceMarkdown(because) +
        (loaded === null ? '' : ` ${escaped(loaded)}`),
    ),
    `${escaped(run.subtitle)}; ${escaped(run.completeness)}.\n\n${escaped(run.arms)}.`,
    sentenceMarkdown(run.remarks.join(' ')),
    ...run.warnings.map((warning) => `> **Warning:** ${sentenceMarkdown(warning)}`),
    ...run.tables.map(tableMarkdown),
    ...(run.caveats.length === 0 ? [] : [`Published: ${PUBLISHED_SOURCE}. ${escaped(run.caveats.join(' '))}`]),
    tableMarkdown(run.host),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
