import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { BenchError } from '../../errors.js';
import { daemonVersion, findEndpoint } from '../../engine/index.js';
import { readLoadedFilters } from '../../filter/index.js';
import { Child } from '../../process/child.js';
import { listenersOf } from '../../process/processes.js';
import { executableFix, lookFor, NOT_TRIED, runsAsRoot } from '../../host/index.js';
import type { EngineEntry, Host, InstalledEngine } from '../../host/index.js';
import { ok, problem, warning } from '../../model/host/checkup.js';
import type { CheckedEngine, Finding } from '../../model/host/checkup.js';
import { payloadFiles } from '../../payload/index.js';
import { hostRuns32Bit } from '../arms/prove.js';
import { openSession } from '../session/open.js';
import { hostMachine, newRunId, type SessionContext } from '../session/session.js';
import { makeWorkspace, removeWorkspace } from '../session/workspace.js';

const LOADED_FILTER = { id: 'loadedFilter', title: 'loaded filter' };
const HOW_ELSE =
  'It is then read with strace or, of crun, from its file; where neither works reports say "predicted, not seen"';
const PROBE32 = { id: 'probe32', title: '32-bit programs' };
const WORKSPACE = { id: 'workspace', title: 'workspace' };

/** Far more than the bundles, root files and runtime state of 200 containers take. */
const ENOUGH_BYTES = 100 * 2 ** 20;
const READY_LIMIT_MS = 5_000;
const INIT = 1;

/** An engine as found and, where it was tried, whether it started a container. */
export interface TriedEngine {
  readonly finding: Finding;
  readonly started: CheckedEngine | null;
}

/** A host and what was found there before. */
export interface Examined {
  readonly host: Host;
  readonly seen: readonly Finding[];
}

/** Looks for an engine and starts a container with it, which is removed again. */
export async function tryEngine(entry: EngineEntry, examined: Examined, context: SessionContext): Promise<TriedEngine> {
  const { host, seen } = examined;
  const looked = await lookFor(entry, host);
  const finding = (await askDaemon(entry, looked, host, context.signal)) ?? looked.finding;
  if (finding.state !== 'ok') return { finding, started: null };
  const reason = whyNotTried(entry, looked, host);
  if (reason !== null) return { finding: ok(entry, `${finding.found}: ${reason}`), started: null };
  const workspace = seen.find(({ id, state }) => id === WORKSPACE.id && state === 'problem');
  if (workspace !== undefined)
    return {
      finding: problem(entry, 'installed, but not tried: no folder for its files can be made', workspace.fix),
      started: null,
    };
  try {
    return await started(entry, { ...looked, finding }, context);
  } catch (error) {
    return { finding: refused(entry, error, examined), started: null };
  }
}

/** Throws what an engine throws that starts no container. */
async function started(
  entry: EngineEntry,
  { finding, version, path }: InstalledEngine,
  context: SessionContext,
): Promise<TriedEngine> {
  const runtime = entry.runtime === undefined ? {} : { runtime: entry.runtime };
  await using session = await openSession({ choice: entry.tried, ...runtime }, context);
  const how = `starts a container${session.engine.facts.rootless ? ' without root' : ''}`;
  const engine = { name: entry.tried, automatic: entry.automatic === true, path, ...runtime };
  if (entry.tried === 'namespaces')
    return {
      finding: ok(entry, `built in, ${how} (${path ?? 'unshare'})`),
      started: { ...engine, version: '(built in)' },
    };
  return {
    finding: ok(entry, `${withoutEnd(finding.found)}, ${how}`),
    // The engine of any runtime is told by the runtime's name.
    started: { ...engine, version: [entry.runtime, version].filter(Boolean).join(' ') },
  };
}

const withoutEnd = (found: string): string => (found.endsWith(NOT_TRIED) ? found.slice(0, -NOT_TRIED.length) : found);

/** The version of an installed engine's daemon, where it can be asked without starting it. */
async function askDaemon(
  entry: EngineEntry,
  { finding: { state, found } }: InstalledEngine,
  { env }: Host,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  if (state !== 'ok' || (entry.id !== 'docker' && entry.id !== 'podman')) return undefined;
  try {
    const endpoint = findEndpoint({ engine: entry.id, env });
    if (isActivated(endpoint.host)) return undefined;
    const version = await daemonVersion(endpoint, env, signal);
    return ok(entry, `${version} at ${endpoint.host} (${endpoint.source})${NOT_TRIED}`);
  } catch (error) {
    if (!(error instanceof BenchError) || error.code === 'interrupted') throw error;
    return warning(entry, `${withoutEnd(found)}; ${error.message}`);
  }
}

/** Why no container is started by an engine that would probably start one; `null` where one is. */
function whyNotTried({ id, daemon }: EngineEntry, { socket }: InstalledEngine, { env }: Host): string | null {
  if (daemon === undefined) return null;
  const address =
    id === 'docker' || id === 'podman' ? findEndpoint({ engine: id, env }).host : `unix://${socket ?? ''}`;
  if (!address.startsWith('unix://')) return 'its daemon may be on another machine';
  return isActivated(address) ? 'systemd would start its daemon' : null;
}

/** Whether only init listens at a socket: connecting would make systemd start the daemon. */
function isActivated(host: string): boolean {
  const listeners = host.startsWith('unix://') ? listenersOf(host.slice('unix://'.length)) : [];
  return listeners.length > 0 && listeners.every((pid) => pid === INIT);
}

/** An AggregateError: it did not start, and could not be removed either. */
function refused(entry: EngineEntry, error: unknown, examined: Examined): Finding {
  const cause: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(cause instanceof BenchError) || cause.code === 'interrupted') throw error;
  const left = error instanceof AggregateError || cause.code === 'runFailed';
  return problem(
    entry,
    cause.message,
    left ? examined.host.self.replace(/doctor$/, 'clean') : fixOf(cause.message, examined),
  );
}

/** The fix of another finding that names the cause; for an ordinary user, else, to become root. */
function fixOf(words: string, { host, seen }: Examined): string | null {
  const root = runsAsRoot(host);
  // User namespaces would not help there.
  if (!root && /requires root|cgroup/i.test(words)) return `sudo ${host.self}`;
  const cause = seen.find(
    ({ id }) => id === (root && /cgroup/i.test(words) ? 'cgroups' : root ? 'capabilities' : 'userNamespaces'),
  );
  return cause?.fix ?? (root ? null : `sudo ${host.self}`);
}

/** Whether a run finds a folder from which programs can run, and its free space. */
export async function tryWorkspace(host: Host, context: SessionContext): Promise<Finding> {
  try {
    const workspace = await makeWorkspace(newRunId(), context.cwd, payloadFiles(hostMachine()).payload);
    const { bavail, bsize } = statfsSync(workspace);
    removeWorkspace(workspace);
    const free = bavail * bsize;
    const size = free >= 2 ** 30 ? `${(free / 2 ** 30).toFixed(1)} GiB` : `${Math.floor(free / 2 ** 20)} MiB`;
    const found = `programs can run from ${dirname(workspace)}, which has ${size} free`;
    return free >= ENOUGH_BYTES
      ? ok(WORKSPACE, found)
      : warning(WORKSPACE, `${found}, and a large batch may need more`);
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    return problem(WORKSPACE, error.message, executableFix(host, tmpdir()));
  }
}

/** Whether the filter of a process can be read back, tried on a child without a filter. */
export async function tryLoadedFilter(host: Host): Promise<Finding> {
  const reason = await whyNotRead();
  if (reason === null) return ok(LOADED_FILTER, 'can be read back from a container');
  return warning(
    LOADED_FILTER,
    `cannot be read back: ${reason}. ${HOW_ELSE}`,
    runsAsRoot(host) ? null : `sudo ${host.self}`,
  );
}

async function whyNotRead(): Promise<string | null> {
  try {
    await using child = new Child({ file: payloadFiles(hostMachine()).payload, args: ['sleep'], env: [] });
    if (!(await child.until(() => child.output.startsWith('ready'), READY_LIMIT_MS)))
      return 'the program to try it with did not run';
    const loaded = readLoadedFilters(child.pid);
    return loaded.state === 'seen' ? null : loaded.reason.replace(/^[a-z]+ing .*?: /, '');
  } catch (error) {
    if (error instanceof BenchError) return error.message;
    throw error;
  }
}

/** Whether the kernel runs the program that proves which architectures a filter knows. */
export async function tryProbe32(): Promise<Finding> {
  try {
    const refusal = await hostRuns32Bit(hostMachine());
    return refusal === undefined
      ? ok(PROBE32, 'run, so they can prove that an architecture is filtered out')
      : warning(PROBE32, `do not run, so they prove nothing: ${refusal.detail}`);
  } catch (error) {
    if (error instanceof BenchError) return warning(PROBE32, error.message);
    throw error;
  }
}
