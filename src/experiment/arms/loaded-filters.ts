import { serialiseSpec } from '../../convert/index.js';
import { containerPid } from '../../engine/docker/container-pid.js';
import { findEndpoint } from '../../engine/docker/endpoint.js';
import { ociContainerPid } from '../../engine/oci/pid.js';
import { assertLoads, assertMayLoad } from '../../engine/programs.js';
import { BenchError } from '../../errors.js';
import { readKernelCache, readLoadedPrograms } from '../../filter/index.js';
import { unknownBuilder } from '../../model/filter/builder.js';
import type { FilterBuilder } from '../../model/filter/builder.js';
import type { LeftOut, SeccompSpec } from '../../model/profile/seccomp.js';
import type { LoadedPrograms } from '../../filter/index.js';
import type { ArmSpec, EngineChoice } from '../../model/container/container.js';
import { KnownFilter } from '../preflight/needs.js';
import { openSession } from '../session/open.js';
import type { Session, SessionContext } from '../session/session.js';
import { fittingEngine, givenArm, loadableBy } from './fit.js';
import { learnt, predictedProgram } from './prediction.js';
import type { PredictedProgram } from './prediction.js';
import { seeFilters } from './see-filters.js';
import type { SourceFilter } from './source-filter.js';

/** Where a loaded filter is read from. */
export interface LoadedRequest {
  /** Id or name of a container that runs already. */
  readonly container?: string;
  readonly pid?: number;
  readonly engine?: EngineChoice;
  readonly runtime?: string;
  /** Folder in which the OCI runtime keeps its containers' state. */
  readonly root?: string;
  readonly host?: string;
}

export interface Loaded {
  readonly programs: LoadedPrograms;
  /** In words. */
  readonly what: string;
  readonly cache: ReturnType<typeof readKernelCache>;
  /** What the engine could load of the spec; absent for a process that existed before. */
  readonly spec?: SeccompSpec | null;
  /** What it could not load. */
  readonly leftOut?: readonly LeftOut[];
  /** The same filter as the engine should build it; absent for a process that existed before and without a spec. */
  readonly predicted?: Exclude<PredictedProgram, { readonly state: 'none' }>;
}

/** Whether something loaded is asked for at all. */
export const wantsLoaded = ({ container, pid, engine, runtime }: LoadedRequest): boolean =>
  [container, pid, engine, runtime].some((value) => value !== undefined);

/** Whether it is a process that exists already, rather than a container of ours. */
export const wantsExisting = ({ container, pid }: LoadedRequest): boolean =>
  container !== undefined || pid !== undefined;

/**
 * The filters of a process, or of a container's first one. Throws `usage` for a container of an engine that cannot be
 * asked, `environment` where it is not there.
 */
export async function loadedOfExisting(request: LoadedRequest, context: SessionContext): Promise<Loaded> {
  const { pid, what } = await existingProcess(request, context);
  return { programs: readLoadedPrograms(pid), what, cache: readKernelCache(pid) };
}

interface ExistingProcess {
  readonly pid: number;
  readonly what: string;
}

async function existingProcess(request: LoadedRequest, { env, signal }: SessionContext): Promise<ExistingProcess> {
  const { container, engine, runtime = 'runc', root, host } = request;
  if (request.pid !== undefined) return { pid: request.pid, what: `process ${request.pid}` };
  if (container === undefined) throw new RangeError('a process or a container is asked for');
  if (engine === 'docker' || engine === 'podman') {
    const endpoint = findEndpoint({ engine, env, ...(host === undefined ? {} : { host }) });
    const pid = await containerPid(endpoint, container, signal);
    return { pid, what: `container ${container} of ${engine}, process ${pid}` };
  }
  if (engine !== undefined && !['runc', 'crun', 'oci'].includes(engine)) {
    throw new BenchError('usage', `--container cannot be combined with --engine ${engine}`, {
      hint: 'Use --engine docker or podman, --runtime, or --pid with the process of any container.',
    });
  }
  const name = engine === 'crun' ? 'crun' : runtime;
  const pid = await ociContainerPid({ runtime: name, id: container, env, ...(root === undefined ? {} : { root }) });
  return { pid, what: `container ${container} of ${name}, process ${pid}` };
}

/**
 * Starts a container of ours that sleeps under the filter, reads what was loaded, and removes it. Throws `usage` for an
 * engine that cannot load it.
 */
export async function loadedInOwn(own: SourceFilter, request: LoadedRequest, context: SessionContext): Promise<Loaded> {
  const { host } = request;
  const { source } = own;
  if (source.kind !== 'profile') assertMayLoad(engineOf(request), source);
  const engine = { choice: engineOf(request), ...runtimeOf(request), ...(host === undefined ? {} : { host }) };
  await using session = await openSession(engine, context);
  if (source.kind !== 'profile') assertLoads(session.engine, source);
  const { arm, leftOut } =
    source.kind === 'profile' ? specArm(session, own) : { arm: givenArm(NAME, source), leftOut: [] };
  await session.engine.prepare(arm);
  let cache: Loaded['cache'] = { reason: 'the container could not be looked at' };
  const programs = await seeFilters(NAME, session, {
    look: (pid) => {
      cache = readKernelCache(pid);
    },
    sleeps: own.filters.length === 0 || new KnownFilter(own.filters, session.machine).sleeps,
  });
  const predicted = predictionOf(arm, session, programs);
  return {
    programs,
    what: `a container of ${versionedName(session)}`,
    cache,
    spec: arm.spec,
    leftOut,
    ...(predicted === null ? {} : { predicted }),
  };
}

/** Of the arm. */
const NAME = 'inspected';

interface FittedSpec {
  readonly arm: ArmSpec;
  readonly leftOut: readonly LeftOut[];
}

/** Where neither the engine nor its library tells what can be loaded, what this machine's libseccomp builds is. */
function specArm(session: Session, { spec, whole, leftOut: already }: SourceFilter): FittedSpec {
  const engine = fittingEngine(session, NAME);
  const tells = engine.limits.knownArchitectures !== undefined || knowsLibrary(engine.builder);
  const { spec: loadable, leftOut } = loadableBy({ engine, machine: session.machine }, (tells ? whole : spec) ?? null);
  return {
    arm: { name: NAME, spec: loadable, text: serialiseSpec(loadable) },
    leftOut: tells ? leftOut : [...already, ...leftOut],
  };
}

const knowsLibrary = (builder: FilterBuilder | undefined): boolean =>
  builder !== undefined &&
  builder.kind !== 'unknown' &&
  (builder.kind !== 'libseccomp' || builder.library !== undefined);

/** `null`: it has no spec that could be built. */
function predictionOf(
  arm: ArmSpec,
  { engine, machine }: Session,
  seen: LoadedPrograms,
): NonNullable<Loaded['predicted']> | null {
  const policy = engine.written?.(NAME).text;
  const subject = { arm, machine, ...(policy === undefined ? {} : { policy }) };
  const builder = learnt(subject, engine.builderOf?.(NAME) ?? unknownBuilder(engine.facts.name), seen);
  const predicted = predictedProgram(subject, builder, seen);
  return predicted.state === 'none' ? null : predicted;
}

/** Some versions begin with the engine's name. */
function versionedName({ engine }: Session): string {
  const { name, version } = engine.facts;
  return version.toLowerCase().startsWith(name) ? version : `${name} ${version}`.trim();
}

/** The runtimes runc and crun are engines of their own; anything else is some OCI runtime. */
function engineOf({ engine, runtime }: LoadedRequest): EngineChoice {
  if (engine !== undefined) return engine;
  return runtime === 'runc' || runtime === 'crun' ? runtime : 'oci';
}

/** Where the runtime's name chose the engine it says nothing more. */
function runtimeOf({ engine, runtime }: LoadedRequest): { readonly runtime?: string } {
  if (runtime === undefined || (engine === undefined && (runtime === 'runc' || runtime === 'crun'))) return {};
  return { runtime };
}
