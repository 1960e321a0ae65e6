import { resolve } from 'node:path';
import { BenchError } from '../errors.js';
import type { FilterForm } from '../model/filter/form.js';
import { packageRoot } from '../package.js';
import { plainLine } from '../model/plain-text.js';
import type { ArchitecturePolicy, Dialect } from '../model/profile/seccomp.js';
import { ATTACH_DEFAULTS, type AttachScenario } from '../model/run/kinds/attach.js';
import { CAPACITY_DEFAULTS, type CapacityScenario } from '../model/run/kinds/capacity.js';
import type { PercallScenario } from '../model/run/kinds/percall.js';
import { DEFAULTS } from '../model/run/limits.js';
import type { Scenario } from '../model/run/scenario.js';
import { readValidFile } from './file.js';
import type { ScenarioPlaces, ValidFile } from './file.js';
import { percallScenario } from './percall.js';
import type { WrittenPercall } from './percall.js';
import { startsScenario, startsSettings } from './starts.js';
import type { StartsSettings, WrittenStarts } from './starts.js';

const ownPlaces = (): ScenarioPlaces => ({ cwd: resolve('.'), packageRoot: packageRoot() });

/** Which filter is made of a profile. */
export interface FileFilter {
  readonly policy: ArchitecturePolicy;
  /** Absent: plain, or as a filter that is built already is. */
  readonly form?: FilterForm;
}

/** What a scenario file asks for; `file` is its path. */
export type ScenarioFile = { readonly file: string } & (
  | { readonly kind: 'starts'; readonly scenario: Scenario; readonly settings: StartsSettings }
  | { readonly kind: 'percall'; readonly scenario: PercallScenario }
  | { readonly kind: 'attach'; readonly scenario: AttachScenario; readonly filter: FileFilter }
  | { readonly kind: 'capacity'; readonly scenario: CapacityScenario; readonly filter: FileFilter }
);

/** Files that measure one filter without containers. */
interface WrittenFilter {
  readonly name?: string;
  readonly title?: string;
  readonly profile?: string;
  readonly dialect?: Dialect;
  readonly policy?: ArchitecturePolicy;
  readonly form?: FilterForm;
}

type WrittenCapacity = WrittenFilter &
  Pick<CapacityScenario, 'kind'> &
  Partial<Pick<CapacityScenario, 'tasks' | 'stacked' | 'untilRefused'>>;

type WrittenAttach = WrittenFilter &
  Pick<AttachScenario, 'kind'> &
  Partial<Pick<AttachScenario, 'rounds' | 'switchJit' | 'sampleJit'>>;

type WrittenFile = WrittenStarts | WrittenPercall | WrittenCapacity | WrittenAttach;

/**
 * The scenario with that name or path, from the current folder or from the package's `scenarios/`, with or without
 * `.json`: complete with its defaults, and with profile paths relative to `cwd`. Throws `input` with file and JSON
 * path.
 */
export function loadScenarioFile(nameOrPath: string, places: ScenarioPlaces = ownPlaces()): ScenarioFile {
  return scenarioIn(readValidFile(nameOrPath, places));
}

function scenarioIn(file: ValidFile): ScenarioFile {
  const written = file.value as WrittenFile;
  const { path } = file;
  switch (written.kind) {
    case 'percall':
      return { file: path, kind: 'percall', scenario: percallScenario(written, file) };
    case 'capacity':
      return { file: path, kind: 'capacity', scenario: capacityScenario(written, file), filter: choiceOf(written) };
    case 'attach':
      return { file: path, kind: 'attach', scenario: attachScenario(written, file), filter: choiceOf(written) };
    default:
      return {
        file: path,
        kind: 'starts',
        scenario: startsScenario(written, file),
        settings: startsSettings(written),
      };
  }
}

/** What other kinds than starts measure. */
const MEASURED = {
  percall: 'which times system calls',
  attach: 'which starts no container',
  capacity: 'which starts no container',
} as const;

/**
 * The same of a scenario of starts, for what takes no other; what its file says besides the scenario is left out, see
 * {@link loadScenarioFile}. It has its control arm. Throws `input` for another kind.
 */
export function loadScenario(nameOrPath: string, places: ScenarioPlaces = ownPlaces()): Scenario {
  return loadStarts(nameOrPath, places).scenario;
}

/** The same with what its file says besides. Throws `input` for another kind. */
export function loadStarts(
  nameOrPath: string,
  places: ScenarioPlaces,
): Extract<ScenarioFile, { readonly kind: 'starts' }> {
  const file = readValidFile(nameOrPath, places);
  const read = scenarioIn(file);
  if (read.kind === 'starts') return read;
  throw new BenchError('input', plainLine(`${file.shown} is of kind ${read.kind}, ${MEASURED[read.kind]}`), {
    hint: `bench run ${nameOrPath} measures it. Other commands take scenarios of starts, execs and programs.`,
  });
}

function capacityScenario(written: WrittenCapacity, file: ValidFile): CapacityScenario {
  return {
    kind: 'capacity',
    ...filterBase(written, file),
    tasks: written.tasks ?? CAPACITY_DEFAULTS.tasks,
    stacked: written.stacked ?? CAPACITY_DEFAULTS.stacked,
    untilRefused: written.untilRefused ?? false,
  };
}

function attachScenario(written: WrittenAttach, file: ValidFile): AttachScenario {
  return {
    kind: 'attach',
    ...filterBase(written, file),
    rounds: written.rounds ?? ATTACH_DEFAULTS.rounds,
    switchJit: written.switchJit ?? false,
    sampleJit: written.sampleJit ?? false,
  };
}

function filterBase(
  { name, title, profile, dialect }: WrittenFilter,
  { ownName, located }: ValidFile,
): Pick<CapacityScenario, 'name' | 'title' | 'profile' | 'dialect'> {
  return {
    name: name ?? ownName,
    ...(title === undefined ? {} : { title }),
    ...(profile === undefined ? {} : { profile: located(profile) }),
    dialect: dialect ?? DEFAULTS.dialect,
  };
}

const choiceOf = ({ policy = 'host', form }: WrittenFilter): FileFilter => ({
  policy,
  ...(form === undefined ? {} : { form }),
});
