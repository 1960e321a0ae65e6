import { serialiseSpec } from '../../convert/index.js';
import { BenchError } from '../../errors.js';
import { assertMaking } from '../../engine/programs.js';
import { buildFilter, toLoadable } from '../../filter/index.js';
import type { ArmSpec, ContainerRun } from '../../model/container/container.js';
import type { FilterMaking } from '../../model/filter/filter-making.js';
import { causeOf, judge, lastWords } from '../../model/container/outcome.js';
import type { LeftOut, SeccompSpec } from '../../model/profile/seccomp.js';
import type { ConvertedArm } from './convert.js';
import type { Session } from '../session/session.js';

/** An arm as the engine will use it, and one start that shows that it can. */
export interface SettledArm {
  readonly name: string;
  readonly policy: string;
  readonly arm: ArmSpec;
  /** What the runtime cannot load. */
  readonly leftOut: readonly LeftOut[];
  /** A container that printed its seccomp mode, or one run of the command. */
  readonly firstRun: ContainerRun;
  /** The user's command that stands in for a container. */
  readonly command?: readonly string[];
}

const START_LIMIT_MS = 20_000;

/**
 * Fits every arm to what the runtime can load and proves it with one start each; a copy takes over its original's text,
 * byte for byte.
 */
export async function settleArms(
  converted: readonly ConvertedArm[],
  session: Session,
  signal: AbortSignal,
): Promise<readonly SettledArm[]> {
  const settled: SettledArm[] = [];
  const originalsFirst = [...converted].sort(
    (a, b) => Number(a.definition.copyOf !== undefined) - Number(b.definition.copyOf !== undefined),
  );
  for (const arm of originalsFirst) {
    if (signal.aborted) throw stoppedEarly();
    const original = settled.find((other) => other.name === arm.definition.copyOf);
    settled.push(
      original === undefined ? await settle(arm, session, signal) : await copy(arm, original, session, signal),
    );
  }
  return converted.flatMap(({ definition }) => settled.filter((arm) => arm.name === definition.name));
}

async function settleCommand(
  name: string,
  command: readonly string[],
  session: Session,
  signal: AbortSignal,
): Promise<SettledArm> {
  const arm = armSpec(name, null);
  const run = await tryStart(arm, session, signal);
  const outcome = judge(run, 'command');
  if (outcome.state === 'ok') return { name, policy: 'command', arm, leftOut: [], firstRun: run, command };
  throw new BenchError(
    'runFailed',
    `Expected the command of arm ${name} to exit with 0, got ${[outcome.cause, lastWords(run.stderr)].filter(Boolean).join(': ')}`,
    {
      hint: `It was: ${command.join(' ')}`,
    },
  );
}

/** For what is stopped while the arms are proved. */
export const stoppedEarly = (): BenchError =>
  new BenchError('interrupted', 'stopped by the user before the first measured container');

async function copy(
  arm: ConvertedArm,
  original: SettledArm,
  session: Session,
  signal: AbortSignal,
): Promise<SettledArm> {
  const { name } = arm.definition;
  if (original.command !== undefined) return settleCommand(name, original.command, session, signal);
  const spec = { ...original.arm, name };
  return {
    name,
    policy: original.policy,
    arm: spec,
    leftOut: original.leftOut,
    firstRun: startedOrThrow(name, await tryStart(spec, session, signal)),
  };
}

async function settle(
  { definition, spec, convert }: ConvertedArm,
  session: Session,
  signal: AbortSignal,
): Promise<SettledArm> {
  const { name, policy, command, making } = definition;
  if (command !== undefined) return settleCommand(name, command, session, signal);
  if (making !== undefined) assertMaking(session.engine, name);
  const { limits } = session.engine;
  const loadable =
    limits.skipsForeign === true ? { spec, leftOut: [] } : toLoadable(spec, { machine: session.machine, ...limits });
  const arm = made(armSpec(name, loadable.spec, convert), making, session);
  const run = await tryStart(arm, session, signal);
  // A start that hangs was not refused for an architecture: trying them one by one would only hang as often.
  if (
    isStarted(run) ||
    run.exit.kind === 'timedOut' ||
    loadable.spec === null ||
    making !== undefined ||
    (loadable.spec.architectures ?? []).length < 2
  ) {
    return { name, policy, arm, leftOut: loadable.leftOut, firstRun: startedOrThrow(name, run) };
  }
  const narrowed = await addOneByOne(name, loadable.spec, { convert, session, signal });
  return {
    name,
    policy,
    arm: narrowed.arm,
    leftOut: [...loadable.leftOut, ...narrowed.refused],
    firstRun: startedOrThrow(name, narrowed.run ?? run),
  };
}

interface Trial {
  readonly convert: () => unknown;
  readonly session: Session;
  readonly signal: AbortSignal;
}

/** For a runtime that does not say what it can load: each architecture is tried with those that loaded before it. */
async function addOneByOne(
  name: string,
  spec: SeccompSpec,
  { convert, session, signal }: Trial,
): Promise<{ arm: ArmSpec; run: ContainerRun | undefined; refused: LeftOut[] }> {
  let kept: readonly string[] = [];
  let run: ContainerRun | undefined;
  const refused: LeftOut[] = [];
  for (const architecture of spec.architectures ?? []) {
    const attempt = await tryStart(armSpec(name, { ...spec, architectures: [...kept, architecture] }), session, signal);
    if (isStarted(attempt)) {
      kept = [...kept, architecture];
      run = attempt;
    } else {
      refused.push({
        kind: 'architecture',
        what: architecture,
        reason: `${session.engine.facts.name} refused it: ${wordsOf(attempt)}`,
      });
    }
  }
  const arm = armSpec(name, { ...spec, architectures: kept }, convert);
  await session.engine.prepare(arm);
  return { arm, run, refused };
}

function armSpec(name: string, spec: SeccompSpec | null, convert?: () => unknown): ArmSpec {
  const serialise = (): string => serialiseSpec(spec);
  return { name, spec, text: serialise(), ...(convert === undefined ? {} : { remake: { convert, serialise } }) };
}

/** With its filter made in the arm's own way; one that is built beforehand is built here. */
function made(arm: ArmSpec, making: FilterMaking | undefined, { machine }: Session): ArmSpec {
  if (making === undefined) return arm;
  return {
    ...arm,
    making,
    ...(making.prebuilt === undefined || arm.spec === null
      ? {}
      : { prebuilt: buildFilter(arm.spec, machine, making).program }),
  };
}

async function tryStart(arm: ArmSpec, { engine, runId }: Session, signal: AbortSignal): Promise<ContainerRun> {
  await engine.prepare(arm);
  const batch = await engine.run({
    arm: arm.name,
    mode: 'seccomp',
    ids: [`${runId}-first-${arm.name}`],
    concurrency: 1,
    timeoutMs: START_LIMIT_MS,
    signal,
  });
  await engine.betweenBlocks();
  const [run] = batch.containers;
  if (run === undefined) throw new BenchError('runFailed', `Expected one run of arm ${arm.name}, got none`);
  if (run.exit.kind === 'interrupted') throw stoppedEarly();
  return run;
}

const isStarted = (run: ContainerRun): boolean => judge(run, 'seccomp').state === 'ok';

const wordsOf = (run: ContainerRun): string => lastWords(run.stderr, 1) || causeOf(run.exit);

function startedOrThrow(name: string, run: ContainerRun): ContainerRun {
  if (isStarted(run)) return run;
  const outcome = judge(run, 'seccomp');
  const cause = outcome.state === 'ok' ? '' : outcome.cause;
  throw new BenchError(
    'runFailed',
    `Expected a container of arm ${name} to start, got ${[cause, lastWords(run.stderr)].filter(Boolean).join(': ')}`,
    {
      hint: hintFor(run.exit),
    },
  );
}

/** A daemon that refuses answers with a status; an errno means that there is none any more. */
const hintFor = (exit: ContainerRun['exit']): string =>
  exit.kind === 'refused' && /^E[A-Z]+$/.test(exit.answer)
    ? 'Does the daemon still run? Its log shows why it ended.'
    : 'A profile that forbids what a start needs (write, exit, execve, prctl) cannot be measured: bench convert shows the spec.';
