import { isuladProfile, lxcWriter } from '../../convert/index.js';
import { findContainerd } from '../../engine/containerd/open.js';
import { ctrIn } from '../../engine/cri/open.js';
import { findCri } from '../../engine/cri/socket.js';
import type { CriEndpoint } from '../../engine/cri/socket.js';
import { findEndpoint } from '../../engine/docker/endpoint.js';
import type { DaemonEndpoint } from '../../engine/docker/endpoint.js';
import { findIsulad } from '../../engine/isulad/open.js';
import type { Service } from '../../engine/left.js';
import { openEngine } from '../../engine/open.js';
import type { OpenOptions } from '../../engine/opening.js';
import { BenchError } from '../../errors.js';
import { rulesText } from '../../filter/index.js';
import type { EngineParts } from '../../model/container/container.js';
import type { EngineRequest } from '../../model/experiment/request.js';
import { imageArchive, payloadFiles, writeRootfs } from '../../payload/index.js';
import type { OpenedEngine, Opening, SessionContext } from './session.js';
import { makeWorkspace, noteDaemon, noteRuntime, noteService, removeWorkspace } from './workspace.js';

/** Makes a workspace and opens the engine in it; disposing closes the engine and removes the workspace. */
export async function openInWorkspace(request: EngineRequest, opening: Opening): Promise<OpenedEngine> {
  const { context, machine, runId } = opening;
  const endpoint = daemonEndpoint(request, context);
  const cri = request.choice === 'cri' ? findCri(request.host, context.env) : undefined;
  const service = serviceOf(request, context, cri);
  const workspace = await makeWorkspace(runId, context.cwd, payloadFiles(machine).payload);
  try {
    // Before anything is made there: if anything kills this process from now on, bench clean knows where to look.
    if (endpoint !== undefined) noteDaemon(workspace, endpoint);
    if (service !== undefined) noteService(workspace, service);
    const { engine, refusals } = await openEngine(openOptions(request, opening, workspace, { endpoint, cri }));
    const ownsNoRuntime = service !== undefined || ['namespaces', 'bwrap', 'lxc'].includes(engine.facts.name);
    noteRuntime(workspace, ownsNoRuntime ? null : engine.facts.path);
    return {
      engine,
      refusals,
      [Symbol.asyncDispose]: async () => {
        await engine[Symbol.asyncDispose]();
        removeWorkspace(workspace);
      },
    };
  } catch (error) {
    // What an engine could not remove is left for bench clean.
    if (!(error instanceof AggregateError)) removeWorkspace(workspace);
    throw error;
  }
}

function openOptions(
  { choice, runtime, image, podSeccomp }: EngineRequest,
  opening: Opening,
  workspace: string,
  { endpoint, cri }: { readonly endpoint: DaemonEndpoint | undefined; readonly cri: CriEndpoint | undefined },
): OpenOptions {
  return {
    choice,
    clock: opening.clock,
    signal: opening.context.signal,
    ...(runtime === undefined ? {} : { runtime }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(cri === undefined ? {} : { cri }),
    ...(podSeccomp === undefined ? {} : { podSeccomp }),
    ...(image === undefined ? {} : { image }),
    ...(opening.check === undefined ? {} : { check: opening.check }),
    parts: engineParts(opening, workspace),
  };
}

const engineParts = ({ runId, machine, context }: Opening, workspace: string): EngineParts => ({
  runId,
  workspace,
  payload: payloadFiles(machine),
  rulesText,
  imageArchive,
  lxc: lxcWriter(machine),
  isuladProfile: isuladProfile(machine),
  writeRootfs: async (folder) => {
    await writeRootfs(folder, machine);
  },
  env: context.env,
});

/**
 * Where the daemon of a chosen engine listens; nothing for an engine without one. Throws `usage` for a host or an image
 * without a daemon.
 */
function daemonEndpoint({ choice, host, image }: EngineRequest, { env }: SessionContext): DaemonEndpoint | undefined {
  if (choice === 'docker' || choice === 'podman')
    return findEndpoint({ engine: choice, env, ...(host === undefined ? {} : { host }) });
  if (choice === 'cri') return undefined;
  const option = host !== undefined ? '--host' : image !== undefined ? '--image' : undefined;
  if (option === undefined) return undefined;
  throw new BenchError('usage', `${option} requires --engine docker, podman or cri`, {
    hint: `--engine ${choice} starts containers itself, on this machine.`,
  });
}

/** A daemon other than Docker and Podman, and what talks to it. Throws `environment` where that is missing. */
function serviceOf(
  { choice }: EngineRequest,
  { env }: SessionContext,
  cri: CriEndpoint | undefined,
): Service | undefined {
  if (cri !== undefined) return { kind: 'cri', program: ctrIn(env), address: cri.address };
  if (choice === 'containerd') return { kind: choice, ...findContainerd(env) };
  if (choice !== 'isulad') return undefined;
  const { program, host } = findIsulad(env);
  return { kind: choice, program, address: host };
}
