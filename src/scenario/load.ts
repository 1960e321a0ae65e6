import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { BenchError, fileError } from '../errors.js';
import { packageRoot } from '../package.js';
import { isProfileName } from '../model/profile/names.js';
import type { FilterForm } from '../model/filter/form.js';
import { CAPACITY_DEFAULTS, type CapacityScenario } from '../model/run/capacity.js';
import type { ArmDefinition, ParallelScenario, Scenario, SequentialScenario } from '../model/run/scenario.js';
import { PROBES_FORM, probesIn } from '../model/run/unit.js';
import type { Workload } from '../model/run/program/workload.js';
import { type ArmFault, completeArms, DEFAULT_ARMS, faultIn, namedPolicy } from '../model/run/arms.js';
import { plainLine } from '../model/plain-text.js';
import { DEFAULTS } from '../model/run/limits.js';
import { sweepLevels } from './make.js';
import { parseJson } from './json.js';
import { faultAgainst, pathText } from './schema.js';
import { isFault, workloadFrom, type WrittenWorkload } from './workload.js';

/** Where scenarios are searched; absent: the current folder, and this package. */
export interface ScenarioPlaces {
  readonly cwd: string;
  /** The package's folder, which has `scenarios/` with the schema. */
  readonly packageRoot: string;
}

const ownPlaces = (): ScenarioPlaces => ({ cwd: resolve('.'), packageRoot: packageRoot() });

const SCHEMA = 'scenario.schema.json';

/** A scenario's file, valid by the schema. */
type Written<Kind extends Scenario> = Partial<Omit<Kind, 'arms' | 'concurrency' | 'levels' | 'program'>> &
  Pick<Kind, 'kind'> & {
    /** Another name for `count` (sequential) or `rounds` (parallel). */
    readonly blocks?: number;
    readonly arms?: readonly WrittenArm[];
    readonly concurrency?: number | readonly number[];
    readonly program?: WrittenWorkload;
  };

/**
 * The scenario with that name or path, from the current folder or from the package's `scenarios/`, with or without
 * `.json`: complete with defaults and the control arm, and with profile paths relative to `cwd`. Throws `input` with
 * file and JSON path.
 */
export function loadScenario(nameOrPath: string, places: ScenarioPlaces = ownPlaces()): Scenario {
  const { written, path, reject } = readScenario(nameOrPath, places);
  if (written.kind !== 'capacity') return complete(written, path, places.cwd, reject);
  throw new BenchError(
    'input',
    plainLine(`${shownPath(path, places.cwd)} is of kind capacity, which starts no container`),
    {
      hint: `bench run ${nameOrPath} measures the memory of its filter.`,
    },
  );
}

/**
 * The same for a scenario of kind `capacity`; `null` for any other kind. Throws `input` with file and JSON path.
 */
export function loadCapacityScenario(
  nameOrPath: string,
  places: ScenarioPlaces = ownPlaces(),
): CapacityScenario | null {
  const { written, path } = readScenario(nameOrPath, places);
  if (written.kind !== 'capacity') return null;
  const { title, profile } = written;
  return {
    kind: 'capacity',
    name: written.name ?? scenarioName(path),
    ...(title === undefined ? {} : { title }),
    ...(profile === undefined ? {} : { profile: locatedIn(path, places.cwd)(profile) }),
    dialect: written.dialect ?? DEFAULTS.dialect,
    tasks: written.tasks ?? CAPACITY_DEFAULTS.tasks,
    stacked: written.stacked ?? CAPACITY_DEFAULTS.stacked,
    untilRefused: written.untilRefused ?? false,
  };
}

interface ReadScenario {
  readonly written: WrittenScenario | WrittenCapacity;
  readonly path: string;
  readonly reject: Reject;
}

function readScenario(nameOrPath: string, places: ScenarioPlaces): ReadScenario {
  const path = findScenario(nameOrPath, places);
  const file = shownPath(path, places.cwd);
  const reject = (fault: string): BenchError =>
    new BenchError('input', plainLine(`${file}: ${fault}`), {
      hint: `The format is described by scenarios/${SCHEMA} in the package.`,
    });
  const json = parseJson(read(path, file));
  if (json.state === 'broken') throw reject(json.fault);
  const fault = faultAgainst(schemaOf(places.packageRoot), json.value);
  if (fault !== undefined) throw reject(fault);
  return { written: json.value as WrittenScenario | WrittenCapacity, path, reject };
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

type Reject = (fault: string) => BenchError;

/** Blocks of execs: a sequential scenario whose unit is the exec. */
type WrittenExecs = Omit<Written<SequentialScenario>, 'kind' | 'unit' | 'probes'> & {
  readonly kind: 'exec';
  readonly probes?: string;
};

type WrittenCapacity = Pick<CapacityScenario, 'kind'> & Partial<CapacityScenario>;

type WrittenScenario = Written<SequentialScenario> | Written<ParallelScenario> | WrittenExecs;

/** Profiles are relative to the scenario's file, wherever bench is called. */
const locatedIn =
  (path: string, cwd: string) =>
  (profile: string): string => {
    if (isProfileName(profile)) return profile;
    const file = relative(cwd, resolve(dirname(path), profile));
    return isProfileName(file) ? `./${file}` : file;
  };

function complete(written: WrittenScenario, path: string, cwd: string, reject: Reject): Scenario {
  const located = locatedIn(path, cwd);
  const base = { ...described(written, path), ...treated(written, located, reject) };
  // The schema requires count or blocks here, and count in a parallel scenario.
  const { kind, blocks, count = blocks ?? 1 } = written;
  if (kind === 'exec') return { kind: 'sequential', unit: 'exec', ...base, count, ...probesOf(written, reject) };
  if (kind === 'sequential') {
    const { duet } = written;
    return { kind, ...base, count, ...(duet === undefined ? {} : { duet }) };
  }
  const { concurrency = count, rounds = blocks ?? DEFAULTS.rounds } = written;
  return { kind, ...base, count, ...inFlight(concurrency, count, reject), rounds };
}

function probesOf({ probes }: WrittenExecs, reject: Reject): Pick<SequentialScenario, 'probes'> {
  if (probes === undefined) return {};
  const read = probesIn(probes);
  if (read === undefined) throw reject(`probes: expected ${PROBES_FORM}, got ${JSON.stringify(probes)}`);
  return { probes: read };
}

function described(
  { name, title, architecture, published }: WrittenScenario,
  path: string,
): Pick<Scenario, 'name' | 'title' | 'architecture' | 'published'> {
  return {
    name: name ?? scenarioName(path),
    ...(title === undefined ? {} : { title }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(published === undefined ? {} : { published }),
  };
}

function treated(
  { kind, arms = DEFAULT_ARMS, profile, dialect = DEFAULTS.dialect, warmup, pauseMs, program, cache }: WrittenScenario,
  located: (path: string) => string,
  reject: Reject,
): Pick<Scenario, 'arms' | 'profile' | 'dialect' | 'warmup' | 'pauseMs' | 'program' | 'cache'> {
  return {
    arms: armsOf(arms, located, reject),
    ...(profile === undefined ? {} : { profile: located(profile) }),
    dialect,
    warmup: warmup ?? DEFAULTS.warmup[kind === 'exec' ? 'sequential' : kind],
    pauseMs: pauseMs ?? DEFAULTS.pauseMs,
    ...(program === undefined ? {} : { program: programOf(program, located, reject) }),
    ...(cache === undefined ? {} : { cache }),
  };
}

/** A list is a sweep, which always includes level 1. */
function inFlight(
  written: number | readonly number[],
  count: number,
  reject: Reject,
): Pick<ParallelScenario, 'concurrency' | 'levels'> {
  const isList = typeof written !== 'number';
  const levels = isList ? written : [written];
  const index = levels.findIndex((level) => level > count);
  const path = pathText(isList ? ['concurrency', index] : ['concurrency']);
  if (index >= 0) throw reject(`${path}: expected at most the count ${count}, got ${levels[index]}`);
  return { concurrency: Math.max(...levels), ...(isList ? { levels: sweepLevels(levels) } : {}) };
}

function programOf(written: WrittenWorkload, located: (path: string) => string, reject: Reject): Workload {
  const workload = workloadFrom(written, located);
  if (!isFault(workload)) return workload;
  const { property, index, message } = workload;
  throw reject(`${pathText(['program', property, ...(index === undefined ? [] : [index])])}: ${message}`);
}

/** An arm with a property of its own may be without a policy. */
type WrittenArm =
  | string
  | (Pick<ArmDefinition, 'name' | 'profile' | 'runtime' | 'libseccomp' | 'copyOf'> &
      Partial<Pick<ArmDefinition, 'policy'>> & {
        readonly form?: FilterForm;
        readonly build?: 'start' | 'before';
        readonly first?: readonly string[];
      });

function armsOf(
  written: readonly WrittenArm[],
  located: (profile: string) => string,
  reject: Reject,
): readonly ArmDefinition[] {
  const named = (arm: WrittenArm): readonly ArmDefinition[] => {
    if (typeof arm !== 'string') return [definitionOf(arm, located)];
    // Of the names that the schema allows, only the control arm's has no policy; that arm is added last.
    const policy = namedPolicy(arm);
    return policy === undefined ? [] : [{ name: arm, policy }];
  };
  const arms = completeArms(written.flatMap(named));
  const fault = faultIn(arms);
  if (fault === undefined) return arms;
  throw reject(`${placeOf(fault, written, arms)}: ${fault.message}`);
}

function definitionOf(
  { policy, profile, runtime, libseccomp, form, build, first, ...rest }: Exclude<WrittenArm, string>,
  located: (path: string) => string,
): ArmDefinition {
  const chosen = policy === undefined ? ({ policy: 'host', impliedPolicy: true } as const) : { policy };
  const making = {
    ...(form === undefined ? {} : { form }),
    ...(build === 'before' ? { prebuilt: true as const } : {}),
    ...(first === undefined ? {} : { first }),
  };
  return {
    ...rest,
    ...chosen,
    ...(profile === undefined ? {} : { profile: located(profile) }),
    // A name without a folder is looked for in PATH.
    ...(runtime === undefined ? {} : { runtime: runtime.includes('/') ? asPath(located(runtime)) : runtime }),
    ...(form === undefined && build === undefined && first === undefined ? {} : { making }),
    ...(libseccomp === undefined ? {} : { libseccomp: located(libseccomp) }),
  };
}

const asPath = (file: string): string => (file.includes('/') ? file : `./${file}`);

/** The fault's JSON path in the file, where arms may have another order, or may be plain names. */
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
