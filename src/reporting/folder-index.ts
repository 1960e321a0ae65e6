import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemReason } from '../errors.js';
import { entryOf, isIndexPage, renderIndex } from '../report/index.js';
import { resultsFolderAround, writeNew } from '../results/index.js';
import { ownedFiles, SUMMARY_FILE } from './owned.js';

const INDEX_FILE = 'index.html';
/** Hidden, as drafts of reports are. */
const DRAFT = '.bench-index-';
/** Rounds that wait for other reports which are written at the same time. */
const MOST_ROUNDS = 5;

/** What became of the index page over a folder's reports. */
export type WrittenIndex =
  | { readonly state: 'written'; readonly path: string }
  /** `why`: the folder has an index.html of another kind, or it cannot be written. The reports are whole without. */
  | { readonly state: 'left'; readonly path: string; readonly why: string };

/**
 * Writes the page over all reports in `folder`, in place of an earlier one of bench. An index.html that bench did not
 * write stays. Throws nothing: a report is whole without it.
 */
export function refreshIndex(folder: string): WrittenIndex {
  const path = join(folder, INDEX_FILE);
  try {
    if (resultsFolderAround(realpathSync(folder)) !== null) return { state: 'left', path, why: 'it is in results' };
    if (!isOurs(path)) return { state: 'left', path, why: 'it is not an index page of bench' };
    let names = reportsIn(folder);
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      replace(path, renderIndex(names.map((name) => entryOf(name, summaryIn(join(folder, name))))), folder);
      const later = reportsIn(folder);
      if (later.join('/') === names.join('/')) break;
      names = later;
    }
    return { state: 'written', path };
  } catch (error) {
    return { state: 'left', path, why: systemReason(error) };
  }
}

/** Whether the place is free or holds an index page of bench: no link, no other file. */
function isOurs(path: string): boolean {
  const present = lstatSync(path, { throwIfNoEntry: false });
  return present === undefined || (present.isFile() && isIndexPage(readFileSync(path, 'utf8')));
}

/** Folders with a report of bench, sorted. */
const reportsIn = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && hasReport(join(folder, entry.name)))
    .map(({ name }) => name)
    .sort();

/** A folder that cannot be read is not shown. */
function hasReport(dir: string): boolean {
  try {
    return ownedFiles(dir)?.includes(INDEX_FILE) === true;
  } catch {
    return false;
  }
}

function summaryIn(dir: string): unknown {
  try {
    return JSON.parse(readFileSync(join(dir, SUMMARY_FILE), 'utf8'));
  } catch {
    // It was replaced or removed meanwhile.
    return null;
  }
}

/** At once, so that a reader never sees half of it. */
function replace(path: string, text: string, folder: string): void {
  const draft = join(folder, `${DRAFT}${randomBytes(6).toString('hex')}`);
  try {
    writeNew(draft, text);
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}
