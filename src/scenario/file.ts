import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { BenchError, fileError } from '../errors.js';
import { isProfileName } from '../model/profile/names.js';
import { plainLine } from '../model/plain-text.js';
import { parseJson } from './json.js';
import { faultAgainst } from './schema.js';

/** Where scenarios are searched. */
export interface ScenarioPlaces {
  readonly cwd: string;
  /** The package's folder, which has `scenarios/` with the schema. */
  readonly packageRoot: string;
}

/** Makes an error of what is wrong at a JSON path. */
export type Reject = (fault: string) => BenchError;

/** A scenario file that fits the schema, and what is needed to read it further. */
export interface ValidFile {
  readonly value: unknown;
  readonly path: string;
  /** Its path for messages. */
  readonly shown: string;
  /** The file's name without its ending, where it names nothing itself. */
  readonly ownName: string;
  readonly reject: Reject;
  /** Paths in it are relative to it, wherever bench is called; they come out relative to the current folder. */
  readonly located: (path: string) => string;
}

const SCHEMA = 'scenario.schema.json';

/** Finds the scenario with that name or path and checks it by the schema. Throws `input` with file and JSON path. */
export function readValidFile(nameOrPath: string, places: ScenarioPlaces): ValidFile {
  const path = findScenario(nameOrPath, places);
  const shown = shownPath(path, places.cwd);
  const reject = (fault: string): BenchError =>
    new BenchError('input', plainLine(`${shown}: ${fault}`), {
      hint: `The format is described by scenarios/${SCHEMA} in the package.`,
    });
  const json = parseJson(read(path, shown));
  if (json.state === 'broken') throw reject(json.fault);
  const fault = faultAgainst(schemaOf(places.packageRoot), json.value);
  if (fault !== undefined) throw reject(fault);
  const located = locatedIn(path, places.cwd);
  return { value: json.value, path, shown, ownName: scenarioName(path), reject, located };
}

/** Names of the package's scenarios, sorted, for messages and help. */
export function scenarioNames(packageRoot: string): readonly string[] {
  return readdirSync(join(packageRoot, 'scenarios'))
    .filter((file) => file.endsWith('.json') && file !== SCHEMA)
    .map(scenarioName)
    .sort();
}

/** The file of the scenario with that name or path. Throws `input`. */
export function findScenario(nameOrPath: string, { cwd, packageRoot }: ScenarioPlaces): string {
  const folders = isAbsolute(nameOrPath) ? ['/'] : [cwd, join(packageRoot, 'scenarios'), packageRoot];
  const candidates = folders.flatMap((folder) =>
    [nameOrPath, `${nameOrPath}.json`].map((name) => resolve(folder, name)),
  );
  // A folder may have the name of a scenario; only files count.
  const found = candidates.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (found !== undefined) return found;
  throw new BenchError('input', `scenario "${nameOrPath}" not found in ${cwd} or in the package`, {
    hint: `The package has ${scenarioNames(packageRoot).join(', ')}.`,
  });
}

function read(path: string, file: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fileError('read', file, error, { hint: 'Check its permissions.' });
  }
}

/** Relative inside the current folder, absolute elsewhere. */
function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

function schemaOf(packageRoot: string): object {
  return JSON.parse(readFileSync(join(packageRoot, 'scenarios', SCHEMA), 'utf8')) as object;
}

const scenarioName = (path: string): string => basename(path).replace(/\.json$/, '');

const locatedIn =
  (path: string, cwd: string) =>
  (profile: string): string => {
    if (isProfileName(profile)) return profile;
    const file = relative(cwd, resolve(dirname(path), profile));
    return isProfileName(file) ? `./${file}` : file;
  };
