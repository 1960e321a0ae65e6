import { randomBytes } from 'node:crypto';
import { machine as unameMachine } from 'node:os';
import { isuladProfile, lxcWriter } from '../../convert/index.js';
import { findEndpoint } from '../../engine/docker/endpoint.js';
import type { DaemonEndpoint } from '../../engine/docker/endpoint.js';
import { findContainerd } from '../../engine/containerd/open.js';
import { findIsulad } from '../../engine/isulad/open.js';
import type { Service } from '../../engine/left.js';
import { openEngine } from '../../engine/open.js';
import { BenchError } from '../../errors.js';
import { rulesText } from '../../filter/index.js';
import type { Engine, EngineChoice } from '../../model/container/container.js';
import type { Io } from '../../model/io.js';
import { nanoseconds } from '../../model/time.js';
import type { Clock } from '../../model/time.js';
import { imageArchive, isMachine, MACHINES, payloadFiles, writeRootfs } from '../../payload/index.js';
import type { Machine } from '../../payload/index.js';
import { makeWorkspace, noteDaemon, noteRuntime, noteService, removeWorkspace } from './workspace.js';

export interface SessionOptions {
  readonly engine: EngineChoice;
  readonly runtime?: string | undefined;
  /** Where the daemon of docker or podman listens. */
  readonly host?: string;
  /** An image of the daemon's that holds the payload. */
  readonly image?: string;
}

/** An engine with its folder and its clock, all removed on disposal. */
export interface Session extends AsyncDisposable {
  readonly runId: string;
  readonly engine: Engine;
  readonly clock: Clock;
  /** `uname -m` of where the containers run. */
  readonly machine: Machine;
  readonly refusals: readonly string[];
}

/** This machine's `uname -m`, where it is one there is a payload for. Throws `environment`. */
export function hostMachine(): Machine {
  const name = unameMachine();
  if (isMachine(name)) return name;
  throw new BenchError('environment', `Expected a machine of ${MACHINES.join(' or ')}, got ${name}`, {
    hint: 'bench convert works for any architecture.',
  });
}

/** An id that no other run has; containers, folders and processes carry it. */
export const newRunId = (): string => `sb-${randomBytes(4).toString('hex')}`;

/** A monotonic clock that starts now. */
export function startClock(): Clock {
  const origin = process.hrtime.bigint();
  return () => nanoseconds(Number(process.hrtime.bigint() - origin));
}

/** Makes the run's workspace and opens the engine in it. */
export async function openSession(options: SessionOptions, io: Io, clock: Clock = startClock()): Promise<Session> {
  const runId = newRunId();
  const endpoint = daemonEndpoint(options, io);
  const service = serviceOf(options, io);
  const machine = hostMachine();
  const payload = payloadFiles(machine);
  const workspace = await makeWorkspace(runId, io.cwd, payload.payload);
  try {
    // Before anything is made there: whatever kills this process from now on, bench clean knows where to look.
    if (endpoint !== undefined) noteDaemon(workspace, endpoint);
    if (service !== undefined) noteService(workspace, service);
    const { engine, refusals } = await openEngine({
      choice: options.engine,
      clock,
      signal: io.signal,
      ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(options.image === undefined ? {} : { image: options.image }),
      parts: {
        runId,
        workspace,
        payload,
        rulesText,
        imageArchive,
        lxc: lxcWriter(machine),
        isuladProfile: isuladProfile(machine),
        writeRootfs: async (folder) => {
          await writeRootfs(folder, machine);
        },
        env: io.env,
      },
    });
    noteRuntime(
      workspace,
      service !== undefined || ['namespaces', 'lxc'].includes(engine.facts.name) ? null : engine.facts.path,
    );
    return {
      runId,
      engine,
      clock,
      machine: machineOf(engine, machine),
      refusals,
      [Symbol.asyncDispose]: () => close(engine, workspace),
    };
  } catch (error) {
    // What an engine could not remove is left for bench clean.
    if (!(error instanceof AggregateError)) removeWorkspace(workspace);
    throw error;
  }
}

/**
 * Where the daemon of a chosen engine listens; nothing for an engine without one. Throws `usage` for options that only
 * a daemon has.
 */
function daemonEndpoint({ engine, host, image }: SessionOptions, io: Io): DaemonEndpoint | undefined {
  if (engine === 'docker' || engine === 'podman')
    return findEndpoint({ engine, env: io.env, ...(host === undefined ? {} : { host }) });
  const option = host !== undefined ? '--host' : image !== undefined ? '--image' : undefined;
  if (option === undefined) return undefined;
  throw new BenchError('usage', `Expected --engine docker or podman with ${option}, got ${engine}`, {
    hint: 'Other engines start containers themselves, on this machine.',
  });
}

/**
 * The client and the socket of a daemon that is driven by its own client. Throws `environment` where it is not
 * installed.
 */
function serviceOf({ engine }: SessionOptions, { env }: Io): Service | undefined {
  if (engine === 'containerd') return { kind: engine, ...findContainerd(env) };
  if (engine !== 'isulad') return undefined;
  const { program, host } = findIsulad(env);
  return { kind: engine, program, address: host };
}

function machineOf({ machine }: Engine, own: Machine): Machine {
  return machine !== undefined && isMachine(machine) ? machine : own;
}

async function close(engine: Engine, workspace: string): Promise<void> {
  await engine[Symbol.asyncDispose]();
  removeWorkspace(workspace);
}

/** The same session, whose second disposal does nothing: it may be closed before the end of its block. */
export function closedOnce(session: Session): Session {
  let closed = false;
  return {
    ...session,
    [Symbol.asyncDispose]: async () => {
      if (closed) return;
      closed = true;
      await session[Symbol.asyncDispose]();
    },
  };
}
