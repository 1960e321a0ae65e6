import { lstatSync, readFileSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { join } from 'node:path';

/** The mark and the list of a report's own files are in it. */
export const SUMMARY_FILE = 'summary.json';

/** In the summary.json of every report: only a folder with this mark, or an empty one, is replaced. */
export const GENERATOR = 'seccomp-bench';

/** Names of files that a report of bench can have. */
const REPORT_FILE = /^(?:index\.html|summary\.(?:md|json)|loads\.csv|[A-Za-z0-9_][A-Za-z0-9_.-]*\.(?:png|svg))$/;

/** Names of the files of the report in `dir`; `null` where its summary.json is not one of bench. */
export function ownedFiles(dir: string): readonly string[] | null {
  const path = join(dir, SUMMARY_FILE);
  if (statOf(path)?.isFile() !== true) return null;
  const summary = summaryIn(path);
  if (summary === null || !(summary['generator'] === GENERATOR || isEarlierShape(summary))) return null;
  const files: unknown = summary['files'];
  if (!Array.isArray(files) || !files.every((name) => typeof name === 'string' && REPORT_FILE.test(name))) return null;
  // A link or a folder of such a name is not what bench wrote.
  return [SUMMARY_FILE, ...(files as readonly string[])].filter((name) => statOf(join(dir, name))?.isFile() === true);
}

const statOf = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false });

type Summary = Readonly<Record<string, unknown>>;

function summaryIn(path: string): Summary | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Summary) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Top-level keys of summary.json as versions without the mark wrote it, and the values that tell its kind. */
interface EarlierShape {
  readonly keys: readonly string[];
  /** Keys that came later. */
  readonly optional: readonly string[];
  readonly marks: Summary;
}

const EARLIER_SHAPES: readonly EarlierShape[] = [
  { keys: ['files', 'formatVersion', 'published', 'runs'], optional: ['sweeps'], marks: { formatVersion: 1 } },
  {
    keys: [
      ...['blocks', 'blocksPlanned', 'calls', 'command', 'containersFailed', 'controls', 'engine', 'evidence'],
      ...['failures', 'files', 'findings', 'fit', 'host', 'kind', 'loops', 'name', 'prices', 'published', 'rounds'],
      ...['seed', 'startedAt', 'summaryVersion', 'warnings'],
    ],
    optional: ['doubted', 'noFit'],
    marks: { kind: 'percall', summaryVersion: 1 },
  },
  {
    keys: ['blocks', 'engine', 'files', 'kind', 'options', 'profile', 'results', 'summaryVersion', 'warnings'],
    optional: ['counts'],
    marks: { kind: 'advise', summaryVersion: 1 },
  },
];

function isEarlierShape(summary: Summary): boolean {
  const present = Object.keys(summary);
  return EARLIER_SHAPES.some(
    ({ keys, optional, marks }) =>
      keys.every((key) => present.includes(key)) &&
      present.every((key) => keys.includes(key) || optional.includes(key)) &&
      Object.entries(marks).every(([key, value]) => summary[key] === value),
  );
}
