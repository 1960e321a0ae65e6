import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { BenchError } from '../../errors.js';
import { readLoadedFilters } from '../../filter/index.js';
import { Child } from '../../process/child.js';
import { executableFix, lookFor, runsAsRoot } from '../../host/index.js';
import type { EngineEntry, Host } from '../../host/index.js';
import { ok, problem, warning } from '../../model/host/checkup.js';
import type { CheckedEngine, Finding } from '../../model/host/checkup.js';
import type { Io } from '../../model/io.js';
import { payloadFiles } from '../../payload/index.js';
import { hostRuns32Bit } from '../arms/prove.js';
import { openSession } from '../session/open.js';
import { hostMachine, newRunId } from '../session/session.js';
import { makeWorkspace, removeWorkspace } from '../session/workspace.js';

const LOADED_FILTER = { id: 'loadedFilter', title: 'loaded filter' };
const PROBE32 = { id: 'probe32', title: '32-bit programs' };
const WORKSPACE = { id: 'workspace', title: 'workspace' };

/** Far more than bundles, root files and what a runtime keeps of 200 containers take. */
const ENOUGH_BYTES = 100 * 2 ** 20;
const READY_LIMIT_MS = 5_000;

/** An engine as it was found and, where one was to be tried, one that has started a container. */
export interface TriedEngine {
  readonly finding: Finding;
  readonly started: CheckedEngine | null;
}

/** A host and what was found of it before. */
export interface Examined {
  readonly host: Host;
  readonly seen: readonly Finding[];
}

/** Looks for an engine and, where the list says so, starts one container with it and removes everything again. */
export async function tryEngine(entry: EngineEntry, { host, seen }: Examined, io: Io): Promise<TriedEngine> {
  const { finding, version, path } = await lookFor(entry, host);
  if (entry.tried === undefined || finding.state !== 'ok') return { finding, started: null };
  const workspace = seen.find(({ id, state }) => id === WORKSPACE.id && state === 'problem');
  if (workspace !== undefined)
    return {
      finding: problem(entry, 'there, but not tried: there is no workspace to try it in', workspace.fix),
      started: null,
    };
  try {
    await using session = await openSession({ choice: entry.tried }, io);
    const how = `starts a container${session.engine.facts.rootless ? ' without root' : ''}`;
    const started = { name: entry.tried, automatic: entry.automatic === true, path };
    if (entry.tried === 'namespaces')
      return {
        finding: ok(entry, `built in, ${how} (${path ?? 'unshare'})`),
        started: { ...started, version: '(built in)' },
      };
    return { finding: ok(entry, `${version} (${path ?? entry.tried}), ${how}`), started: { ...started, version } };
  } catch (error) {
    return { finding: refused(entry, error, { host, seen }), started: null };
  }
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

/** What another finding says of the cause; for an ordinary user, else, to be root. */
function fixOf(words: string, { host, seen }: Examined): string | null {
  const root = runsAsRoot(host);
  const cause = seen.find(
    ({ id }) => id === (root && /cgroup/i.test(words) ? 'cgroups' : root ? 'capabilities' : 'userNamespaces'),
  );
  return cause?.fix ?? (root ? null : `sudo ${host.self}`);
}

/** Whether there is a folder that runs' programs can be run from, and how much room it has. */
export async function tryWorkspace(host: Host, io: Io): Promise<Finding> {
  try {
    const workspace = await makeWorkspace(newRunId(), io.cwd, payloadFiles(hostMachine()).payload);
    const { bavail, bsize } = statfsSync(workspace);
    removeWorkspace(workspace);
    const free = bavail * bsize;
    const found = `${dirname(workspace)} may run programs and has ${free >= 2 ** 30 ? `${(free / 2 ** 30).toFixed(1)} GiB` : `${Math.floor(free / 2 ** 20)} MiB`} free`;
    return free >= ENOUGH_BYTES ? ok(WORKSPACE, found) : warning(WORKSPACE, `${found}, which a large batch may need`);
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    return problem(WORKSPACE, error.message, executableFix(host, tmpdir()));
  }
}

/** Whether the filter of a process can be read back, tried on one of ours that has none. */
export async function tryLoadedFilter(host: Host): Promise<Finding> {
  const reason = await whyNotRead();
  if (reason === null) return ok(LOADED_FILTER, 'can be read back from a container');
  return warning(
    LOADED_FILTER,
    `cannot be read back: ${reason}. Reports then say "predicted, not seen"`,
    runsAsRoot(host) ? null : `sudo ${host.self}`,
  );
}

async function whyNotRead(): Promise<string | null> {
  try {
    await using child = new Child({ file: payloadFiles(hostMachine()).payload, args: ['sleep'], env: [] });
    if (!(await child.until(() => child.output.startsWith('ready'), READY_LIMIT_MS)))
      return 'the program to try it on did not run';
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
      ? ok(PROBE32, 'run, so an architecture that was filtered out can be proved by one')
      : warning(PROBE32, `do not run, so nothing is proved by one: ${refusal.detail}`);
  } catch (error) {
    if (error instanceof BenchError) return warning(PROBE32, error.message);
    throw error;
  }
}
