import { POD_SECCOMP } from '../../model/container/pod.js';
import { FORMAT_VERSIONS } from '../../model/results/format.js';
import { EMULATIONS } from '../../model/run/emulation.js';
import { blocksOf, containersPerTurn, type Scenario } from '../../model/run/scenario.js';
import {
  expected,
  faultOf,
  fieldsFault,
  firstFault,
  flag,
  isObject,
  itemsFault,
  list,
  number,
  object,
  oneOf,
  optional,
  orNull,
  positiveCount,
  text,
  type Check,
  type Document,
  type Fault,
} from './shape.js';

const HOST = {
  takenAt: text,
  hostname: text,
  machine: text,
  kernel: text,
  os: text,
  cpuModel: text,
  cpuCount: number,
  memoryMiB: number,
  governor: orNull(text),
  cgroup: text,
  libseccomp: orNull(text),
  node: text,
  bench: text,
  loadAverage: list,
  stealShare: orNull(number),
  virtualization: orNull(text),
  mitigations: object,
};
const PLAN = {
  id: text,
  startedAt: text,
  command: list,
  scenario: object,
  scenarioSha256: text,
  seed: number,
  engine: object,
  pinnedCpu: orNull(number),
  capabilities: text,
  kernelForProfile: text,
};
const ENGINE = {
  name: text,
  version: text,
  runtime: optional(object),
  path: orNull(text),
  rootless: flag,
  notes: list,
};
const RUNTIME = { name: text, version: orNull(text), path: orNull(text), libseccomp: orNull(text) };
const SCENARIO = { name: text, arms: list, dialect: text, warmup: number, pauseMs: number, count: number };
const PROGRAM = { args: list, env: list, cwd: text, bindHost: flag, binds: list, via: text };
/** Of an arm in plan.json. */
export const ARM = { name: text, policy: text, cache: optional(oneOf(['cold', 'warm'])), against: optional(text) };
const EVIDENCE = {
  arm: text,
  policy: text,
  architectures: orNull(list),
  specBytes: number,
  specSha256: text,
  leftOut: list,
  predicted: object,
  loaded: object,
  seccompMode: orNull(number),
  probe32: object,
};
const TASK = {
  speculationStoreBypass: orNull(text),
  speculationIndirectBranch: orNull(text),
  seccompFilters: orNull(number),
};
const GIVEN = { kind: oneOf(['raw', 'lxc', 'runtimeDefault']), form: text, name: text };
const POD = { seccomp: oneOf(POD_SECCOMP), loaded: object };
const CACHE = { state: oneOf(['cold', 'warm']), containers: number, shown: number, file: orNull(object) };
const WRITTEN = { bytes: number, lines: number, sections: number };

/** Containers of one run: a larger plan is a mistake, and would not fit in memory. */
const LARGEST_RUN = 50_000_000;

/** What is wrong with host.json, as `path: expected X, got Y`. */
export function hostFault(value: unknown): Fault {
  const fault = versionFault(value) ?? fieldsFault('', value, HOST);
  if (fault !== undefined) return fault;
  // Versions that did not detect emulation left it out.
  const { emulation } = value as Document;
  return emulation === undefined || emulation === null
    ? undefined
    : fieldsFault('emulation', emulation, { kind: oneOf(EMULATIONS), sign: text });
}

/** What is wrong with the engine in plan.json. */
export function engineFault(engine: unknown): Fault {
  const fault = fieldsFault('engine', engine, ENGINE);
  if (fault !== undefined) return fault;
  const { runtime } = engine as Document;
  return runtime === undefined ? undefined : fieldsFault('engine.runtime', runtime, RUNTIME);
}

/** What is wrong with plan.json. */
export function planFault(value: unknown): Fault {
  const fault = versionFault(value) ?? fieldsFault('', value, { ...PLAN, node: optional(text) });
  if (fault !== undefined) return fault;
  const { engine, scenario, stopping, sweep } = value as Document;
  return (
    engineFault(engine) ??
    scenarioFault(scenario as Document) ??
    (stopping === undefined ? undefined : itemsFault('stopping', stopping, ruleFault)) ??
    (sweep === undefined ? undefined : fieldsFault('sweep', sweep, { id: text, levels: list }))
  );
}

/** The number of each kind of stopping rule. */
const RULES: Readonly<Record<string, string | null>> = { halfWidth: 'width', decided: null, budget: 'milliseconds' };

function ruleFault(path: string, rule: unknown): Fault {
  const kind = isObject(rule) ? rule['kind'] : undefined;
  const fault = faultOf(`${path}.kind`, kind, oneOf(Object.keys(RULES)));
  const name = RULES[String(kind)] ?? null;
  if (fault !== undefined || name === null) return fault;
  const size = (rule as Document)[name];
  return number.test(size) && Number(size) > 0 ? undefined : expected(`${path}.${name}`, 'a number above 0', size);
}

function scenarioFault(scenario: Document): Fault {
  const { kind } = scenario;
  if (kind !== 'parallel' && kind !== 'sequential')
    return expected('scenario.kind', '"sequential" or "parallel"', kind);
  const fields = kind === 'parallel' ? { ...SCENARIO, rounds: number, concurrency: number } : SCENARIO;
  const { arms, program } = scenario;
  return (
    fieldsFault('scenario', scenario, fields) ??
    itemsFault('scenario.arms', arms, (path, arm) => fieldsFault(path, arm, ARM)) ??
    (program === undefined ? undefined : fieldsFault('scenario.program', program, PROGRAM)) ??
    sizeFault(scenario as unknown as Scenario)
  );
}

function sizeFault(scenario: Scenario): Fault {
  const names = scenario.arms.map((arm) => arm.name);
  if (names.length === 0) return expected('scenario.arms', 'at least one arm', names);
  if (new Set(names).size < names.length) return expected('scenario.arms', 'each name once', names);
  const sizes = { [scenario.kind === 'sequential' ? 'count' : 'rounds']: blocksOf(scenario), count: scenario.count };
  const fault = firstFault(Object.entries(sizes), ([name, size]) => faultOf(`scenario.${name}`, size, positiveCount));
  if (fault !== undefined) return fault;
  const containers = names.length * blocksOf(scenario) * containersPerTurn(scenario);
  return containers > LARGEST_RUN ? expected('scenario', `at most ${LARGEST_RUN} containers`, containers) : undefined;
}

/** What is wrong with evidence.json, whose arms must be among the plan's. */
export const evidenceFault = (value: unknown, arms: readonly string[]): Fault =>
  itemsFault('', value, (path, item) => {
    const fault = fieldsFault(path, item, EVIDENCE);
    if (fault !== undefined) return fault;
    const { arm, loaded, predicted, probe32, written, task, given, pod, cache } = item as Document;
    return (
      faultOf(`${path}.arm`, arm, armOf(arms)) ??
      fieldsFault(`${path}.predicted`, predicted, { state: text }) ??
      fieldsFault(`${path}.probe32`, probe32, { outcome: text, detail: text }) ??
      (given === undefined ? undefined : fieldsFault(`${path}.given`, given, GIVEN)) ??
      (pod === undefined ? undefined : podFault(`${path}.pod`, pod)) ??
      (task === undefined ? undefined : fieldsFault(`${path}.task`, task, TASK)) ??
      (cache === undefined ? undefined : fieldsFault(`${path}.cache`, cache, CACHE)) ??
      (written === undefined ? undefined : fieldsFault(`${path}.written`, written, WRITTEN)) ??
      loadedFault(`${path}.loaded`, loaded)
    );
  });

const loadedFault = (path: string, loaded: unknown): Fault =>
  fieldsFault(
    path,
    loaded,
    isObject(loaded) && loaded['state'] === 'seen' ? { programs: list } : { state: text, reason: text },
  );

const podFault = (path: string, pod: unknown): Fault =>
  fieldsFault(path, pod, POD) ?? loadedFault(`${path}.loaded`, (pod as Document)['loaded']);

/** An arm of the plan. */
export const armOf = (arms: readonly string[]): Check => ({
  ...oneOf(arms),
  wanted: `one of the plan's (${arms.join(', ')})`,
});

/** What is wrong with a document's format version. */
export function versionFault(value: unknown): Fault {
  if (!isObject(value)) return expected('(top level)', 'an object', value);
  const version = value['formatVersion'];
  return (FORMAT_VERSIONS as readonly unknown[]).includes(version)
    ? undefined
    : expected('formatVersion', FORMAT_VERSIONS.join(' or '), version);
}
