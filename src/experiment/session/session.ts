import { randomBytes } from 'node:crypto';
import { machine as unameMachine } from 'node:os';
import { BenchError, needs } from '../../errors.js';
import type { Engine, EngineView } from '../../model/container/container.js';
import type { ExperimentContext } from '../../model/experiment/events.js';
import type { EngineRequest } from '../../model/experiment/request.js';
import type { ArmDefinition } from '../../model/run/scenario.js';
import { nanoseconds } from '../../model/time.js';
import type { Clock } from '../../model/time.js';
import { isMachine, MACHINES } from '../../payload/index.js';
import type { Machine } from '../../payload/index.js';

/** What an engine may read here, and how its opening is stopped. */
export type SessionContext = Pick<ExperimentContext, 'env' | 'cwd' | 'signal'>;

/** An open engine. Disposing it removes everything that it made and that was made for it. */
export interface OpenedEngine extends AsyncDisposable {
  readonly engine: Engine;
  /** Engines that were tried before it and could not be used, with why. */
  readonly refusals: readonly string[];
}

/** What an engine is opened with. */
export interface Opening {
  readonly runId: string;
  readonly clock: Clock;
  /** `uname -m` of this machine. */
  readonly machine: Machine;
  readonly context: SessionContext;
  /** Looks at the engine before its first container; what it throws ends the opening. */
  readonly check?: (engine: EngineView) => Promise<void>;
}

/** Looks at an engine and the arms that it will run, before its first container. Throws what stands against a start. */
export type BeforeStart = (engine: EngineView, arms: readonly ArmDefinition[]) => Promise<void>;

/** What tests put in the place of a real engine, clock and chance. */
export interface SessionParts {
  readonly openEngine: (request: EngineRequest, opening: Opening) => Promise<OpenedEngine>;
  readonly clock: Clock;
  /** An id that no other run has; containers, folders and processes carry it. */
  readonly newRunId: () => string;
}

/** An engine, its clock and where its containers run. Disposing it removes everything. */
export interface Session extends AsyncDisposable {
  readonly runId: string;
  readonly engine: Engine;
  readonly clock: Clock;
  /** `uname -m` of where the containers run. */
  readonly machine: Machine;
  /** `uname -r` of where the containers run. */
  readonly kernel: string;
  readonly refusals: readonly string[];
}

/** This machine's `uname -m`, where it is one there is a payload for. Throws `environment`. */
export function hostMachine(): Machine {
  return payloadMachine(unameMachine(), 'bench convert works for any architecture.');
}

/** A machine there is a payload for. Throws `environment`. */
export function payloadMachine(name: string, hint: string): Machine {
  if (isMachine(name)) return name;
  throw needs('running containers', `a machine of ${MACHINES.join(' or ')}; this is ${name}`, { hint });
}

/** An id that no other run has; containers, folders and processes carry it. */
export const newRunId = (): string => `sb-${randomBytes(4).toString('hex')}`;

/** A monotonic clock that starts now. */
export function startClock(): Clock {
  const origin = process.hrtime.bigint();
  return () => nanoseconds(Number(process.hrtime.bigint() - origin));
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

/** For what is stopped before anything was measured. */
export const stoppedEarly = (): BenchError =>
  new BenchError('interrupted', 'stopped by the user before the first measured container');
