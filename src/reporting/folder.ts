import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { BenchError, fileError } from '../errors.js';
import type { ReportContents } from '../report/index.js';
import { makeFolder, makeFolders, resultsFolderAround, writeNew } from '../results/index.js';
import { GENERATOR, ownedFiles, SUMMARY_FILE } from './owned.js';

const ELSEWHERE = 'Give another folder with --report, or another --name; the results are kept.';

/**
 * Writes a report next to `dir` and renames it to `dir`, in place of an earlier report; files there that are not of the
 * earlier report are kept. Gives the names of the report's files, sorted.
 *
 * Throws `input` (`dir` is no folder, a symbolic link, in a results folder, or holds no report of bench) and
 * `environment` (it cannot be written); then `dir` is as it was.
 */
export function replaceReport(dir: string, { files, summaryFor }: Omit<ReportContents, 'notDrawn'>): readonly string[] {
  const names = [...files.keys(), SUMMARY_FILE].sort();
  try {
    const earlier = earlierReport(dir, names);
    makeFolders(dirname(dir));
    refuseResults(dir);
    const draft = besides(dir);
    try {
      makeFolder(draft);
      for (const [name, content] of files) writeNew(join(draft, name), content);
      const summary = { ...summaryFor(names), generator: GENERATOR };
      writeNew(join(draft, SUMMARY_FILE), `${JSON.stringify(summary, null, 2)}\n`);
      putInPlace(draft, dir, earlier);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  } catch (error) {
    if (error instanceof BenchError && error.cause === undefined) throw error;
    const cause = error instanceof BenchError ? error.cause : error;
    throw fileError('write', dir, cause, { hint: ELSEWHERE });
  }
  return names;
}

/** A new name in the same folder, hidden. */
const besides = (dir: string): string => join(dirname(dir), `.bench-report-${randomBytes(6).toString('hex')}`);

/** A folder with an earlier report. */
interface Earlier {
  readonly mode: number;
  /** Names of its files, all of a report. */
  readonly owned: readonly string[];
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
  const inTheWay = entries.find((name) => !owned.includes(name) && names.includes(name));
  if (inTheWay !== undefined) throw notAReport(dir, `its ${inTheWay} is not of the earlier report`);
  return { mode: present.mode & 0o7777, owned };
}

/** Results are never changed, also where the library is told to write there. Throws `input`. */
function refuseResults(dir: string): void {
  const results = resultsFolderAround(realpathSync(dirname(dir)));
  if (results !== null) throw notAReport(dir, `it is in the results folder ${results}`);
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
  // File by file: anything else in the folder does not belong to the report and is kept.
  for (const name of readdirSync(old)) {
    if (earlier.owned.includes(name)) unlinkSync(join(old, name));
    else renameSync(join(old, name), join(dir, name));
  }
  rmdirSync(old);
}
