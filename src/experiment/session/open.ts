import { release } from 'node:os';
import type { Engine } from '../../model/container/container.js';
import type { EngineRequest } from '../../model/experiment/request.js';
import type { ArmDefinition } from '../../model/run/scenario.js';
import type { Machine } from '../../payload/index.js';
import { contextOf } from '../context.js';
import { openByArm, openCommands } from './by-arm.js';
import { openInWorkspace } from './in-workspace.js';
import { hostMachine, newRunId, payloadMachine, startClock } from './session.js';
import type { BeforeStart, OpenedEngine, Opening, Session, SessionContext, SessionParts } from './session.js';

/** The real ones, with a clock that starts now. */
export const sessionParts = (): SessionParts => ({ openEngine: openInWorkspace, clock: startClock(), newRunId });

/**
 * Opens the engine of a request, where arms name their own runtimes one for each of them, where they are commands what
 * runs those. Disposing the session stops its containers and removes all that was made for it. What is absent in
 * `context` is that of this process. Throws `environment` and `usage`.
 *
 * @example
 * await using session = await openSession({ choice: 'namespaces' });
 * await session.engine.prepare({ name: 'none', spec: null, text: 'null' });
 */
export async function openSession(
  request: EngineRequest,
  context: Partial<SessionContext> = {},
  arms: readonly ArmDefinition[] = [],
  parts: SessionParts = sessionParts(),
  beforeStart?: BeforeStart,
): Promise<Session> {
  const runId = parts.newRunId();
  const opening: Opening = { runId, clock: parts.clock, machine: hostMachine(), context: contextOf(context) };
  const opened = await openedFor(request, { ...opening, beforeStart }, arms, parts);
  try {
    const { engine, refusals } = opened;
    return {
      runId,
      engine,
      refusals,
      clock: parts.clock,
      ...placeOf(engine, opening.machine),
      [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
    };
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}

function openedFor(
  request: EngineRequest,
  { beforeStart, ...opening }: Opening & { readonly beforeStart: BeforeStart | undefined },
  arms: readonly ArmDefinition[],
  { openEngine, newRunId: nextId }: SessionParts,
): Promise<OpenedEngine> {
  const checked = (own: readonly ArmDefinition[]): Pick<Opening, 'check'> =>
    beforeStart === undefined ? {} : { check: (engine) => beforeStart(engine, own) };
  if (arms.some(({ command }) => command !== undefined)) return Promise.resolve(openCommands(arms, opening));
  if (arms.every(({ runtime }) => runtime === undefined)) return openEngine(request, { ...opening, ...checked(arms) });
  // Each runtime has its own workspace, and so its own id; the first has the id of the containers.
  let runId = opening.runId;
  return openByArm(arms, request, (own, ownArms) => {
    const opened = openEngine(own, { ...opening, ...checked(ownArms), runId });
    runId = nextId();
    return opened;
  });
}

/** A daemon may be on another machine. Throws `environment` where there is no payload for that one. */
function placeOf({ host, machine, facts }: Engine, own: Machine): Pick<Session, 'machine' | 'kernel'> {
  const name = host?.machine ?? machine;
  return {
    machine:
      name === undefined
        ? own
        : payloadMachine(name, `${facts.name} runs its containers on a machine that bench has no payload for.`),
    kernel: host?.kernelRelease ?? release(),
  };
}
