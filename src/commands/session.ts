import { randomBytes } from 'node:crypto';
import { machine as unameMachine } from 'node:os';
import { lxcWriter } from '../convert/index.js';
import { openEngine } from '../engine/open.js';
import { BenchError } from '../errors.js';
import { rulesText } from '../filter/index.js';
import type { Engine, EngineChoice } from '../model/container.js';
import type { Io } from '../model/io.js';
import { nanoseconds } from '../model/time.js';
import type { Clock } from '../model/time.js';
import { isMachine, MACHINES, payloadFiles, writeRootfs } from '../payload/index.js';
import type { Machine } from '../payload/index.js';
import { makeWorkspace, noteRuntime, removeWorkspace } from './workspace.js';

export interface SessionOptions {
  readonly engine: EngineChoice;
  readonly runtime?: string | undefined;
}

/** An engine with its folder and its clock, all removed on disposal. */
export interface Session extends AsyncDisposable {
  readonly runId: string;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly machine: Machine;
  readonly refusals: readonly string[];
}

/** This machine's `uname -m`, where it is one there is a payload for. Throws `environment`. */
export function hostMachine(): Machine {
  const name = unameMachine();
  if (isMachine(name)) return name;
  throw new BenchError('environment', `Expected a machine of ${MACHINES.join(' or ')}, got ${name}`, { hint: 'bench convert works for any architecture.' });
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
  const machine = hostMachine();
  const payload = payloadFiles(machine);
  const workspace = await makeWorkspace(runId, io.cwd, payload.payload);
  try {
    const { engine, refusals } = await openEngine({
      choice: options.engine, clock, signal: io.signal,
      ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
      parts: {
        runId, workspace, payload, rulesText, lxc: lxcWriter(machine), writeRootfs: async (folder) => { await writeRootfs(folder, machine); },
        env: io.env,
      },
    });
    noteRuntime(workspace, ['namespaces', 'containerd', 'lxc'].includes(engine.facts.name) ? null : engine.facts.path);
    return { runId, engine, clock, machine, refusals, [Symbol.asyncDispose]: () => close(engine, workspace) };
  } catch (error) {
    // What an engine could not remove is left for bench clean.
    if (!(error instanceof AggregateError)) removeWorkspace(workspace);
    throw error;
  }
}

async function close(engine: Engine, workspace: string): Promise<void> {
  await engine[Symbol.asyncDispose]();
  removeWorkspace(workspace);
}
