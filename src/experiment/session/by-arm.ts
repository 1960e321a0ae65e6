import { EngineByArm } from '../../engine/by-arm.js';
import { CommandEngine } from '../../engine/command.js';
import { notFound } from '../../errors.js';
import type { Engine } from '../../model/container/container.js';
import type { EngineRequest } from '../../model/experiment/request.js';
import type { ArmDefinition } from '../../model/run/scenario.js';
import { payloadFiles } from '../../payload/index.js';
import { findProgram } from '../../process/files/find.js';
import { Launcher } from '../../process/launcher.js';
import type { OpenedEngine, Opening, SessionContext } from './session.js';

/** The user's commands in the place of containers. Throws `environment` for one that is not there. */
export function openCommands(arms: readonly ArmDefinition[], { clock, machine, context }: Opening): OpenedEngine {
  const commands = new Map(arms.map((arm) => [arm.name, located(arm, context)]));
  const launcher = new Launcher(clock, payloadFiles(machine).gate);
  const engine = new CommandEngine({ commands, env: context.env, launcher });
  return { engine, refusals: [], [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
}

/** The command with its program's absolute path. */
function located({ name, command }: ArmDefinition, { env, cwd }: SessionContext): readonly string[] {
  const [program = '', ...args] = command ?? [];
  const path = findProgram(program, env['PATH'], cwd);
  if (path !== undefined) return [path, ...args];
  throw notFound(`${program} (arm ${name})`, 'PATH', { hint: 'Give its path, or add its folder to PATH.' });
}

/** One engine per runtime, seen as one. */
export async function openByArm(
  arms: readonly ArmDefinition[],
  request: EngineRequest,
  open: (request: EngineRequest, arms: readonly ArmDefinition[]) => Promise<OpenedEngine>,
): Promise<OpenedEngine> {
  const opened = new Map<string | undefined, OpenedEngine>();
  try {
    for (const runtime of new Set(arms.map((arm) => arm.runtime)))
      opened.set(
        runtime,
        await open(
          withRuntime(request, runtime),
          arms.filter((arm) => arm.runtime === runtime),
        ),
      );
    const byArm = new Map<string, Engine>();
    for (const arm of arms) {
      const engine = opened.get(arm.runtime)?.engine;
      if (engine !== undefined) byArm.set(arm.name, engine);
    }
    return { engine: new EngineByArm(byArm), refusals: [], [Symbol.asyncDispose]: () => closeAll(opened) };
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

/** A daemon knows the runtime by name; otherwise it is some OCI runtime's path. */
function withRuntime(request: EngineRequest, runtime: string | undefined): EngineRequest {
  if (runtime === undefined) return request;
  const byDaemon = ['docker', 'podman', 'cri'].includes(request.choice);
  return { ...request, choice: byDaemon ? request.choice : 'oci', runtime };
}

/** All of them, even if some of them throw. */
async function closeAll(opened: ReadonlyMap<unknown, AsyncDisposable>): Promise<void> {
  const ends = await Promise.allSettled([...opened.values()].map((one) => closeOne(one)));
  const errors = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
  if (errors.length > 0) throw new AggregateError(errors);
}

async function closeOne(opened: AsyncDisposable): Promise<void> {
  await opened[Symbol.asyncDispose]();
}
