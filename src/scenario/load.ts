import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { BenchError } from '../errors.js';
import type { ArmDefinition, ParallelScenario, Scenario, SequentialScenario } from '../model/run/scenario.js';
import type { Workload } from '../model/run/workload.js';
import { type ArmFault, completeArms, DEFAULT_ARMS, faultIn, namedPolicy } from '../model/run/arms.js';
import { DEFAULTS } from '../model/run/limits.js';
import { sweepLevels } from './make.js';
import { parseJson } from './json.js';
import { faultAgainst, pathText } from './schema.js';
import { isFault, workloadFrom, type WrittenWorkload } from './workload.js';

/** Where scenarios are looked for. */
export interface ScenarioPlaces {
  readonly cwd: string;
  /** Holds `scenarios/` with the schema; the package's own. */
  readonly packageRoot: string;
}

const SCHEMA = 'scenario.schema.json';

/** A scenario's file as the schema lets it through. */
type Written<Kind extends Scenario> = Partial<Omit<Kind, 'arms' | 'concurrency' | 'levels' | 'program'>> &
  Pick<Kind, 'kind' | 'count'> & {
    readonly arms?: readonly WrittenArm[];
    readonly concurrency?: number | readonly number[];
    readonly program?: WrittenWorkload;
  };

/**
 * The scenario of that name or path, from the current folder or else from the package's `scenarios/`, with or without
 * `.json`; defaults filled in, the control arm added, profile paths made relative to `cwd`. Throws `input` with file
 * and JSON path.
 */
export function loadScenario(nameOrPath: string, places: ScenarioPlaces): Scenario {
  const path = findScenario(nameOrPath, places);
  const file = shownPath(path, places.cwd);
  const reject = (fault: string): BenchError =>
    new BenchError('input', `${file}: ${fault}`, {
      hint: `${SCHEMA} in the package's scenarios folder says what a scenario may hold.`,
    });
  const json = parseJson(read(path, file));
  if (json.state === 'broken') throw reject(json.fault);
  const fault = faultAgainst(schemaOf(places.packageRoot), json.value);
  if (fault !== undefined) throw reject(fault);
  return complete(json.value as Written<SequentialScenario> | Written<ParallelScenario>, path, places.cwd, reject);
}

/** Names of the package's scenarios, sorted, for messages and help. */
export function scenarioNames(packageRoot: string): readonly string[] {
  return readdirSync(join(packageRoot, 'scenarios'))
    .filter((file) => file.endsWith('.json') && file !== SCHEMA)
    .map(nameOf)
    .sort();
}

/** The file of the scenario of that name or path. Throws `input`. */
export function findScenario(nameOrPath: string, { cwd, packageRoot }: ScenarioPlaces): string {
  const folders = isAbsolute(nameOrPath) ? ['/'] : [cwd, join(packageRoot, 'scenarios'), packageRoot];
  const candidates = folders.flatMap((folder) =>
    [nameOrPath, `${nameOrPath}.json`].map((name) => resolve(folder, name)),
  );
  // A folder may share a scenario's name; only files count.
  const found = candidates.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (found !== undefined) return found;
  throw new BenchError(
    'input',
    `Expected a scenario file, got "${nameOrPath}", which is neither in ${cwd} nor among the package's scenarios`,
    {
      hint: `The package has ${scenarioNames(packageRoot).join(', ')}.`,
    },
  );
}

function read(path: string, file: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new BenchError(
      'input',
      `${file}: expected a readable file, got ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`,
      { hint: 'Check its permissions.', cause },
    );
  }
}

/** As short as it is clear: relative inside the current folder, whole elsewhere. */
function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith('..') ? path : short;
}

function schemaOf(packageRoot: string): object {
  return JSON.parse(readFileSync(join(packageRoot, 'scenarios', SCHEMA), 'utf8')) as object;
}

const nameOf = (path: string): string => basename(path).replace(/\.json$/, '');

type Reject = (fault: string) => BenchError;

function complete(
  written: Written<SequentialScenario> | Written<ParallelScenario>,
  path: string,
  cwd: string,
  reject: Reject,
): Scenario {
  // A profile is where the scenario's file says, wherever bench is called from.
  const located = (profile: string): string => relative(cwd, resolve(dirname(path), profile));
  const base = {
    name: written.name ?? nameOf(path),
    ...(written.title === undefined ? {} : { title: written.title }),
    ...(written.architecture === undefined ? {} : { architecture: written.architecture }),
    ...(written.published === undefined ? {} : { published: written.published }),
    arms: armsOf(written.arms ?? DEFAULT_ARMS, located, reject),
    ...(written.profile === undefined ? {} : { profile: located(written.profile) }),
    dialect: written.dialect ?? DEFAULTS.dialect,
    warmup: written.warmup ?? DEFAULTS.warmup[written.kind],
    pauseMs: written.pauseMs ?? DEFAULTS.pauseMs,
    ...(written.program === undefined ? {} : { program: programOf(written.program, located, reject) }),
  };
  if (written.kind === 'sequential') return { kind: written.kind, ...base, count: written.count };
  const { count, concurrency = count, rounds = DEFAULTS.rounds } = written;
  return { kind: written.kind, ...base, count, ...inFlight(concurrency, count, reject), rounds };
}

/** A list is a sweep, which is held against level 1. */
function inFlight(
  written: number | readonly number[],
  count: number,
  reject: Reject,
): Pick<ParallelScenario, 'concurrency' | 'levels'> {
  const isList = typeof written !== 'number';
  const levels = isList ? written : [written];
  const index = levels.findIndex((level) => level > count);
  if (index >= 0)
    throw reject(
      `${pathText(isList ? ['concurrency', index] : ['concurrency'])}: expected at most the count ${count}, got ${levels[index]}`,
    );
  return { concurrency: Math.max(...levels), ...(isList ? { levels: sweepLevels(levels) } : {}) };
}

function programOf(written: WrittenWorkload, located: (path: string) => string, reject: Reject): Workload {
  const workload = workloadFrom(written, located);
  if (!isFault(workload)) return workload;
  const { property, index, message } = workload;
  throw reject(`${pathText(['program', property, ...(index === undefined ? [] : [index])])}: ${message}`);
}

type WrittenArm = string | ArmDefinition;

function armsOf(
  written: readonly WrittenArm[],
  located: (profile: string) => string,
  reject: Reject,
): readonly ArmDefinition[] {
  const named = (arm: WrittenArm): readonly ArmDefinition[] => {
    if (typeof arm !== 'string') return [arm.profile === undefined ? arm : { ...arm, profile: located(arm.profile) }];
    // The schema let only known names through, so that the one without a policy is the control arm: it is put last.
    const policy = namedPolicy(arm);
    return policy === undefined ? [] : [{ name: arm, policy }];
  };
  const arms = completeArms(written.flatMap(named));
  const fault = faultIn(arms);
  if (fault === undefined) return arms;
  throw reject(`${placeOf(fault, written, arms)}: ${fault.message}`);
}

/** The fault's JSON path in the file, where the arms may stand in another order and as plain names. */
function placeOf(fault: ArmFault, written: readonly WrittenArm[], arms: readonly ArmDefinition[]): string {
  const arm = fault.index === undefined ? undefined : arms[fault.index];
  const index = written.findLastIndex((entry) => (typeof entry === 'string' ? entry : entry.name) === arm?.name);
  if (index < 0) return 'arms';
  return pathText([
    'arms',
    index,
    ...(typeof written[index] === 'string' || fault.property === undefined ? [] : [fault.property]),
  ]);
}
