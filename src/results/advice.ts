import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { AdviceRecord } from '../model/results/advice-record.js';
import { adviceFault } from './check/documents.js';
import { addChecksum } from './checksums.js';
import { ADVICE_FILE, json, writeNew } from './files.js';
import { readDocument } from './read.js';

/** Writes advice.json into the results folder of the starts and adds it to its checksums. Throws `environment`. */
export function writeAdvice(folder: string, record: AdviceRecord): void {
  writeNew(join(folder, ADVICE_FILE), json(record));
  addChecksum(folder, ADVICE_FILE);
}

/** Whether `bench advise` measured the starts in this results folder. */
export const isAdviceFolder = (folder: string): boolean => existsSync(join(folder, ADVICE_FILE));

/** Reads and checks advice.json of a results folder. Throws `input`. */
export const readAdvice = (folder: string): AdviceRecord =>
  readDocument(join(folder, ADVICE_FILE), adviceFault) as AdviceRecord;

/** The results folder of the prices of actions, next to that of the starts; `null`: none were measured. */
export const actionsFolderOf = (folder: string, { actions }: AdviceRecord): string | null =>
  actions === undefined ? null : join(dirname(resolve(folder)), actions);

/** The results folder of the calls: next to that of the starts; `null` where no call was priced. */
export const callsFolderOf = (folder: string, { calls }: AdviceRecord): string | null =>
  calls === null ? null : join(dirname(resolve(folder)), calls);
