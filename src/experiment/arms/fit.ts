import { serialiseSpec } from '../../convert/index.js';
import { withLibrary } from '../../engine/filter-builder.js';
import { assertLoads } from '../../engine/programs.js';
import { BenchError } from '../../errors.js';
import { buildLxcFilter, isOwnLibrary, toLoadable } from '../../filter/index.js';
import type { LoadingLibrary } from '../../filter/index.js';
import type {
  ArmSpec,
  ContainerRun,
  ConvertedArmSpec,
  EngineView,
  GivenArmSpec,
} from '../../model/container/container.js';
import { hintOfLimit, looksFiltered } from '../../model/container/failure.js';
import { causeOf, judge, lastWords } from '../../model/container/outcome.js';
import type { FilterBuilder } from '../../model/filter/builder.js';
import type { FilterMaking } from '../../model/filter/filter-making.js';
import type { LeftOut, SeccompSpec } from '../../model/profile/seccomp.js';
import type { GivenSource } from '../../model/profile/source.js';
import { stoppedEarly } from '../session/session.js';
import type { Session } from '../session/session.js';
import type { ConvertedArm } from './convert.js';
import { assertTakesLibrary, namedLibrary } from './libraries.js';
import { assertMaking, made } from './making.js';

/** An arm as the engine will use it, and one start that shows that it can. */
export interface FittedArm {
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

/** Where arms are tried. */
interface Trial {
  readonly session: Session;
  readonly signal: AbortSignal;
}

const START_LIMIT_MS = 20_000;

/**
 * Fits every arm to what the runtime can load and proves it with one start each; a copy takes over its original's text,
 * byte for byte. Throws `runFailed` for an arm that does not start, `input` for one whose profile a CRI runtime
 * refuses.
 */
export async function fitArms(
  converted: readonly ConvertedArm[],
  session: Session,
  signal: AbortSignal,
): Promise<readonly FittedArm[]> {
  assertGiven(converted, session);
  const trial = { session, signal };
  const fitted: FittedArm[] = [];
  const originalsFirst = [...converted].sort(
    (a, b) => Number(a.definition.copyOf !== undefined) - Number(b.definition.copyOf !== undefined),
  );
  for (const arm of originalsFirst) {
    if (signal.aborted) throw stoppedEarly();
    const original = fitted.find((other) => other.name === arm.definition.copyOf);
    fitted.push(original === undefined ? await fit(arm, trial) : await copy(arm, original, trial));
  }
  return converted.flatMap(({ definition }) => fitted.filter((arm) => arm.name === definition.name));
}

async function fitCommand(name: string, command: readonly string[], trial: Trial): Promise<FittedArm> {
  const arm = armSpec(name, null);
  const run = await tryStart(arm, trial);
  const outcome = judge(run, 'command');
  if (outcome.state === 'ok') return { name, policy: 'command', arm, leftOut: [], firstRun: run, command };
  const words = [outcome.cause, lastWords(run.stderr)].filter(Boolean).join(': ');
  throw new BenchError('runFailed', `the command of arm ${name} failed: ${words}`, {
    hint: `It was: ${command.join(' ')}`,
  });
}

async function copy(arm: ConvertedArm, original: FittedArm, trial: Trial): Promise<FittedArm> {
  const { name } = arm.definition;
  if (original.command !== undefined) return fitCommand(name, original.command, trial);
  const spec = { ...original.arm, name };
  const firstRun = startedOrThrow(spec, await tryStart(spec, trial));
  return { name, policy: original.policy, arm: spec, leftOut: original.leftOut, firstRun };
}

/** Nothing of what is given is left out, and no other attempt is made. */
async function fitGiven(name: string, given: GivenSource, trial: Trial): Promise<FittedArm> {
  const arm = givenArm(name, given);
  const run = await tryStart(arm, trial);
  const firstRun = startedOrThrow(arm, run, isStarted(run) ? undefined : hintForGiven(given));
  return { name, policy: given.kind === 'runtimeDefault' ? given.name : 'given', arm, leftOut: [], firstRun };
}

/** LXC does not say why it refuses a policy. */
function hintForGiven(given: GivenSource): string {
  try {
    if (given.kind === 'lxc') buildLxcFilter(given.policy, given.name);
  } catch (error) {
    if (error instanceof BenchError) return error.message;
    throw error;
  }
  return GIVEN_HINT;
}

const GIVEN_HINT =
  'A filter that forbids a call that a start makes, in the runtime or in the container, cannot be measured: ' +
  'bench inspect shows what it answers.';

/** An arm of a raw filter, an LXC policy or the runtime's own profile. */
export const givenArm = (name: string, given: GivenSource): GivenArmSpec => ({
  name,
  spec: null,
  given,
  text: textOfGiven(given),
});

function textOfGiven(given: GivenSource): string {
  switch (given.kind) {
    case 'lxc':
      return given.text;
    case 'raw':
      return given.filter.toString('base64');
    case 'runtimeDefault':
      return `${given.name}\n`;
  }
}

/** Refuses what the engine cannot load or make, before a container of an arm starts. Throws `usage`. */
function assertGiven(converted: readonly ConvertedArm[], { engine }: Session): void {
  for (const { definition, source } of converted) {
    const { command, making, name } = definition;
    if (source !== null && source.kind !== 'profile' && command === undefined) assertLoads(engine, source);
    if (making !== undefined) assertMaking(engine, name, making);
  }
}

async function fit({ definition, spec, source, convert }: ConvertedArm, trial: Trial): Promise<FittedArm> {
  const { session } = trial;
  const { name, policy, command, making, libseccomp } = definition;
  if (command !== undefined) return fitCommand(name, command, trial);
  if (source !== null && source.kind !== 'profile') return fitGiven(name, source, trial);
  if (libseccomp !== undefined) assertTakesLibrary(session.engine, name);
  const library = namedLibrary(definition);
  const { engine, machine } = session;
  const fitting = fittingEngine(session, name, library);
  const loadable = loadableBy({ engine: fitting, machine }, spec);
  const withSpec = (known: SeccompSpec | null): ConvertedArmSpec =>
    like(armSpec(name, known, convert), { ...definition, ...library });
  const own = withSpec(loadable.spec);
  const arm = made(own, making, { engine, machine, builder: fitting.builder }, withSpec);
  const run = await tryStart(arm, trial);
  if (loadable.spec === null || !mayHaveRefusedOne(run, loadable.spec, making))
    return { name, policy, arm, leftOut: loadable.leftOut, firstRun: startedOrThrow(arm, run) };
  const narrowed = await addOneByOne(own, loadable.spec, trial);
  return {
    name,
    policy,
    arm: narrowed.arm,
    leftOut: [...loadable.leftOut, ...narrowed.refused],
    firstRun: startedOrThrow(narrowed.arm, narrowed.run ?? run),
  };
}

/** What of a spec an engine can load, and what is left out for it. */
export function loadableBy(
  { engine, machine }: { readonly engine: FittingEngine; readonly machine: string },
  spec: SeccompSpec | null,
): { readonly spec: SeccompSpec | null; readonly leftOut: readonly LeftOut[] } {
  const { limits, builder } = engine;
  // A kernel of its own, such as gVisor's, has no use for the architectures of a spec.
  if (limits.skipsForeign === true || builder?.kind === 'own') return { spec, leftOut: [] };
  return toLoadable(spec, { machine, ...limits, builtBy: libraryOf(builder, engine) });
}

type FittingEngine = Pick<EngineView, 'limits' | 'builder' | 'facts'>;

/** The engine of a session, as far as it decides what an arm can load. */
export function fittingEngine(
  { engine }: Pick<Session, 'engine'>,
  arm: string,
  { libseccomp }: { readonly libseccomp?: string } = {},
): FittingEngine {
  const own = engine.builderOf?.(arm);
  const builder = own === undefined ? undefined : withLibrary(own, libseccomp);
  return { facts: engine.facts, limits: engine.limits, ...(builder === undefined ? {} : { builder }) };
}

function libraryOf(builder: FilterBuilder | undefined, { facts }: FittingEngine): LoadingLibrary {
  if (builder?.kind !== 'libseccomp') return { runtime: facts.name, isOwn: false };
  const { library, runtime = facts.name === 'namespaces' ? 'the built-in engine' : facts.name } = builder;
  if (library === undefined) return { runtime, isOwn: false };
  return isOwnLibrary(library) ? { runtime, isOwn: true } : { runtime, isOwn: false, path: library };
}

/** A start that hangs was not refused for an architecture: to try them one by one would only hang as often. */
const mayHaveRefusedOne = (run: ContainerRun, spec: SeccompSpec, making: FilterMaking | undefined): boolean =>
  !isStarted(run) && run.exit.kind !== 'timedOut' && making === undefined && (spec.architectures ?? []).length > 1;

interface Narrowed {
  readonly arm: ArmSpec;
  /** The last start that succeeded. */
  readonly run: ContainerRun | undefined;
  readonly refused: readonly LeftOut[];
}

/** For a runtime that does not say what it can load: each architecture is tried with those that loaded before it. */
async function addOneByOne(
  { name, remake, ...of }: ConvertedArmSpec,
  spec: SeccompSpec,
  trial: Trial,
): Promise<Narrowed> {
  let kept: readonly string[] = [];
  let run: ContainerRun | undefined;
  const refused: LeftOut[] = [];
  const { engine } = trial.session;
  for (const architecture of spec.architectures ?? []) {
    const attempt = await tryStart(like(armSpec(name, { ...spec, architectures: [...kept, architecture] }), of), trial);
    if (isStarted(attempt)) {
      kept = [...kept, architecture];
      run = attempt;
    } else {
      const reason = `${engine.facts.name} refused it: ${wordsOf(attempt)}`;
      refused.push({ kind: 'architecture', what: architecture, reason });
    }
  }
  const arm = like(armSpec(name, { ...spec, architectures: kept }, remake?.convert), of);
  await engine.prepare(arm);
  return { arm, run, refused };
}

function armSpec(name: string, spec: SeccompSpec | null, convert?: () => unknown): ConvertedArmSpec {
  const serialise = (): string => serialiseSpec(spec);
  return { name, spec, text: serialise(), ...(convert === undefined ? {} : { remake: { convert, serialise } }) };
}

/** With the library and the state of the runtime's cache that are asked for, if any are. */
const like = (
  arm: ConvertedArmSpec,
  { cache, libseccomp }: Pick<ConvertedArmSpec, 'cache' | 'libseccomp'>,
): ConvertedArmSpec => ({
  ...arm,
  ...(cache === undefined ? {} : { cache }),
  ...(libseccomp === undefined ? {} : { libseccomp }),
});

async function tryStart(arm: ArmSpec, { session: { engine, runId }, signal }: Trial): Promise<ContainerRun> {
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
  if (run === undefined) throw new RangeError('one container has one run');
  if (run.exit.kind === 'interrupted') throw stoppedEarly();
  return run;
}

const isStarted = (run: ContainerRun): boolean => judge(run, 'seccomp').state === 'ok';

const wordsOf = (run: ContainerRun): string => lastWords(run.stderr, 1) || causeOf(run.exit);

function startedOrThrow({ name, spec, given }: ArmSpec, run: ContainerRun, ownHint?: string): ContainerRun {
  const outcome = judge(run, 'seccomp');
  if (outcome.state === 'ok') return run;
  const words = [outcome.cause, lastWords(run.stderr)].filter(Boolean).join(': ');
  const message =
    run.failedIn === 'sandbox'
      ? `the pod of arm ${name} was not made: ${words}`
      : `a container of arm ${name} did not start: ${words}`;
  const hint = hintOfLimit(run) ?? ownHint ?? hintFor(run, spec !== null || given !== undefined);
  throw new BenchError(isRefusedProfile(run) ? 'input' : 'runFailed', message, { hint });
}

/** A runtime behind CRI that answers and says no: the container without a profile did start. */
const isRefusedProfile = ({ exit, failedIn }: ContainerRun): boolean =>
  exit.kind === 'refused' &&
  /^gRPC (?!UNAVAILABLE|DEADLINE_EXCEEDED)/.test(exit.answer) &&
  ['sandbox', 'create', 'start'].includes(failedIn ?? '');

/** What the runtime's words point at; a daemon that refuses answers with a status, an errno means that it is gone. */
function hintFor(run: ContainerRun, isFiltered: boolean): string {
  const { exit, stderr } = run;
  if (exit.kind === 'refused' && /^E[A-Z]+$|^gRPC UNAVAILABLE$/.test(exit.answer))
    return 'Does the daemon still run? Its log shows why it ended.';
  if (/seccomp (?:filter )?(?:flag|option)/i.test(stderr))
    return 'This runtime does not load a flag of the profile: remove it, or use another version of the runtime.';
  if (/listenerPath|seccomp (?:agent|receiver|listener)/i.test(stderr))
    return 'The profile asks a listener (SCMP_ACT_NOTIFY): somebody has to listen at its listenerPath.';
  if (!isFiltered) return 'A container without a filter did start before. bench doctor checks this machine.';
  return looksFiltered(run)
    ? 'A profile that forbids a call that a start makes, in the runtime or in the container, cannot be measured: ' +
        'bench convert shows the spec.'
    : 'A container without a filter did start: does the profile forbid a call that a start makes? ' +
        'bench convert shows the spec.';
}
