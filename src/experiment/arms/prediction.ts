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
import type { FilterBuilder, LibseccompBuilder, LxcBuilder } from '../../model/filter/builder.js';
import type { FilterMaking } from '../../model/filter/filter-making.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import { coreOf } from '../../model/run/evidence.js';
import type { BuiltPrediction, LoadedProgram, PredictedFilter } from '../../model/run/evidence.js';
import { lxcSource } from '../../profile/index.js';

/** What an arm loads, and the machine where its containers run, by `uname -m`. */
export interface Predictable {
  readonly arm: Pick<ArmSpec, 'spec' | 'given' | 'making' | 'prebuilt'>;
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
  const form = formFor(builder, calls, making);
  if (form === null)
    return { state: 'unknown', reason: `no filter of ${calls} calls was seen, and ${runtime} may choose another form` };
  const { first } = making ?? {};
  return {
    state: 'known',
    options: { form, ...(first === undefined ? {} : { first }), ...(isOwn ? {} : { library }) },
  };
}

/** What is built before the run is built by bench, plain unless the arm says otherwise. */
const formFor = (builder: LibseccompBuilder, calls: number, { form, prebuilt }: FilterMaking = {}): FilterForm | null =>
  form ?? (prebuilt === true ? 'plain' : formOf(builder, calls));

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

/** A filter that is built here as the engine builds it, with its bytes. */
export type PredictedProgram =
  | ({ readonly state: 'built'; readonly program: Buffer } & BuiltPrediction)
  | Exclude<PredictedFilter, { readonly state: 'built' }>;

/** The filter that containers of an arm should load; of LXC only what was seen to be right. */
export function predictedProgram(
  { arm, machine, policy }: Predictable,
  builder: FilterBuilder,
  loaded: LoadedPrograms,
): PredictedProgram {
  const { spec, given, making } = arm;
  if (given?.kind === 'raw') return { state: 'built', program: given.filter, ...filterFacts(given.filter) };
  if (given?.kind === 'runtimeDefault') return { state: 'unknown', reason: "it is the runtime's own profile" };
  if (given !== undefined)
    return seenAlone(() => programOf(buildLxcFilter(given.policy, given.name, machine)), builder, loaded);
  if (spec === null) return { state: 'none' };
  if (builder.kind === 'lxc' && policy !== undefined)
    return seenAlone(() => fromPolicy(policy, machine, builder), builder, loaded);
  const plan = buildPlan(spec, builder, making);
  if (arm.prebuilt !== undefined) return finished(Buffer.from(arm.prebuilt), { spec, plan, machine, making });
  return plan.state === 'unknown'
    ? plan
    : attempt(() => ({ ...built(spec, plan.options, machine), ...origin(builder) }));
}

interface Finished {
  readonly spec: SeccompSpec;
  readonly plan: BuildPlan;
  readonly machine: string;
  readonly making: FilterMaking | undefined;
}

/** A filter that bench built before the run; no runtime builds it. */
function finished(program: Buffer, { spec, plan, machine, making }: Finished): PredictedProgram {
  if (plan.state === 'known') return attempt(() => built(spec, plan.options, machine));
  return { state: 'built', program, ...filterFacts(program), form: making?.form ?? 'plain' };
}

/** Without its bytes. */
export function predictedFilter(
  predictable: Predictable,
  builder: FilterBuilder,
  loaded: LoadedPrograms,
): PredictedFilter {
  const predicted = predictedProgram(predictable, builder, loaded);
  if (predicted.state !== 'built') return predicted;
  const { program: _, ...facts } = predicted;
  return facts;
}

/** In messages. */
const POLICY = 'the policy';

const BY_OTHER_RULES: PredictedProgram = {
  state: 'unknown',
  reason: 'this LXC was not seen to load what bench builds from its policy',
};

/** Another version of LXC may build another filter from the same policy. */
function seenAlone(build: () => BuiltProgram, { kind }: FilterBuilder, loaded: LoadedPrograms): PredictedProgram {
  const predicted = attempt(build);
  const isSeen =
    loaded.state === 'seen' &&
    predicted.state === 'built' &&
    loaded.programs.some((one) => one.equals(predicted.program));
  return predicted.state === 'unknown' || kind !== 'lxc' || isSeen ? predicted : BY_OTHER_RULES;
}

type BuiltProgram = BuiltPrediction & { readonly program: Buffer };

function fromPolicy(text: string, machine: string, { library }: LxcBuilder): BuiltProgram {
  const { policy } = lxcSource(text, POLICY);
  const version = libseccompVersion(library);
  return {
    ...programOf(buildLxcFilter(policy, POLICY, machine, library)),
    ...(version === null ? {} : { libseccomp: version }),
  };
}

const programOf = ({ instructions, sha256, program }: BuiltFilter): BuiltProgram => ({ instructions, sha256, program });

function built(
  spec: SeccompSpec,
  options: BuildOptions & { readonly form: FilterForm },
  machine: string,
): BuiltProgram {
  const version = libseccompVersion(options.library);
  return {
    ...programOf(buildFilter(spec, machine, options)),
    form: options.form,
    ...(version === null ? {} : { libseccomp: version }),
    ...(options.form === 'tree'
      ? { plain: buildFilter(spec, machine, { ...options, form: 'plain' }).instructions }
      : {}),
  };
}

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

function attempt(build: () => BuiltProgram): Exclude<PredictedProgram, { readonly state: 'none' }> {
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
  const seen = factsOfLoaded(loaded);
  // The arm's own making is not the engine's: it tells nothing.
  if (spec === null || making !== undefined || seen.state === 'notSeen') return builder;
  if (builder.kind === 'own' || builder.kind === 'lxc') return builder;
  const known = builder.kind === 'libseccomp' ? builder : null;
  const expected = known === null ? null : formOf(known, callsNamed(spec));
  const library = known?.library ?? OWN_LIBRARY;
  const form = formOfLoaded(seen.programs, { spec, machine, library, first: expected ?? 'plain' });
  if (form === undefined || (form === expected && buildPlan(spec, builder).state === 'known')) return builder;
  return {
    ...tellingOf(form, known, callsNamed(spec)),
    kind: 'libseccomp',
    version: libseccompVersion(isOwnLibrary(library) ? undefined : library),
    library,
    stub: seen.programs.some(({ afterStub }) => afterStub !== undefined),
    learnt: 'filter',
  };
}

/** What one filter of so many calls tells of others: all that the version tells, where both agree. */
function tellingOf(
  form: FilterForm,
  known: LibseccompBuilder | null,
  calls: number,
): Pick<LibseccompBuilder, 'treeAbove' | 'seen' | 'runtime'> {
  const expected = known === null ? null : formOf(known, calls);
  const runtime = known?.runtime === undefined ? {} : { runtime: known.runtime };
  if (known !== null && form === expected) return { ...runtime, treeAbove: known.treeAbove };
  return {
    ...runtime,
    treeAbove: form === 'tree' ? calls - 1 : null,
    seen: { calls, form, ...(expected === null ? {} : { expected }) },
  };
}

/** Where it may come from, and the form that is tried first. */
interface Origins {
  readonly spec: SeccompSpec;
  readonly machine: string;
  readonly library: string;
  readonly first: FilterForm;
}

/** The form in which a library builds one of the programs; `undefined`: it builds none of them. */
function formOfLoaded(
  programs: readonly LoadedProgram[],
  { spec, machine, library, first }: Origins,
): FilterForm | undefined {
  const cores = new Set(programs.map((program) => coreOf(program).sha256));
  const forms: readonly FilterForm[] = first === 'tree' ? ['tree', 'plain'] : ['plain', 'tree'];
  const options: BuildOptions = isOwnLibrary(library) ? {} : { library };
  return cores.size === 0
    ? undefined
    : forms.find((form) => cores.has(hashOf(spec, machine, { ...options, form }) ?? ''));
}

function hashOf(spec: SeccompSpec, machine: string, options: BuildOptions): string | undefined {
  const filter = attempt(() => programOf(buildFilter(spec, machine, options)));
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
