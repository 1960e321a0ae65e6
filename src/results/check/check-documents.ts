import { EMULATIONS } from '../../model/run/emulation.js';
import { blocksOf, containersPerTurn, type Scenario } from '../../model/run/scenario.js';
import { FORMAT_VERSION } from '../../model/results/format.js';
import { expected } from './check-sample.js';

type Kind = 'text' | 'number' | 'boolean' | 'object' | 'list' | 'text or null' | 'number or null' | 'list or null';
type Shape = Readonly<Record<string, Kind>>;
type Document = Readonly<Record<string, unknown>>;

const HOST: Shape = {
  takenAt: 'text',
  hostname: 'text',
  machine: 'text',
  kernel: 'text',
  os: 'text',
  cpuModel: 'text',
  cpuCount: 'number',
  memoryMiB: 'number',
  governor: 'text or null',
  cgroup: 'text',
  libseccomp: 'text or null',
  node: 'text',
  bench: 'text',
  loadAverage: 'list',
  stealShare: 'number or null',
  virtualization: 'text or null',
  mitigations: 'object',
};
const PLAN: Shape = {
  id: 'text',
  startedAt: 'text',
  command: 'list',
  scenario: 'object',
  scenarioSha256: 'text',
  seed: 'number',
  engine: 'object',
  pinnedCpu: 'number or null',
  capabilities: 'text',
  kernelForProfile: 'text',
};
const ENGINE: Shape = { name: 'text', version: 'text', path: 'text or null', rootless: 'boolean', notes: 'list' };
const SCENARIO: Shape = {
  name: 'text',
  arms: 'list',
  dialect: 'text',
  warmup: 'number',
  pauseMs: 'number',
  count: 'number',
};
const PROGRAM: Shape = { args: 'list', env: 'list', cwd: 'text', bindHost: 'boolean', binds: 'list', via: 'text' };
const ARM: Shape = { name: 'text', policy: 'text' };
const EVIDENCE: Shape = {
  arm: 'text',
  policy: 'text',
  architectures: 'list or null',
  specBytes: 'number',
  specSha256: 'text',
  leftOut: 'list',
  predicted: 'object',
  loaded: 'object',
  seccompMode: 'number or null',
  probe32: 'object',
};

/** Containers of one run, far above any that would end: a larger plan is a slip, and would not fit in memory. */
const LARGEST_RUN = 50_000_000;

/** What is wrong with host.json, as `path: expected X, got Y`. */
export const hostFault = (value: unknown): string | undefined =>
  versionFault(value) ?? shapeFault('', value, HOST) ?? emulationFault((value as Document)['emulation']);

/** Absent in results of versions that did not look. */
function emulationFault(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  const kinds: readonly string[] = EMULATIONS;
  return (
    shapeFault('emulation', value, { kind: 'text', sign: 'text' }) ??
    (kinds.includes((value as Document)['kind'] as string)
      ? undefined
      : expected('emulation.kind', `one of ${kinds.join(', ')}`, (value as Document)['kind']))
  );
}

/** What is wrong with plan.json. */
export function planFault(value: unknown): string | undefined {
  const fault = versionFault(value) ?? shapeFault('', value, PLAN);
  if (fault !== undefined) return fault;
  const { engine, scenario, stopping, sweep, node } = value as Document;
  return (
    shapeFault('engine', engine, ENGINE) ??
    scenarioFault(scenario) ??
    stoppingFault(stopping) ??
    (node === undefined || typeof node === 'string' ? undefined : expected('node', 'text', node)) ??
    (sweep === undefined ? undefined : shapeFault('sweep', sweep, { id: 'text', levels: 'list' }))
  );
}

/** The number that each kind of stopping rule has. */
const STOPPING: Readonly<Record<string, string | null>> = { halfWidth: 'width', decided: null, budget: 'milliseconds' };

function stoppingFault(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return expected('stopping', 'a list', value);
  return firstFault(value, (rule, index) => {
    const kind = isObject(rule) ? rule['kind'] : undefined;
    if (typeof kind !== 'string' || !Object.hasOwn(STOPPING, kind))
      return expected(`stopping[${index}].kind`, `one of ${Object.keys(STOPPING).join(', ')}`, kind);
    const name = STOPPING[kind] ?? null;
    const size = name === null ? 1 : (rule as Document)[name];
    return typeof size === 'number' && Number.isFinite(size) && size > 0
      ? undefined
      : expected(`stopping[${index}].${name ?? 'kind'}`, 'a number above 0', size);
  });
}

function scenarioFault(value: unknown): string | undefined {
  const parallel = (value as Document)['kind'] === 'parallel';
  if (!parallel && (value as Document)['kind'] !== 'sequential')
    return expected('scenario.kind', '"sequential" or "parallel"', (value as Document)['kind']);
  const fault = shapeFault(
    'scenario',
    value,
    parallel ? { ...SCENARIO, rounds: 'number', concurrency: 'number' } : SCENARIO,
  );
  if (fault !== undefined) return fault;
  const { arms, program } = value as { readonly arms: readonly unknown[]; readonly program?: unknown };
  return (
    firstFault(arms, (arm, index) => shapeFault(`scenario.arms[${index}]`, arm, ARM)) ??
    (program === undefined ? undefined : shapeFault('scenario.program', program, PROGRAM)) ??
    sizeFault(value as Scenario)
  );
}

function sizeFault(scenario: Scenario): string | undefined {
  const names = scenario.arms.map((arm) => arm.name);
  if (names.length === 0) return expected('scenario.arms', 'at least one arm', names);
  if (new Set(names).size < names.length) return expected('scenario.arms', 'each name once', names);
  const sizes = { [scenario.kind === 'sequential' ? 'count' : 'rounds']: blocksOf(scenario), count: scenario.count };
  const wrong = Object.entries(sizes).find(([, size]) => !Number.isInteger(size) || size < 1);
  if (wrong !== undefined) return expected(`scenario.${wrong[0]}`, 'a whole number of at least 1', wrong[1]);
  const containers = names.length * blocksOf(scenario) * containersPerTurn(scenario);
  return containers > LARGEST_RUN ? expected('scenario', `at most ${LARGEST_RUN} containers`, containers) : undefined;
}

/** What is wrong with evidence.json, whose arms must be the plan's. */
export function evidenceFault(value: unknown, arms: readonly string[]): string | undefined {
  if (!Array.isArray(value)) return expected('(top level)', 'a list', value);
  return firstFault(value, (item, index) => {
    const fault = shapeFault(`[${index}]`, item, EVIDENCE);
    if (fault !== undefined) return fault;
    const { arm, loaded, predicted, probe32, written, task } = item as Document;
    if (!arms.includes(arm as string)) return expected(`[${index}].arm`, `one of the plan's (${arms.join(', ')})`, arm);
    return (
      shapeFault(`[${index}].predicted`, predicted, { state: 'text' }) ??
      shapeFault(`[${index}].probe32`, probe32, { outcome: 'text', detail: 'text' }) ??
      (task === undefined
        ? undefined
        : shapeFault(`[${index}].task`, task, {
            speculationStoreBypass: 'text or null',
            speculationIndirectBranch: 'text or null',
            seccompFilters: 'number or null',
          })) ??
      (written === undefined
        ? undefined
        : shapeFault(`[${index}].written`, written, { bytes: 'number', lines: 'number', sections: 'number' })) ??
      shapeFault(
        `[${index}].loaded`,
        loaded,
        (loaded as Document)['state'] === 'seen' ? { programs: 'list' } : { state: 'text', reason: 'text' },
      )
    );
  });
}

/** What is wrong with a document's number of the format. */
export function versionFault(value: unknown): string | undefined {
  if (!isObject(value)) return expected('(top level)', 'an object', value);
  const version = value['formatVersion'];
  return version === FORMAT_VERSION ? undefined : expected('formatVersion', String(FORMAT_VERSION), version);
}

export function shapeFault(path: string, value: unknown, shape: Shape): string | undefined {
  if (!isObject(value)) return expected(path === '' ? '(top level)' : path, 'an object', value);
  return firstFault(Object.entries(shape), ([key, kind]) => {
    const inner = value[key];
    return isOf(kind, inner) ? undefined : expected(path === '' ? key : `${path}.${key}`, kind, inner);
  });
}

export function firstFault<Item>(
  items: readonly Item[],
  faultOf: (item: Item, index: number) => string | undefined,
): string | undefined {
  for (const [index, item] of items.entries()) {
    const fault = faultOf(item, index);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Whether it is a JSON object. */
export const isObject = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isOf(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'object':
      return isObject(value);
    case 'list':
      return Array.isArray(value);
    case 'text or null':
      return value === null || typeof value === 'string';
    case 'number or null':
      return value === null || isOf('number', value);
    case 'list or null':
      return value === null || Array.isArray(value);
  }
}
