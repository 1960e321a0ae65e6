import { RAW_FILTER_ANNOTATION } from '../../engine/oci/config.js';
import { BenchError } from '../../errors.js';
import { buildFilter, filterFacts, filterPlan, namesWithRule } from '../../filter/index.js';
import type { BuildOptions, FilterForm } from '../../filter/index.js';
import type { ConvertedArmSpec, Engine, EngineFacts } from '../../model/container/container.js';
import { formOf, unknownBuilder } from '../../model/filter/builder.js';
import type { FilterBuilder, LibseccompBuilder } from '../../model/filter/builder.js';
import type { FilterMaking } from '../../model/filter/filter-making.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import type { ConvertedArm } from './convert.js';
import { buildPlan, callsNamed } from './prediction.js';

/** What of an engine decides which filters an arm can ask for; known before it is open. */
export type MakingEngine = Pick<Engine, 'makesFilters' | 'makesFiltersOf' | 'loads' | 'loadsOf' | 'builderOf'> & {
  readonly facts: Pick<EngineFacts, 'name'>;
};

/** How an engine comes to the filter that an arm asks for. */
export type MakingWay =
  /** bench builds it at every start or before the run, or the runtime builds it so by itself. */
  | { readonly kind: 'itself' }
  /** The runtime is given the finished filter. */
  | { readonly kind: 'annotation' }
  /** The spec has to name so many calls more than it does, so that the runtime builds a tree. */
  | { readonly kind: 'padding'; readonly names: number; readonly treeAbove: number }
  | Refusal;

interface Refusal {
  readonly kind: 'refused';
  /** Without the arm and without a full stop. */
  readonly words: string;
  readonly hint: string;
}

const ITSELF: MakingWay = { kind: 'itself' };
const refusal = (words: string, hint: string): Refusal => ({ kind: 'refused', words, hint });

/** Whether an engine takes finished filters for an arm. */
export const takesFinished = (engine: MakingEngine, arm: string): boolean =>
  (engine.loadsOf?.(arm) ?? engine.loads)?.has('raw') === true;

const isMaker = (engine: MakingEngine, arm: string): boolean =>
  engine.makesFiltersOf?.(arm) ?? engine.makesFilters === true;

/** Refuses what an engine cannot do for an arm, whatever its spec is. Throws `usage`. */
export function assertMaking(engine: MakingEngine, arm: string, making: FilterMaking): void {
  const refused = isMaker(engine, arm) ? undefined : alwaysRefused(engine, arm, making);
  if (refused !== undefined) throw refusedArm(arm, refused);
}

/**
 * Arms of which only calls are timed. When a filter is built makes no difference to those, so one that an engine does
 * not build but takes finished is built before the run.
 */
export function finishedForCalls(arms: readonly ConvertedArm[], engine: MakingEngine): readonly ConvertedArm[] {
  return arms.map((arm) => {
    const { name, making } = arm.definition;
    if (making === undefined || isMaker(engine, name)) return arm;
    const finished: FilterMaking = { ...making, prebuilt: true };
    const isNeeded = alwaysRefused(engine, name, making) !== undefined;
    if (!isNeeded || alwaysRefused(engine, name, finished) !== undefined) return arm;
    return { ...arm, definition: { ...arm.definition, making: finished } };
  });
}

const refusedArm = (arm: string, { words, hint }: Refusal): BenchError =>
  new BenchError('usage', `arm ${arm}: ${words}`, { hint });

function alwaysRefused(engine: MakingEngine, arm: string, making: FilterMaking): Refusal | undefined {
  const runtime = runtimeOf(engine, arm);
  const isTaker = takesFinished(engine, arm);
  if (making.stacked !== undefined)
    return refusal(`${runtime} loads one filter into a container`, 'Use --engine namespaces or bwrap.');
  if (making.prebuilt === true)
    return isTaker
      ? undefined
      : refusal(`${runtime} builds its filters itself and takes none that is built already`, TAKERS_HINT);
  if (making.first !== undefined)
    return refusal(`${runtime} tries rules in an order of its own`, isTaker ? BEFORE_HINT : TAKERS_HINT);
  const builder = builderOf(engine, arm);
  if (making.form !== 'tree' || builder.kind !== 'libseccomp' || builder.treeAbove !== null) return undefined;
  if (builder.seen !== undefined) return undefined;
  const since = runtime.startsWith('runc') ? `; runc builds trees from ${RUNC_TREES_SINCE} on` : '';
  return refusal(`${runtime} builds only the plain form${since}`, isTaker ? BEFORE_HINT : TAKERS_HINT);
}

/** How the engine comes to the filter that an arm asks for, or why it cannot. */
export function makingWay(engine: MakingEngine, arm: string, making: FilterMaking, spec: SeccompSpec): MakingWay {
  if (isMaker(engine, arm)) return ITSELF;
  const refused = alwaysRefused(engine, arm, making);
  if (refused !== undefined) return refused;
  if (making.prebuilt === true) return { kind: 'annotation' };
  if (making.form === undefined) return ITSELF;
  const builder = builderOf(engine, arm);
  if (builder.kind !== 'libseccomp')
    return refusal(`it is not known which form ${runtimeOf(engine, arm)} builds`, TAKERS_HINT);
  return formWay(making.form, builder, callsNamed(spec));
}

function formWay(wanted: FilterForm, builder: LibseccompBuilder, calls: number): MakingWay {
  const { runtime = 'the runtime', treeAbove } = builder;
  if (formOf(builder, calls) === wanted) return ITSELF;
  if (wanted === 'tree' && treeAbove !== null) return { kind: 'padding', names: treeAbove + 1 - calls, treeAbove };
  const limit = treeAbove === null ? '' : `It builds the plain form of ${treeAbove} or fewer. `;
  return refusal(`${runtime} builds a binary tree of a spec that names ${calls} calls`, `${limit}${TAKERS_HINT}`);
}

const builderOf = (engine: MakingEngine, arm: string): FilterBuilder =>
  engine.builderOf?.(arm) ?? unknownBuilder(engine.facts.name);

function runtimeOf(engine: MakingEngine, arm: string): string {
  const builder = builderOf(engine, arm);
  return builder.kind === 'libseccomp' ? (builder.runtime ?? engine.facts.name) : engine.facts.name;
}

const RUNC_TREES_SINCE = '1.2';
const TAKERS_HINT = 'Use --engine namespaces or bwrap, or crun 0.18 or newer with build=before.';
const BEFORE_HINT = 'Add build=before: this runtime takes a filter that was built before the run.';

/** Where an arm's filter is made. */
export interface MakingPlace {
  readonly engine: MakingEngine;
  readonly machine: string;
  /** With the libseccomp that the arm names. */
  readonly builder: FilterBuilder | undefined;
}

/**
 * An arm with its filter made in its own way; one that is built beforehand is built here, and then a start needs no
 * conversion either. Throws `usage` where the engine cannot come to such a filter, `input` for an order that names a
 * call without a rule.
 */
export function made(
  arm: ConvertedArmSpec,
  making: FilterMaking | undefined,
  { engine, machine, builder }: MakingPlace,
  withSpec: (spec: SeccompSpec) => ConvertedArmSpec,
): ConvertedArmSpec {
  const { spec, name } = arm;
  if (making === undefined) return arm;
  if (spec === null) return { ...arm, making };
  assertRules(name, making.first ?? [], spec);
  const way = makingWay(engine, name, making, spec);
  if (way.kind === 'refused') throw refusedArm(name, way);
  if (way.kind === 'padding') {
    const { kind, names, treeAbove } = way;
    return { ...withSpec(padded(spec, names)), making, filterGiven: { kind, names, treeAbove } };
  }
  if (making.prebuilt === undefined) return { ...arm, making };
  const { remake: _, ...others } = arm;
  const prebuilt = buildFilter(spec, machine, optionsOf(arm, making, builder)).program;
  if (way.kind === 'itself') return { ...others, making, prebuilt };
  const { sha256 } = filterFacts(prebuilt);
  const filterGiven = { kind: way.kind, name: RAW_FILTER_ANNOTATION, bytes: prebuilt.length, sha256 } as const;
  return { ...others, making, prebuilt, filterGiven };
}

/** As the runtime would build it, with its own libseccomp, where that is known. */
function optionsOf(
  { spec, libseccomp }: ConvertedArmSpec,
  making: FilterMaking,
  builder: FilterBuilder | undefined,
): BuildOptions {
  const plan = spec === null || builder === undefined ? undefined : buildPlan(spec, builder, making);
  if (plan?.state === 'known') return plan.options;
  const { form, first } = making;
  return {
    ...(form === undefined ? {} : { form }),
    ...(first === undefined ? {} : { first }),
    ...(libseccomp === undefined ? {} : { library: libseccomp }),
  };
}

/**
 * The same rules: runc looks up every name of a spec and skips those that libseccomp does not know (matchCall in its
 * seccomp_linux.go), but counts them.
 */
function padded(spec: SeccompSpec, names: number): SeccompSpec {
  const { syscalls = [] } = spec;
  const unknown = Array.from({ length: names }, (_, index) => `bench_no_such_call_${index + 1}`);
  const action = spec.defaultAction === 'SCMP_ACT_ALLOW' ? 'SCMP_ACT_ERRNO' : 'SCMP_ACT_ALLOW';
  return { ...spec, syscalls: [...syscalls, { names: unknown, action }] };
}

/** Throws `input` for a call that no rule of the spec names: its place in the order would change nothing. */
function assertRules(arm: string, first: readonly string[], spec: SeccompSpec): void {
  const ruled = new Set(namesWithRule(first, filterPlan(spec)));
  const other = first.find((name) => !ruled.has(name));
  if (other === undefined) return;
  throw new BenchError('input', `arm ${arm}: the profile has no rule for ${other}, which first= names`, {
    hint: 'Name only calls whose rules differ from the default action.',
  });
}
