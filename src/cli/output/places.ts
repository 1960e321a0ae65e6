import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { BenchError, conflict } from '../../errors.js';
import type { EngineRequest } from '../../model/experiment/request.js';
import type { Io } from '../../model/io.js';
import type { Scenario } from '../../model/run/scenario.js';
import { ownedFiles } from '../../reporting/owned.js';
import { fleetFolderOf, resultsFolderAround } from '../../results/index.js';
import { checkTarget } from './export-target.js';
import { assertFolders } from './folders.js';

/** A file that a command is going to write. */
export interface PlacedFile {
  readonly flag: string;
  /** As it was typed. */
  readonly given: string;
  /** Absolute. */
  readonly path: string;
  /** What to do where it cannot be written; absent: what helps with an export. */
  readonly hint?: string;
}

/** All places that a command is going to write to, and the files that it reads. */
export interface Places {
  readonly files: readonly PlacedFile[];
  /** Folder in which results are made; `null`: none are. */
  readonly resultsFolder: string | null;
  /** Folder in which the report's folder is made; `null`: no report. */
  readonly reportsFolder: string | null;
  /** Paths that the command reads, or looks for; they need not exist. */
  readonly inputs: readonly string[];
}

/**
 * The one check of where a command writes, made before anything is measured: no file in place of an input, of another
 * output, of results or of a report; no report among results, no results among results; folders that can be created.
 * Links and hard links count as what they lead to. Throws `usage`, `input` and `environment`.
 */
export function checkPlaces(places: Places, io: Pick<Io, 'cwd'>): void {
  refuseSharing(places.files);
  for (const file of places.files) checkFile(file, places, io);
  checkFolders(places, io);
}

function checkFile(file: PlacedFile, { inputs, resultsFolder, reportsFolder }: Places, { cwd }: Pick<Io, 'cwd'>): void {
  const { flag, given, path, hint } = file;
  checkTarget(path, flag, hint);
  refuseResults(path, flag);
  refuseReport(file);
  if (inputs.some((input) => isSame(resolve(cwd, input), path)))
    throw new BenchError('usage', `${flag}: ${given} is an input of this command`, {
      hint: 'It was left as it is. Choose another file.',
    });
  const folders = { '--results': resultsFolder, '--report': reportsFolder };
  for (const [option, folder] of Object.entries(folders))
    if (folder !== null && isAtOrAbove(realOf(path), realOf(resolve(cwd, folder))))
      throw conflict(`${flag} ${given}`, `${option} ${folder}`, { hint: 'A folder is made there.' });
}

/** The folders that a command makes others in. Throws `usage` and `environment`. */
export function checkFolders(
  { resultsFolder, reportsFolder }: Pick<Places, 'resultsFolder' | 'reportsFolder'>,
  io: Pick<Io, 'cwd'>,
): void {
  const { cwd } = io;
  if (
    reportsFolder !== null &&
    resultsFolder !== null &&
    isSame(resolve(cwd, reportsFolder), resolve(cwd, resultsFolder))
  )
    throw conflict(`--report ${reportsFolder}`, `--results ${reportsFolder}`, {
      hint: 'A report has the name of its results, so it needs another folder.',
    });
  if (resultsFolder !== null) refuseResults(resolve(cwd, resultsFolder), '--results');
  if (reportsFolder !== null) refuseResults(resolve(cwd, reportsFolder), '--report');
  assertFolders({ resultsFolder, reportsFolder }, io);
}

/** Files that a scenario and its engine name: profiles, filters, libraries, runtimes, programs and what they read. */
export function inputsOf(
  { arms, profile, program }: Pick<Scenario, 'arms' | 'profile' | 'program'>,
  engine: Pick<EngineRequest, 'runtime'>,
): readonly string[] {
  const named = arms.flatMap((arm) => [arm.profile, arm.libseccomp, arm.runtime, ...(arm.command ?? [])]);
  const used = [...(program?.args ?? []), ...(program?.binds ?? []).map(({ source }) => source)];
  return [profile, engine.runtime, ...named, ...used].filter((path) => path !== undefined);
}

/** Without symbolic links, as far as the path exists. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(realOf(dirname(path)), basename(path));
  }
}

/** Whether two paths are, or will be, one file or folder. */
function isSame(one: string, other: string): boolean {
  if (realOf(one) === realOf(other)) return true;
  const [first, second] = [idOf(one), idOf(other)];
  return first !== null && first === second;
}

/** The file's own identity; `null` where there is none to be had. */
function idOf(path: string): string | null {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}

const isAtOrAbove = (path: string, folder: string): boolean =>
  path === folder || (dirname(folder) !== folder && isAtOrAbove(path, dirname(folder)));

/** Reports and exports never land among the files of a results folder. */
function refuseResults(path: string, flag: string): void {
  const real = realOf(path);
  const [results, what] = [resultsFolderAround(real), 'the results folder'];
  const fleet = results === null && existsSync(real) ? fleetFolderOf(real) : null;
  const kept = results ?? fleet;
  if (kept === null) return;
  throw new BenchError('usage', `${flag}: ${path} is in ${fleet === null ? what : 'the folder of a fleet,'} ${kept}`, {
    hint: 'Results are never changed. Choose a place outside their folder.',
  });
}

/** Without one of its files, a report is no longer known as one: the next is refused in its place. */
function refuseReport({ flag, path }: PlacedFile): void {
  const real = realOf(path);
  const folder = dirname(real);
  if (ownedFiles(folder)?.includes(basename(real)) !== true) return;
  throw new BenchError('usage', `${flag}: ${path} is a file of the report in ${folder}`, {
    hint: 'Choose another file.',
  });
}

function refuseSharing(files: readonly PlacedFile[]): void {
  files.forEach((file, index) => {
    const earlier = files.slice(0, index).find(({ path }) => isSame(path, file.path));
    if (earlier === undefined || isDevice(file.path)) return;
    throw new BenchError('usage', `${earlier.flag} and ${file.flag} both write to ${file.given}`, {
      hint: 'Give each export a different file; only one can be -.',
    });
  });
}

/** /dev/null may take any number of exports. */
const isDevice = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isCharacterDevice() === true;
