import { release } from 'node:os';
import { assertProgram } from '../engine/programs.js';
import type { ExperimentContext } from '../model/experiment/events.js';
import type { Note } from '../model/filter/notes.js';
import { isTold } from '../model/profile/source.js';
import type { ArmEvidence } from '../model/run/evidence.js';
import type { ArmNote } from '../model/run/arm-notes.js';
import type { Scenario } from '../model/run/scenario.js';
import { timeRule } from '../model/run/stopping.js';
import type { Machine } from '../payload/index.js';
import { assertOpenFiles } from '../process/files/open-files.js';
import { assertArchitecture } from '../scenario/index.js';
import { assertCacheable, asTheyAre, cachedArms, sourcesWithTwins, withCache, withTwins } from './arms/cache.js';
import type { CachedArms } from './arms/cache.js';
import { readArmSources, refuseSamePolicies } from './arms/convert.js';
import type { ArmSources, ConvertedArm } from './arms/convert.js';
import { engineFor } from './arms/engine-for.js';
import { fitArms } from './arms/fit.js';
import { withNamedLibrary } from './arms/libraries.js';
import { finishedForCalls } from './arms/making.js';
import { notesOfArms } from './arms/notes.js';
import { programInside } from './arms/program-inside.js';
import { assertComparable, equalArms, proveArms } from './arms/prove.js';
import { assertStageable, prepareStages } from './arms/staging.js';
import { proveExecs } from './exec/prove.js';
import { assertExecs, isOfExecs, refuseExecs } from './exec/refuse.js';
import { assertLoad } from './server/load-program.js';
import type { ExperimentParts } from './parts.js';
import type { Continued } from './resume/continued.js';
import {
  assertSameCores,
  assertSameEngine,
  assertSamePrograms,
  assertSameSpecs,
  assertSameTreatment,
} from './resume/refuse.js';
import { duetOf } from './duet.js';
import { refuseSameForms } from './percall/same-form.js';
import { numbered } from './percall/simulate.js';
import { asError } from './record/close.js';
import { ConditionMeter } from './record/conditions.js';
import { beforeStartOf, conversionsOf } from './preflight/before-start.js';
import { openSession } from './session/open.js';
import { notePrograms } from './session/programs.js';
import { closedOnce, hostMachine } from './session/session.js';
import type { Session } from './session/session.js';
import type {
  FittedExperiment,
  Kind,
  OpenExperiment,
  OpenRecording,
  ProvedExperiment,
  Recorded,
  RecordedExperiment,
  Recorder,
  RequestOf,
} from './states.js';

// The steps of an experiment, in their order; the last one, `close`, is in record/close.ts.

type AnyRequest = RequestOf[Kind];

/** What an experiment begins with, besides its request. */
export interface Beginning {
  readonly parts: ExperimentParts;
  /** Results that it continues; absent: none. */
  readonly continued?: Continued | undefined;
}

/**
 * Refuses what can be refused, reads the profiles and opens the engine. Nothing is left behind where it throws.
 */
export async function open<Own extends Kind>(
  kind: Own,
  request: RequestOf[Own],
  context: ExperimentContext,
  { parts, continued }: Beginning,
): Promise<OpenExperiment<Own>> {
  const { scenario, conversion } = request;
  const own = hostMachine();
  const hostBefore = parts.readHostUse();
  refuseEarly(request, own);
  const program = scenario.program === undefined ? null : programInside(scenario.program, context);
  if (program?.service !== undefined) assertLoad(program.service, context);
  const { sources, convertedOn } = await armsOf(request, context, { own, continued });
  const engineRequest = engineFor(request.engine, convertedOn(own, release()), {
    staged: isStaged(request),
    programs: request.kind === 'calls' || program !== null,
  });
  const told = new Set([...sources.values()].filter(isTold));
  if (told.size > 0) context.notify({ kind: 'filesRead', sources: [...told] });
  const notes: ArmNote[] = [];
  const check = beforeStartOf(request, convertedOn, own, notes);
  const session = closedOnce(await openSession(engineRequest, context, scenario.arms, parts, check));
  try {
    const { engine, refusals, machine, kernel } = session;
    context.notify({ kind: 'engineOpened', facts: engine.facts, refusals });
    if (continued !== undefined) assertSameEngine(continued.engine, engine.facts);
    assertArchitecture(scenario, machine);
    if (program !== null) assertProgram(engine, program);
    if (isOfExecs(request)) assertExecs(engine);
    else prepareStages(engine, isStaged(request));
    for (const note of notes) context.notify({ kind: 'armNoted', note });
    const converted = convertedOn(machine, kernel);
    const cached = await inCacheStates(request, converted, session, context);
    const mode = duetOf({ ...scenario, arms: cached.arms }, { request, engine }, context.notify);
    if (continued !== undefined) assertSameCores(continued.duet, mode.duet);
    const programs = await notePrograms(engine, cached.arms, context);
    if (continued !== undefined) assertSamePrograms(continued.programs, programs.programs);
    return {
      state: 'open',
      kind,
      request,
      context,
      parts,
      ...mode,
      session,
      sources: sourcesWithTwins(sources, cached),
      converted: withTwins(converted, cached),
      program,
      programs,
      hostBefore,
      kernelForProfile: conversion.kernel ?? kernel,
      ...(continued === undefined ? {} : { continued }),
    };
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

/** What the arms load, from their files, or as it was used in the results that are continued. */
async function armsOf(
  request: AnyRequest,
  context: ExperimentContext,
  { own, continued }: { readonly own: Machine } & Pick<Beginning, 'continued'>,
): Promise<{ readonly sources: ArmSources; readonly convertedOn: ReturnType<typeof conversionsOf> }> {
  const recorded = continued?.arms ?? null;
  if (recorded !== null) return { sources: recorded.sources, convertedOn: () => recorded.converted };
  const sources = await readArmSources(request.scenario, request.conversion, context);
  if (!dropsEqualArms(request)) refuseSamePolicies(request.scenario, sources, placeOf(request, own));
  // Converted for this machine first: a profile that cannot be converted is refused before anything is started.
  return { sources, convertedOn: conversionsOf(request, sources, own) };
}

/** The arms in the states of their runtime's cache; only starts are timed in them. */
async function inCacheStates(
  request: AnyRequest,
  converted: readonly ConvertedArm[],
  { engine }: Session,
  { signal, notify }: ExperimentContext,
): Promise<CachedArms> {
  const { kind, scenario } = request;
  if (kind !== 'starts' && kind !== 'sweep') return asTheyAre(scenario.arms);
  const isShort = kind === 'starts' && timeRule(request.stopping) !== undefined;
  // Cold twins would take half of the time.
  const usual = scenario.program === undefined && !isShort ? 'both' : 'warm';
  const preset = (kind === 'starts' ? request.presetCache : undefined) ?? usual;
  const cached = await cachedArms(scenario, converted, engine, { signal, preset });
  for (const [twin, original] of cached.twins) engine.addTwin?.(twin, original);
  const { arms, coldLeftOut } = cached;
  if (arms.some(({ cache }) => cache !== undefined)) notify({ kind: 'cacheStates', arms, coldLeftOut });
  return cached;
}

/** Where the policies of arms are compared; a daemon may be on a machine of another architecture. */
function placeOf(request: AnyRequest, own: Machine) {
  const hint = hintFor(request);
  return { machine: mayBeElsewhere(request) ? null : own, ...(hint === undefined ? {} : { hint }) };
}

const mayBeElsewhere = ({ engine: { choice } }: AnyRequest): boolean => choice === 'docker' || choice === 'podman';

/** What is known to be wrong before the engine is open; a daemon may be on a machine of another architecture. */
function refuseEarly(request: AnyRequest, machine: Machine): void {
  const { scenario } = request;
  if (!mayBeElsewhere(request)) assertArchitecture(scenario, machine);
  if (!mayBeElsewhere(request) && request.kind === 'calls') numbered(request.calls, machine);
  assertStageable(scenario, isStaged(request));
  assertCacheable(scenario);
  refuseExecs(request);
  assertOpenFiles(mostAtATime(request, scenario));
}

const isStaged = (request: AnyRequest): boolean => request.kind === 'starts' && request.staged;

function mostAtATime(request: AnyRequest, scenario: Scenario): number {
  if (request.kind === 'sweep') return Math.max(...request.levels);
  return scenario.kind === 'parallel' ? scenario.concurrency : 1;
}

const dropsEqualArms = (request: AnyRequest): boolean => request.kind === 'calls' && request.equalArms === 'drop';

/** Fits every arm to what the engine can load. */
export async function fit<Own extends Kind>(opened: OpenExperiment<Own>): Promise<FittedExperiment<Own>> {
  const { converted, ...others } = opened;
  const { session, context, scenario, request, kernelForProfile, continued } = opened;
  const asked = request.kind === 'calls' ? finishedForCalls(converted, session.engine) : converted;
  const arms = await fitArms(asked, session, context.signal);
  if (continued !== undefined) assertSameSpecs(arms, continued.texts);
  return {
    ...others,
    state: 'fitted',
    arms,
    notes: notesOfArms({
      arms: converted,
      dialect: scenario.dialect,
      capabilities: request.conversion.capabilities,
      kernel: kernelForProfile,
      machine: session.machine,
    }),
  };
}

/** The form of an arm's file, where readers of two forms read it differently. */
function readAs({ arm, architectures }: ArmEvidence, sources: ArmSources): Pick<ArmEvidence, 'readAs'> {
  const source = sources.get(arm);
  if (source?.kind !== 'profile' || architectures === null || !isTold(source)) return {};
  return { readAs: { form: source.form, ignored: source.ignored.map(({ path }) => path) } };
}

/** Proves which filter each arm loads, and that the arms differ. */
export async function prove<Own extends Kind>(fitted: FittedExperiment<Own>): Promise<ProvedExperiment<Own>> {
  const { request, context, session, scenario, continued } = fitted;
  const containers = await proveArms(fitted.arms, session, context.signal);
  const proved = isOfExecs(request)
    ? await proveExecs(containers, { session, timeoutMs: request.timeoutMs, signal: context.signal, env: context.env })
    : containers;
  const builders = new Map(
    proved.flatMap(({ fitted: { name }, builder }) => (builder === null ? [] : [[name, builder] as const])),
  );
  const untimed = proved.map(({ evidence }) => withNotes(evidence, fitted.notes.get(evidence.arm) ?? []));
  const timed =
    isStaged(request) && continued === undefined
      ? await (
          await import('./record/in-process.js')
        ).timeArms(fitted.arms, untimed, { machine: hostMachine(), builders })
      : untimed;
  const evidence = withCache(
    timed.map((one) => withNamedLibrary({ ...one, ...readAs(one, fitted.sources) }, scenario.arms)),
    session.engine,
  );
  if (continued !== undefined) assertSameTreatment(continued.evidence, evidence);
  context.notify({ kind: 'armsProved', evidence });
  const dropped = dropsEqualArms(request) ? equalArms(scenario.arms, evidence) : [];
  for (const { arm, like } of dropped) context.notify({ kind: 'armLeftOut', arm, like });
  const isKept = (name: string): boolean => dropped.every(({ arm }) => arm !== name);
  if (!dropsEqualArms(request) && request.kind !== 'counts') assertComparable(scenario, evidence, hintFor(request));
  if (request.kind === 'calls') refuseSameForms(scenario.arms, evidence);
  return {
    ...fitted,
    state: 'proved',
    scenario: { ...scenario, arms: scenario.arms.filter(({ name }) => isKept(name)) },
    arms: proved.map((own) => own.fitted).filter(({ name }) => isKept(name)),
    evidence: evidence.filter(({ arm }) => isKept(arm)),
    filters: new Map(proved.map((own) => [own.evidence.arm, own.filters])),
    builders,
  };
}

const withNotes = (evidence: ArmEvidence, notes: readonly Note[]): ArmEvidence =>
  notes.length === 0 ? evidence : { ...evidence, notes };

/** What helps where arms do not differ; `undefined`: what helps in most cases. */
const hintFor = (request: AnyRequest): string | undefined =>
  request.kind === 'calls' ? 'With this profile the two arms are the same: price only one of them.' : undefined;

const RECORDERS: { readonly [Own in Kind]: () => Promise<Recorder<Own>> } = {
  starts: async () => (await import('./record/starts.js')).recordStarts,
  sweep: async () => (await import('./record/sweep.js')).recordSweep,
  calls: async () => (await import('./percall/record.js')).recordCalls,
  counts: async () => (await import('./syscalls/count-calls.js')).recordCounts,
};

/** Measures. Where an error ends that after results were opened, they are kept: the error comes with them. */
export async function record<Own extends Kind>(proved: ProvedExperiment<Own>): Promise<RecordedExperiment<Own>> {
  const recordings: OpenRecording[] = [];
  const meter = new ConditionMeter(proved);
  const add = (recording: Omit<OpenRecording, 'failed' | 'ended' | 'conditions'>): OpenRecording => {
    const opened: OpenRecording = { ...recording, failed: 0, ended: null };
    recordings.push(opened);
    if (recordings.length === 1) meter.begin();
    return opened;
  };
  const recorder = await RECORDERS[proved.kind]();
  const recorded = await recorder(proved, { add }).catch((error: unknown): Recorded<Own> => {
    if (recordings.length === 0) throw error;
    return { fault: asError(error) };
  });
  const conditions = meter.end();
  if (conditions !== null) for (const recording of recordings) recording.conditions = conditions;
  return { ...proved, state: 'recorded', recordings, recorded };
}
