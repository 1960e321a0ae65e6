import { CommandEngine } from '../../engine/command.js';
import { EngineByArm } from '../../engine/by-arm.js';
import { BenchError } from '../../errors.js';
import { findProgram } from '../../process/find.js';
import { Launcher } from '../../process/launcher.js';
import type { Engine } from '../../model/container/container.js';
import type { Io } from '../../model/io.js';
import type { ArmDefinition, Scenario } from '../../model/run/scenario.js';
import { payloadFiles } from '../../payload/index.js';
import { hostMachine, newRunId, openSession, startClock } from './session.js';
import type { Session, SessionOptions } from './session.js';

/**
 * The session a scenario needs: one engine for all arms, one for each runtime the arms name, or the user's commands.
 */
export async function openSessionFor(scenario: Scenario, options: SessionOptions, io: Io): Promise<Session> {
  if (scenario.arms.some((arm) => arm.command !== undefined)) return openCommands(scenario.arms, io);
  if (scenario.arms.some((arm) => arm.runtime !== undefined)) return openRuntimes(scenario.arms, options, io);
  return openSession(options, io);
}

function openCommands(arms: readonly ArmDefinition[], io: Io): Promise<Session> {
  const machine = hostMachine();
  const clock = startClock();
  const commands = new Map(arms.map((arm) => [arm.name, located(arm, io)]));
  const engine = new CommandEngine({
    commands,
    env: io.env,
    launcher: new Launcher(clock, payloadFiles(machine).gate),
  });
  return Promise.resolve({
    runId: newRunId(),
    engine,
    clock,
    machine,
    refusals: [],
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  });
}

/** The command with its program's absolute path. */
function located({ name, command }: ArmDefinition, io: Io): readonly string[] {
  const [program, ...args] = command ?? [];
  const path = program === undefined ? undefined : findProgram(program, io.env['PATH'], io.cwd);
  if (path !== undefined) return [path, ...args];
  throw new BenchError(
    'environment',
    `Expected the program ${program ?? '(none)'} of arm ${name}, got none that may be run`,
    { hint: 'Give its path, or add its folder to PATH.' },
  );
}

/** One session per runtime, on one clock, seen as one. */
async function openRuntimes(arms: readonly ArmDefinition[], options: SessionOptions, io: Io): Promise<Session> {
  const clock = startClock();
  const byDaemon = options.engine === 'docker' || options.engine === 'podman';
  const sessions = new Map<string | undefined, Session>();
  const close = async (): Promise<void> => {
    const ends = await Promise.allSettled(
      [...sessions.values()].map(async (session) => {
        await session[Symbol.asyncDispose]();
      }),
    );
    const errors = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    if (errors.length > 0) throw new AggregateError(errors);
  };
  try {
    for (const runtime of new Set(arms.map((arm) => arm.runtime))) {
      sessions.set(
        runtime,
        await openSession(
          runtime === undefined ? options : { ...options, engine: byDaemon ? options.engine : 'oci', runtime },
          io,
          clock,
        ),
      );
    }
    const [first] = sessions.values();
    if (first === undefined) throw new RangeError('a scenario has at least one arm');
    const byArm = new Map<string, Engine>();
    for (const arm of arms) byArm.set(arm.name, (sessions.get(arm.runtime) ?? first).engine);
    return { ...first, engine: new EngineByArm(byArm), refusals: [], [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
