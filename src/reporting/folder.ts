import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BenchError, fileError } from '../errors.js';
import type { ReportContents } from '../report/index.js';
import { makeFolders } from '../results/index.js';

const SUMMARY_FILE = 'summary.json';

/** In the summary.json of every report: only a folder with this mark, or an empty one, is replaced. */
export const GENERATOR = 'seccomp-bench';

const ELSEWHERE = 'Give another folder with --report, or another --name; the results are kept.';

/**
 * Writes a report next to `dir` and renames it to `dir`, in place of an earlier report; files there that are not of the
 * earlier report are kept. Gives the names of the report's files, sorted.
 *
 * Throws `input` (`dir` is no folder, a symbolic link, or holds no report of bench) and `environment` (it cannot be
 * written); then `dir` is as it was.
 */
export function replaceReport(dir: string, { files, summaryFor }: ReportContents): readonly string[] {
  const names = [...files.keys(), SUMMARY_FILE].sort();
  try {
    const earlier = earlierReport(dir, names);
    makeFolders(dirname(dir));
    const draft = besides(dir);
    try {
      mkdirSync(draft);
      for (const [name, content] of files) writeFileSync(join(draft, name), content, { flag: 'wx' });
      const summary = { ...summaryFor(names), generator: GENERATOR };
      writeFileSync(join(draft, SUMMARY_FILE), `${JSON.stringify(summary, null, 2)}\n`, { flag: 'wx' });
      putInPlace(draft, dir, earlier);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  } catch (error) {
    throw error instanceof BenchError ? error : fileError('write', dir, error, { hint: ELSEWHERE });
  }
  return names;
}

/** A new name in the same folder, hidden. */
const besides = (dir: string): string => join(dirname(dir), `.${basename(dir)}.${randomBytes(6).toString('hex')}`);

/** A folder with an earlier report. */
interface Earlier {
  readonly mode: number;
  /** Entries that are not of the report. */
  readonly foreign: readonly string[];
}

/** What is in the place of a report; `null` for nothing or an empty folder. Throws `input` for anything else. */
function earlierReport(dir: string, names: readonly string[]): Earlier | null {
  const parent = statSync(dirname(dir), { throwIfNoEntry: false });
  if (parent?.isDirectory() === false) throw notAReport(dir, `${dirname(dir)} is not a folder`);
  const present = lstatSync(dir, { throwIfNoEntry: false });
  if (present === undefined) return null;
  if (!present.isDirectory())
    throw notAReport(dir, present.isSymbolicLink() ? 'it is a symbolic link' : 'it is a file');
  const entries = readdirSync(dir);
  if (entries.length === 0) return null;
  const owned = ownedFiles(dir);
  if (owned === null) throw notAReport(dir, 'it holds files that are not a report of bench');
  const foreign = entries.filter((name) => !owned.includes(name));
  const inTheWay = foreign.find((name) => names.includes(name));
  if (inTheWay !== undefined) throw notAReport(dir, `its ${inTheWay} is not of the earlier report`);
  return { mode: present.mode & 0o7777, foreign };
}

const notAReport = (dir: string, why: string): BenchError =>
  new BenchError('input', `could not write the report to ${dir}: ${why}`, { hint: ELSEWHERE });

function putInPlace(draft: string, dir: string, earlier: Earlier | null): void {
  if (earlier === null) {
    // Over an empty folder, if there is one.
    renameSync(draft, dir);
    return;
  }
  chmodSync(draft, earlier.mode);
  const old = besides(dir);
  renameSync(dir, old);
  try {
    renameSync(draft, dir);
  } catch (error) {
    renameSync(old, dir);
    throw error;
  }
  for (const name of earlier.foreign) renameSync(join(old, name), join(dir, name));
  rmSync(old, { recursive: true });
}

/** Names of files that a report of bench can have. */
const REPORT_FILE = /^(?:index\.html|summary\.(?:md|json)|[A-Za-z0-9_][A-Za-z0-9_.-]*\.(?:png|svg))$/;

/** Names of the files of the report in `dir`; `null` where its summary.json is not one of bench. */
function ownedFiles(dir: string): readonly string[] | null {
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
