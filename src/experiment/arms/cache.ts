import { BenchError, conflict, needs } from '../../errors.js';
import type { Engine, FilterCaching } from '../../model/container/container.js';
import { MOST_ARMS } from '../../model/run/arms.js';
import { baselineOf, unitOf } from '../../model/run/scenario.js';
import type { ArmDefinition, CacheChoice, FilterCache, Scenario } from '../../model/run/scenario.js';
import type { ArmEvidence } from '../../model/run/evidence.js';
import type { ArmSources, ConvertedArm } from './convert.js';

/**
 * The states of its runtime's cache that each arm can be measured in: none where the runtime compiles its filter at
 * every start; `null` where there is nothing to compile.
 */
export type CacheStates = ReadonlyMap<string, readonly FilterCache[] | null>;

/** What the name of a cold twin ends with. */
const COLD = '-cold';

/** Arms with the state of the cache in which each is measured, and which of them are twins of others. */
export interface CachedArms {
  readonly arms: readonly ArmDefinition[];
  /** The original of every twin, by the twin's name. */
  readonly twins: ReadonlyMap<string, string>;
  /** Cold twins would have made more arms than a block may have. */
  readonly coldLeftOut: boolean;
}

/** Arms that are neither cold nor warm. */
export const asTheyAre = (arms: readonly ArmDefinition[]): CachedArms => ({
  arms,
  twins: new Map(),
  coldLeftOut: false,
});

/**
 * The arms of a scenario, cold or warm as it asks for. Throws `usage` and `environment` where that cannot be had; an
 * engine that keeps no compiled filters leaves the arms as they are.
 */
export async function cachedArms(
  scenario: Scenario,
  converted: readonly ConvertedArm[],
  engine: Engine,
  { signal, preset }: { readonly signal: AbortSignal; readonly preset: CacheChoice },
): Promise<CachedArms> {
  const { arms, cache: choice } = scenario;
  const isAsked = choice === 'warm' || choice === 'both';
  if (arms.some(({ command }) => command !== undefined) || isOfExecs(scenario)) return asTheyAre(arms);
  const states = await statesOf(converted, engine.caching, signal);
  if (arms.some(({ cache }) => cache !== undefined)) {
    assertStates(arms, states, engine);
    return asTheyAre(arms);
  }
  const kept = [...states.values()].flatMap((one) => (one === null || one.length === 0 ? [] : [one]));
  if (kept.length === 0) {
    if (isAsked) throw keepsNone(choice, engine);
    return asTheyAre(arms);
  }
  if (choice !== undefined && choice !== 'warm' && kept.some((one) => !one.includes('cold')))
    throw onlyWarm(choice, engine);
  return inStates(arms, states, choice, preset);
}

/** Refuses a cache for what does not compile a filter at its start. Throws `usage`. */
export function assertCacheable(scenario: Scenario): void {
  const { arms, cache } = scenario;
  if (cache !== 'warm' && cache !== 'both') return;
  if (arms.some(({ command }) => command !== undefined))
    throw conflict(`--cache ${cache}`, 'commands', { hint: 'bench does not see what a command starts.' });
  if (isOfExecs(scenario))
    throw conflict(`--cache ${cache}`, unitOf(scenario) === 'exec' ? 'execs' : '--via exec', {
      hint: 'An exec loads the filter that was compiled when its container was started, whatever the cache holds.',
    });
}

const isOfExecs = (scenario: Scenario): boolean => scenario.program?.via === 'exec' || unitOf(scenario) === 'exec';

const keepsNone = (choice: CacheChoice, { facts }: Engine): BenchError =>
  needs(`--cache ${choice}`, `a runtime that keeps compiled filters; ${facts.version || facts.name} keeps none`, {
    hint: 'crun keeps them from 1.7 on, unless its package was built without; --cache cold is what others do anyway.',
  });

const onlyWarm = (choice: CacheChoice, { facts }: Engine): BenchError =>
  needs(`--cache ${choice}`, `a state folder for each container, which ${facts.name} does not give its runtime`, {
    hint: `Use --cache warm, or --engine crun, which measures both.`,
  });

async function statesOf(
  converted: readonly ConvertedArm[],
  caching: FilterCaching | undefined,
  signal: AbortSignal,
): Promise<CacheStates> {
  const states = new Map<string, readonly FilterCache[] | null>();
  for (const { definition, spec } of converted) {
    const isCompiled = spec !== null && definition.making?.prebuilt === undefined;
    states.set(definition.name, isCompiled ? ((await caching?.statesOf(definition.name, signal)) ?? []) : null);
  }
  return states;
}

/** Arms that name a state themselves: those of a recorded run, or of the library. */
function assertStates(arms: readonly ArmDefinition[], states: CacheStates, { facts }: Engine): void {
  const wrong = arms.find(({ name, cache }) => cache !== undefined && states.get(name)?.includes(cache) !== true);
  if (wrong === undefined) return;
  throw needs(
    `arm ${wrong.name}`,
    `a runtime that can be measured ${wrong.cache ?? ''}; ${facts.version || facts.name} cannot`,
    { hint: 'crun keeps compiled filters from 1.7 on.' },
  );
}

/**
 * With both, every arm is warm, and an arm that is not a copy gets a cold twin, compared with the cold twin of the
 * baseline; so does an arm whose runtime keeps no filters, which is the same once more. A baseline whose runtime keeps
 * none is cold already: then only arms of other runtimes get twins, which are compared with it.
 */
export function inStates(
  arms: readonly ArmDefinition[],
  states: CacheStates,
  choice: CacheChoice | undefined,
  preset: CacheChoice,
): CachedArms {
  const wanted = choice ?? preset;
  const has = (name: string, state: FilterCache): boolean => states.get(name)?.includes(state) === true;
  const main = wanted === 'cold' ? 'cold' : 'warm';
  const own = arms.map((arm): ArmDefinition => (has(arm.name, main) ? { ...arm, cache: main } : arm));
  const asAsked = asTheyAre(own);
  if (wanted !== 'both' || ![...states.keys()].some((name) => has(name, 'cold'))) return asAsked;
  const twins = twinsOf(arms, states);
  if (own.length + twins.length > MOST_ARMS) {
    if (choice === undefined) return { ...asAsked, coldLeftOut: true };
    throw new BenchError(
      'usage',
      `--cache both makes ${own.length + twins.length} arms; at most ${MOST_ARMS} fit in a block`,
      { hint: 'Name fewer arms, or measure them in two runs: --cache warm and --cache cold.' },
    );
  }
  const taken = twins.find(({ twin }) => arms.some(({ name }) => name === twin.name));
  if (taken !== undefined)
    throw new BenchError('usage', `arm ${taken.twin.name} has the name of the cold twin of arm ${taken.original}`, {
      hint: 'Give it another name, or use --cache warm or --cache cold.',
    });
  return {
    arms: [...own, ...twins.map(({ twin }) => twin)],
    twins: new Map(twins.map(({ twin, original }) => [twin.name, original])),
    coldLeftOut: false,
  };
}

interface Twin {
  readonly twin: ArmDefinition;
  readonly original: string;
}

function twinsOf(arms: readonly ArmDefinition[], states: CacheStates): readonly Twin[] {
  const baseline = baselineOf(arms);
  const isKept = (name: string): boolean => states.get(name)?.includes('cold') === true;
  return arms
    .filter(
      ({ name, copyOf }) => copyOf === undefined && (isKept(name) || (isKept(baseline) && states.get(name) !== null)),
    )
    .map((arm): Twin => {
      const name = `${arm.name}${COLD}`;
      const cache = isKept(arm.name) ? ({ cache: 'cold' } as const) : {};
      const against = isKept(baseline) ? { against: `${baseline}${COLD}` } : {};
      return { original: arm.name, twin: { ...arm, name, ...cache, ...against } };
    });
}

/** The converted arms with those of the twins, which differ from their originals by name and cache alone. */
export function withTwins(
  converted: readonly ConvertedArm[],
  { arms, twins }: Pick<CachedArms, 'arms' | 'twins'>,
): readonly ConvertedArm[] {
  return arms.map((definition) => {
    const original = converted.find((arm) => arm.definition.name === (twins.get(definition.name) ?? definition.name));
    if (original === undefined) throw new RangeError(`arm ${definition.name} was not converted`);
    return { ...original, definition };
  });
}

/** What the arms load, that of the twins included. */
export const sourcesWithTwins = (sources: ArmSources, { twins }: Pick<CachedArms, 'twins'>): ArmSources =>
  new Map([
    ...sources,
    ...[...twins].flatMap(([twin, original]) => {
      const source = sources.get(original);
      return source === undefined ? [] : [[twin, source] as const];
    }),
  ]);

/** The evidence of an earlier part of a run, with what was seen of the cache in both. */
export const withEarlierCache = (
  earlier: readonly ArmEvidence[],
  now: readonly ArmEvidence[],
): readonly ArmEvidence[] =>
  earlier.map((one) => {
    const cache = now.find(({ arm }) => arm === one.arm)?.cache;
    if (cache === undefined || one.cache === undefined) return one;
    const containers = one.cache.containers + cache.containers;
    return { ...one, cache: { ...one.cache, containers, shown: one.cache.shown + cache.shown } };
  });

/** The evidence with what was seen of the cache until now. */
export const withCache = (evidence: readonly ArmEvidence[], { caching }: Engine): readonly ArmEvidence[] =>
  evidence.map((one) => {
    const cache = caching?.evidenceOf(one.arm);
    return cache === undefined ? one : { ...one, cache };
  });
