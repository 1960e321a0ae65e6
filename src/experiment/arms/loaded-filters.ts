import { serialiseSpec } from '../../convert/index.js';
import { containerPid } from '../../engine/docker/container-pid.js';
import { findEndpoint } from '../../engine/docker/endpoint.js';
import { ociContainerPid } from '../../engine/oci/pid.js';
import { BenchError } from '../../errors.js';
import { readKernelCache, readLoadedPrograms, toLoadable } from '../../filter/index.js';
import type { LoadedPrograms } from '../../filter/index.js';
import type { EngineChoice } from '../../model/container/container.js';
import type { Io } from '../../model/io.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import { seePrograms } from './see-filters.js';
import { openSession } from '../session/session.js';
import type { Session } from '../session/session.js';

/** Where a loaded filter is to be read from. */
export interface LoadedWish {
  readonly container?: string;
  readonly pid?: string;
  readonly engine?: EngineChoice;
  readonly runtime?: string;
  readonly root?: string;
  readonly host?: string;
}

export interface Loaded {
  readonly programs: LoadedPrograms;
  /** In words. */
  readonly what: string;
  readonly cache: ReturnType<typeof readKernelCache>;
}

/** Whether something loaded is asked for at all. */
export const wantsLoaded = ({ container, pid, engine, runtime }: LoadedWish): boolean =>
  [container, pid, engine, runtime].some((value) => value !== undefined);

/** Whether it is a process that exists already, rather than a container of ours. */
export const wantsExisting = ({ container, pid }: LoadedWish): boolean => container !== undefined || pid !== undefined;

/**
 * The filters of a process, or of a container's first one. Throws `usage` for options that do not go together,
 * `environment` where it is not there.
 */
export async function loadedOfExisting(wish: LoadedWish, io: Io): Promise<Loaded> {
  const { pid, what } = await existingProcess(wish, io);
  return { programs: readLoadedPrograms(pid), what, cache: readKernelCache(pid) };
}

async function existingProcess(wish: LoadedWish, io: Io): Promise<{ readonly pid: number; readonly what: string }> {
  const { container, engine, runtime = 'runc', root, host } = wish;
  if (container === undefined) {
    const pid = pidOf(wish.pid ?? '');
    return { pid, what: `process ${pid}` };
  }
  if (wish.pid !== undefined) throw new BenchError('usage', 'Expected either --container or --pid, got both');
  if (engine === 'docker' || engine === 'podman') {
    const pid = await containerPid(
      findEndpoint({ engine, env: io.env, ...(host === undefined ? {} : { host }) }),
      container,
    );
    return { pid, what: `container ${container} of ${engine}, process ${pid}` };
  }
  if (engine !== undefined && !['runc', 'crun', 'oci'].includes(engine)) {
    throw new BenchError(
      'usage',
      `Expected --engine docker or podman with --container, or --runtime, got --engine ${engine}`,
      { hint: '--pid takes the process of any container.' },
    );
  }
  const name = engine === 'crun' ? 'crun' : runtime;
  const pid = await ociContainerPid({
    runtime: name,
    id: container,
    env: io.env,
    ...(root === undefined ? {} : { root }),
  });
  return { pid, what: `container ${container} of ${name}, process ${pid}` };
}

function pidOf(text: string): number {
  const pid = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(pid) && pid > 0) return pid;
  throw new BenchError('usage', `Expected the number of a process with --pid, got ${JSON.stringify(text)}`);
}

/** Starts a container of ours that sleeps under the spec, reads what was loaded, and removes it. */
export async function loadedInOwn(spec: SeccompSpec, wish: LoadedWish, io: Io): Promise<Loaded> {
  await using session = await openSession(
    { engine: engineOf(wish), ...runtimeOf(wish), ...(wish.host === undefined ? {} : { host: wish.host }) },
    io,
  );
  const { limits } = session.engine;
  const loadable = limits.skipsForeign === true ? spec : toLoadable(spec, { machine: session.machine, ...limits }).spec;
  await session.engine.prepare({ name: 'inspected', spec: loadable, text: serialiseSpec(loadable) });
  let cache: Loaded['cache'] = { reason: 'the container could not be looked at' };
  const programs = await seePrograms('inspected', session, (pid) => {
    cache = readKernelCache(pid);
  });
  return { programs, what: `a container of ${nameOf(session)}`, cache };
}

/** Some versions begin with the engine's name. */
function nameOf({
  engine: {
    facts: { name, version },
  },
}: Session): string {
  return version.toLowerCase().startsWith(name) ? version : `${name} ${version}`.trim();
}

/** --runtime runc and crun are engines of their own; anything else is some OCI runtime. */
function engineOf({ engine, runtime }: LoadedWish): EngineChoice {
  if (engine !== undefined) return engine;
  return runtime === 'runc' || runtime === 'crun' ? runtime : 'oci';
}

/** Where the runtime's name chose the engine it says nothing more. */
function runtimeOf({ engine, runtime }: LoadedWish): { readonly runtime?: string } {
  if (runtime === undefined || (engine === undefined && (runtime === 'runc' || runtime === 'crun'))) return {};
  return { runtime };
}
