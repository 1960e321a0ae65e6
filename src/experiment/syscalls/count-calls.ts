import { BenchError } from '../../errors.js';
import { RUN_VARIABLE } from '../../process/processes.js';
import { chooseCounter, daemonBehind, runOnce } from '../../tracing/index.js';
import { checkTool, thisHost } from '../../host/index.js';
import type { Counter } from '../../tracing/index.js';
import type { ContainerRun, LaunchCommand } from '../../model/container/container.js';
import type { Io } from '../../model/io.js';
import { causeOf, judge, lastWords } from '../../model/container/outcome.js';
import type { ContainerProgram } from '../../model/container/program.js';
import { FORMAT_VERSION } from '../../model/results/format.js';
import type { ArmCounts, PartCounts, SyscallCounts } from '../../model/results/syscalls.js';
import { say } from '../../cli/output/announce.js';
import type { CountingPlan } from '../../cli/options/settings.js';
import type { Session } from '../session/session.js';
import { stoppedEarly } from '../arms/fit.js';
import type { SettledArm } from '../arms/fit.js';

/** Where the payload lies in every container; its exec begins the container's part. */
const PAYLOAD = '/payload';

/** The program whose exec begins the container's part. */
const beginningOf = ({ inside }: Counting): string => (inside === 'exit' ? PAYLOAD : (inside.args[0] ?? PAYLOAD));

interface Counting {
  readonly session: Session;
  readonly counter: Counter;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly inside: 'exit' | ContainerProgram;
  /** What was watched besides the command. */
  readonly notes: Set<string>;
}

/** One counting run, and as long a run without counting. */
interface Counted {
  readonly parts: readonly PartCounts[];
  readonly countedNs: number;
}

/**
 * Counts every arm's system calls in containers that are never timed: per repeat each arm once, counted and uncounted,
 * in an order that turns.
 */
export async function countArms(
  arms: readonly SettledArm[],
  {
    session,
    timeoutMs,
    plan,
    program,
  }: {
    readonly session: Session;
    readonly timeoutMs: number;
    readonly plan: CountingPlan;
    readonly program?: ContainerProgram;
  },
  io: Io,
): Promise<SyscallCounts> {
  const host = thisHost(io.env, `bench ${io.commandLine.join(' ')}`);
  const { counter, refusals } = await chooseCounter(plan.counter, host, (tool) => checkTool(host, tool));
  for (const { name, reason, fix } of refusals)
    say(io, 'cannot count with ', `${name}: ${reason}${fix === null ? '' : ` (this would change it: ${fix})`}`);
  say(
    io,
    '',
    `counting system calls with ${counter.facts.name} ${counter.facts.version}, ${plan.repeats} ${plan.repeats === 1 ? 'run' : 'runs'} per arm that are not timed`,
  );
  const counting: Counting = {
    session,
    counter,
    timeoutMs,
    signal: io.signal,
    notes: new Set(),
    inside: program ?? 'exit',
  };
  const tallies = new Map(
    arms.map((arm) => [
      arm.name,
      { runs: [] as (readonly PartCounts[])[], countedNs: [] as number[], uncountedNs: [] as number[] },
    ]),
  );
  const reasons = new Map<string, string>();
  for (let repeat = 0; repeat < plan.repeats; repeat += 1) {
    for (const arm of turned(arms, repeat)) {
      const tally = tallies.get(arm.name);
      if (tally === undefined || reasons.has(arm.name)) continue;
      try {
        const first = repeat % 2 === 0 ? await uncounted(arm, repeat, counting) : null;
        const { parts, countedNs } = await counted(arm, repeat, counting);
        tally.runs.push(parts);
        tally.countedNs.push(countedNs);
        tally.uncountedNs.push(first ?? (await uncounted(arm, repeat, counting)));
      } catch (error) {
        if (!(error instanceof BenchError) || error.code === 'interrupted') throw error;
        reasons.set(arm.name, error.message);
      }
    }
  }
  await session.engine.betweenBlocks();
  for (const [arm, reason] of reasons) say(io, '  not counted: ', `${arm}: ${reason}`);
  return {
    formatVersion: FORMAT_VERSION,
    counter: counter.facts,
    refusals,
    notes: [...counting.notes],
    arms: [...tallies].map(([arm, tally]): ArmCounts => {
      const reason = reasons.get(arm);
      return reason === undefined ? { arm, state: 'counted', ...tally } : { arm, state: 'notCounted', reason };
    }),
  };
}

const turned = <Item>(items: readonly Item[], by: number): readonly Item[] =>
  items.map((_, index) => items[(index + by) % items.length]).filter((item) => item !== undefined);

async function counted(arm: SettledArm, repeat: number, counting: Counting): Promise<Counted> {
  const {
    session: { engine, runId },
    counter,
    notes,
  } = counting;
  const id = `${runId}-count-${arm.name}-${repeat}`;
  const command = engine.command(arm.name, counting.inside, id);
  if (command !== null) {
    const { run, parts } = await counter.count({
      command,
      payload: arm.command === undefined ? beginningOf(counting) : null,
      ...limitsOf(counting),
    });
    return { parts, countedNs: okWall(run, arm, counting) };
  }
  const socket = engine.daemonSocket?.(arm.name) ?? null;
  const behind = socket === null ? null : daemonBehind(socket);
  if (behind === null || behind.state === 'hidden') {
    throw new BenchError(
      'environment',
      `Expected a daemon on this machine whose calls can be counted, got ${behind === null ? `${engine.facts.name} elsewhere` : behind.reason}`,
    );
  }
  notes.add(
    `traced as a whole while containers were counted: ${behind.words}. That slows all their work, and what they did for others is among the daemon's calls`,
  );
  const { result, parts } = await counter.watch({
    processes: behind.processes,
    payload: beginningOf(counting),
    env: [`${RUN_VARIABLE}=${runId}`],
    action: () => runByEngine(arm, id, counting),
  });
  return { parts, countedNs: okWall(result, arm, counting) };
}

async function uncounted(arm: SettledArm, repeat: number, counting: Counting): Promise<number> {
  const { engine, runId } = counting.session;
  const id = `${runId}-plain-${arm.name}-${repeat}`;
  const command: LaunchCommand | null = engine.command(arm.name, counting.inside, id);
  const run = command === null ? await runByEngine(arm, id, counting) : await runOnce(command, limitsOf(counting));
  return okWall(run, arm, counting);
}

async function runByEngine(
  arm: SettledArm,
  id: string,
  { session: { engine }, timeoutMs, signal, inside }: Counting,
): Promise<ContainerRun> {
  const {
    containers: [run],
  } = await engine.run({ arm: arm.name, mode: inside, ids: [id], concurrency: 1, timeoutMs, signal });
  if (run === undefined) throw new RangeError('one container has one run');
  return run;
}

/** A container that hangs is removed with all others when the engine is closed. */
const limitsOf = ({
  timeoutMs,
  signal,
}: Counting): { readonly timeoutMs: number; readonly signal: AbortSignal; readonly stop: () => Promise<void> } => ({
  timeoutMs,
  signal,
  stop: () => Promise.resolve(),
});

/** The counts of a container that failed are not those of one that works. */
function okWall(run: ContainerRun, arm: SettledArm, { signal, inside }: Counting): number {
  if (signal.aborted || run.exit.kind === 'interrupted') throw stoppedEarly();
  const outcome = judge(run, arm.command === undefined ? inside : 'command');
  if (outcome.state === 'ok') return run.wall;
  throw new BenchError(
    'runFailed',
    `Expected a container of arm ${arm.name} to run while its calls were counted, got ${[outcome.cause || causeOf(run.exit), lastWords(run.stderr)].filter(Boolean).join(': ')}`,
  );
}
