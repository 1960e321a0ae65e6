import { basename, join, resolve } from 'node:path';
import type { CapacityPlan, CapacityResult, CapacitySample } from '../../model/results/capacity.js';
import type { HostFingerprint } from '../../model/results/result.js';
import { folderEnd, openLines } from '../append.js';
import { capacitySampleFault, versionedFault } from '../check/documents.js';
import { verifyChecksums } from '../checksums.js';
import {
  createFolder,
  ensureFolder,
  folderName,
  HOST_FILE,
  json,
  PLAN_FILE,
  SAMPLES_FILE,
  specFile,
  SPECS_FOLDER,
  writeNew,
} from '../files.js';
import { planKindIn } from '../find.js';
import { lockIfPossible } from '../reopen.js';
import { expectFolder, readDocument, readSampleLines, textTaker } from '../read.js';

/** All that one run found: it is written at its end. */
export interface CapacityRun {
  readonly plan: CapacityPlan;
  readonly host: HostFingerprint;
  readonly samples: readonly CapacitySample[];
  /** The filter that was loaded. */
  readonly filter: Uint8Array;
}

/** Writes the folder of one run below `parent`, and gives its name. Throws `environment` or `input`. */
export function writeCapacityFolder(parent: string, { plan, host, samples, filter }: CapacityRun): string {
  const name = folderName(plan);
  const path = join(parent, name);
  ensureFolder(parent);
  for (const folder of [path, join(path, SPECS_FOLDER)]) createFolder(folder);
  for (const [file, value] of Object.entries({ [HOST_FILE]: host, [PLAN_FILE]: plan }))
    writeNew(join(path, file), json(value));
  writeNew(join(path, SPECS_FOLDER, specFile({ arm: 'filter', kind: 'raw' })), filter);
  using end = folderEnd(path, openLines(join(path, SAMPLES_FILE), null), lockIfPossible(path));
  end.append(samples);
  end.seal();
  return name;
}

/** Whether a results folder is of a filter's memory; `false` for anything that cannot be read as one. */
export const isCapacityFolder = (path: string): boolean => planKindIn(path).kind === 'capacity';

/** Reads and checks such a folder. Throws `input`. */
export function readCapacityFolder(path: string): CapacityResult {
  expectFolder(path);
  verifyChecksums(path);
  const plan = readDocument(join(path, PLAN_FILE), (value) => versionedFault('capacityPlan', value)) as CapacityPlan;
  const host = readDocument(join(path, HOST_FILE), (value) => versionedFault('host', value)) as HostFingerprint;
  const samples: CapacitySample[] = [];
  const takeValue = (value: unknown): void => {
    samples.push(value as CapacitySample);
  };
  const takeText = textTaker(join(path, SAMPLES_FILE), { faultOf: capacitySampleFault, takeValue, warnings: [] });
  readSampleLines(join(path, SAMPLES_FILE), { open: () => undefined, takeBytes: () => -1, takeText });
  return { name: basename(resolve(path)), host, plan, samples };
}
