import { BenchError } from '../../errors.js';
import {
  buildFilter,
  buildLxcFilter,
  factsOfLoaded,
  filterFacts,
  isOwnLibrary,
  libseccompVersion,
} from '../../filter/index.js';
import type { BuildOptions, BuiltFilter, FilterForm, LoadedPrograms } from '../../filter/index.js';
import type { ArmSpec } from '../../model/container/container.js';
import { formOf, OWN_LIBRARY } from '../../model/filter/builder.js';
import type { FilterBuilder, LibseccompBuilder } from '../../model/filter/builder.js';
import type { FilterMaking } from '../../model/filter/filter-making.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import { coreOf } from '../../model/run/evidence.js';
import type { BuiltPrediction, FilterFacts, PredictedFilter } from '../../model/run/evidence.js';
import { lxcSource } from '../../profile/index.js';

/** What an arm loads, and the machine where its containers run, by `uname -m`. */
export interface Predictable {
  readonly arm: Pick<ArmSpec, 'spec' | 'given' | 'making'>;
  readonly machine: string;
  /** The policy file that LXC gets, where the engine writes one. */
  readonly policy?: string;
}

/** How a filter is built here so that it is the one that the engine builds. */
export type BuildPlan =
  | { readonly state: 'known'; readonly options: BuildOptions & { readonly form: FilterForm } }
  | { readonly state: 'unknown'; readonly reason: string };

/** Calls that a spec names, once for every rule that does: what runc counts (its specconv makes a rule of each). */
export const callsNamed = ({ syscalls = [] }: SeccompSpec): number =>
  syscalls.reduce((sum, { names }) => sum + names.length, 0);

/** How to build a spec's filter as an engine does; unknown rather than in another form or with another library. */
export function buildPlan(spec: SeccompSpec, builder: FilterBuilder, making?: FilterMaking): BuildPlan {
  if (builder.kind !== 'libseccomp') return { state: 'unknown', reason: whyNot(builder) };
  const { library, unavailable, version, runtime = 'the runtime' } = builder;
  if (library === undefined)
    return { state: 'unknown', reason: unavailable ?? `the libseccomp of ${runtime} was not found` };
  const isOwn = isOwnLibrary(library);
  const own = libseccompVersion();
  if (isOwn && version !== null && own !== null && own !== version)
    return { state: 'unknown', reason: `${runtime} uses libseccomp ${version}, and bench finds ${own}` };
  const calls = callsNamed(spec);
  const form = making === undefined ? formOf(builder, calls) : (making.form ?? 'plain');
  if (form === null)
    return { state: 'unknown', reason: `no filter of ${calls} calls was seen, and ${runtime} may choose another form` };
  const { first } = making ?? {};
  return {
    state: 'known',
    options: { form, ...(first === undefined ? {} : { first }), ...(isOwn ? {} : { library }) },
  };
}

function whyNot(builder: Exclude<FilterBuilder, LibseccompBuilder>): string {
  switch (builder.kind) {
    case 'lxc':
      return 'LXC builds it from the sections of its policy';
    case 'own':
      return `${builder.name} has a filter program of its own`;
    case 'unknown':
      return builder.reason;
  }
}

/** The filter that containers of an arm should load. */
export function predictedFilter(predictable: Predictable, builder: FilterBuilder): PredictedFilter {
  const { arm, machine, policy } = predictable;
  const { spec, given, making } = arm;
  if (given?.kind === 'raw') return { state: 'built', ...filterFacts(given.filter) };
  if (given?.kind === 'runtimeDefault') return { state: 'unknown', reason: "it is the runtime's own profile" };
  if (given !== undefined) return attempt(() => factsOf(buildLxcFilter(given.policy, given.name, machine)));
  if (spec === null) return { state: 'none' };
  if (builder.kind === 'lxc' && policy !== undefined) return attempt(() => factsOf(fromPolicy(policy, machine)));
  const plan = buildPlan(spec, builder, making);
  return plan.state === 'unknown'
    ? plan
    : attempt(() => ({ ...built(spec, plan.options, machine), ...origin(builder) }));
}

const fromPolicy = (policy: string, machine: string): BuiltFilter =>
  buildLxcFilter(lxcSource(policy, 'the policy').policy, 'the policy', machine);

const factsOf = ({ instructions, sha256 }: FilterFacts): FilterFacts => ({ instructions, sha256 });

function built(
  spec: SeccompSpec,
  options: BuildOptions & { readonly form: FilterForm },
  machine: string,
): BuiltPrediction {
  const version = versionOf(options);
  return {
    ...factsOf(buildFilter(spec, machine, options)),
    form: options.form,
    ...(version === null ? {} : { libseccomp: version }),
    ...(options.form === 'tree'
      ? { plain: buildFilter(spec, machine, { ...options, form: 'plain' }).instructions }
      : {}),
  };
}

const versionOf = ({ library }: BuildOptions): string | null => (library === undefined ? libseccompVersion() : null);

function origin(builder: FilterBuilder): Pick<BuiltPrediction, 'runtime' | 'learnt' | 'stub' | 'expected'> {
  if (builder.kind !== 'libseccomp') return {};
  const { runtime, learnt, stub, seen } = builder;
  return {
    ...(runtime === undefined ? {} : { runtime }),
    learnt,
    ...(stub ? { stub: true } : {}),
    ...(seen?.expected === undefined ? {} : { expected: seen.expected }),
  };
}

function attempt(build: () => BuiltPrediction): PredictedFilter {
  try {
    return { state: 'built', ...build() };
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    return { state: 'unknown', reason: error.message };
  }
}

/**
 * What a filter that a container loaded tells of its engine: the form and the library that give exactly these bytes.
 * The builder itself where they are as it says, and where neither form gives them.
 */
export function learnt(
  { arm: { spec, making }, machine }: Predictable,
  builder: FilterBuilder,
  loaded: LoadedPrograms,
): FilterBuilder {
  // The arm's own making is not the engine's: it tells nothing.
  if (spec === null || making !== undefined || builder.kind === 'own' || builder.kind === 'lxc') return builder;
  const facts = factsOfLoaded(loaded);
  if (facts.state === 'notSeen' || facts.programs.length === 0) return builder;
  const known = builder.kind === 'libseccomp' ? builder : null;
  const calls = callsNamed(spec);
  const expected = known === null ? null : formOf(known, calls);
  const library = known?.library ?? OWN_LIBRARY;
  const cores = new Set(facts.programs.map((program) => coreOf(program).sha256));
  const forms: readonly FilterForm[] = expected === 'tree' ? ['tree', 'plain'] : ['plain', 'tree'];
  const options = isOwnLibrary(library) ? {} : { library };
  const form = forms.find((one) => cores.has(hashOf(spec, machine, { ...options, form: one }) ?? ''));
  if (form === undefined || (form === expected && buildPlan(spec, builder).state === 'known')) return builder;
  return {
    ...(known?.runtime === undefined ? {} : { runtime: known.runtime }),
    kind: 'libseccomp',
    treeAbove: form === expected ? (known?.treeAbove ?? null) : form === 'tree' ? calls - 1 : null,
    version: versionOf(options),
    library,
    stub: facts.programs.some(({ afterStub }) => afterStub !== undefined),
    learnt: 'filter',
    ...(form === expected ? {} : { seen: { calls, form, ...(expected === null ? {} : { expected }) } }),
  };
}

function hashOf(spec: SeccompSpec, machine: string, options: BuildOptions): string | undefined {
  const filter = attempt(() => factsOf(buildFilter(spec, machine, options)));
  return filter.state === 'built' ? filter.sha256 : undefined;
}

/** An arm of an experiment, and what was seen of it. */
export interface SeenPredictable extends Predictable {
  readonly name: string;
  /** As its engine tells. */
  readonly builder: FilterBuilder;
  readonly filters: LoadedPrograms;
}

/**
 * What makes the filters of each arm, by its name: as its own filter showed, else as that of another arm of the same
 * engine did, else as the engine tells.
 */
export function learntBuilders(arms: readonly SeenPredictable[]): ReadonlyMap<string, FilterBuilder> {
  const own = arms.map((one) => ({ ...one, learnt: learnt(one, one.builder, one.filters) }));
  return new Map(
    own.map((one) => {
      if (one.learnt !== one.builder || one.arm.spec === null) return [one.name, one.learnt];
      const { spec } = one.arm;
      const ofOthers = own
        .filter((other) => other.builder === one.builder && other.learnt !== other.builder)
        .map((other) => other.learnt);
      return [one.name, ofOthers.find((builder) => buildPlan(spec, builder).state === 'known') ?? one.builder];
    }),
  );
}
