import type { AnalysedRun } from '../../model/analysis/analysis.js';
import type { Sweep } from '../../model/analysis/throughput.js';
import { headlineParts, identityParts, warningParts } from '../run/markdown.js';
import { escaped, sentenceMarkdown, tableMarkdown } from '../text/markdown.js';
import type { RunView } from '../run/view.js';
import { viewOf } from '../run/view.js';
import { counted, sentenceCase } from '../text/format.js';

/** What a text for a CI system is made of. */
export interface CiInput {
  readonly runs: readonly AnalysedRun[];
  readonly sweeps: readonly Sweep[];
  /** What came of the gate, one sentence each; empty where none was asked for. */
  readonly gate: readonly string[];
  /** Path of the report's page; `null`: none was written. */
  readonly report: string | null;
  /** Address of the job, whose artifacts hold the report; `null`: not known. Only letters, digits and `.:/_~-`. */
  readonly job: string | null;
}

/** How a text for a CI system is bounded. */
export interface CiForm {
  /** In bytes of UTF-8, all included. */
  readonly most: number;
  /** Tables but the first of each run are folded. */
  readonly folded: boolean;
  /** The first line, hidden; absent: none. */
  readonly marker?: string;
}

/**
 * Results as GitHub Markdown of bounded size, the most important part first: gate, verdicts, warnings, effects, the
 * rest. A part that does not fit is left out whole, and the last line counts those. Ends with a line feed.
 */
export function ciMarkdown(input: CiInput, { most, folded, marker }: CiForm): string {
  const { runs, sweeps, gate } = input;
  const view = viewOf(runs, sweeps);
  const several = view.runs.length > 1;
  const tables = (run: RunView): readonly string[] =>
    [...run.tables, run.host].map((table, index) =>
      tableMarkdown(folded && index > 0 ? { ...table, folded: true } : table),
    );
  return fitted(
    [
      `${marker === undefined ? '' : `${marker}\n`}## bench: ${escaped(view.title)}`,
      ...gate.map((line) => gateMarkdown(line)),
      ...view.runs.flatMap((run) => [...named(run, several), ...headlineParts(run)]),
      ...view.runs.flatMap(warningParts),
      ...view.sweeps.map(({ table }) => tableMarkdown(table)),
      ...view.runs.flatMap((run) => {
        const [effects = '', ...others] = tables(run);
        return [...named(run, several), effects, ...identityParts(run), ...others];
      }),
    ].filter((part) => part !== ''),
    most,
    placeOf(input),
  );
}

/** What a comment says where the command ended before there was anything to tell. */
export function ciErrorMarkdown(message: string, { marker }: Pick<CiForm, 'marker'>): string {
  const first = marker === undefined ? '' : `${marker}\n`;
  return `${first}## bench: no result\n\n**The gate was not evaluated**: ${sentenceMarkdown(message)}\n`;
}

const named = ({ title }: RunView, several: boolean): readonly string[] => (several ? [`### ${escaped(title)}`] : []);

/** `**Gate failed**: ...` of `gate failed: ...`. */
function gateMarkdown(line: string): string {
  const at = line.indexOf(': ');
  if (at < 0) return sentenceMarkdown(line);
  return `**${escaped(sentenceCase(line.slice(0, at)))}**: ${sentenceMarkdown(line.slice(at + 2))}`;
}

const BETWEEN = '\n\n';
/** Room for the last lines. */
const RESERVED_BYTES = 200;

/** Where the report is. */
function placeOf({ report, job }: CiInput): readonly string[] {
  const link = job === null ? [] : [`[log and artifacts of this run](${job})`];
  const place = report === null ? [] : [`report: ${escaped(report)}`];
  const parts = [...place, ...link];
  return parts.length === 0 ? [] : [sentenceCase(parts.join(', '))];
}

function fitted(parts: readonly string[], most: number, place: readonly string[]): string {
  let left = most - RESERVED_BYTES - Buffer.byteLength(place.join(''));
  const kept = parts.filter((part) => {
    const bytes = Buffer.byteLength(part) + BETWEEN.length;
    if (bytes > left) return false;
    left -= bytes;
    return true;
  });
  const missing = parts.length - kept.length;
  const note =
    missing === 0
      ? []
      : [`${counted(missing, 'part')} of this text ${missing === 1 ? 'is' : 'are'} left out here for size.`];
  return `${[...kept, ...place, ...note].join(BETWEEN)}\n`;
}
