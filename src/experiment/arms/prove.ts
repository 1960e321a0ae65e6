import { createHash } from 'node:crypto';
import { BenchError } from '../../errors.js';
import { factsOfLoaded, filterFacts, readLoadedPrograms } from '../../filter/index.js';
import type { LoadedPrograms } from '../../filter/index.js';
import { runTool } from '../../process/run-tool.js';
import { readTaskState } from '../../tracing/index.js';
import { isAsPredicted, loadSameFilter, samePrediction } from '../../model/run/evidence.js';
import type { ArmEvidence, LoadedFilter, PredictedFilter, ProbeResult, TaskState } from '../../model/run/evidence.js';
import { bytesOfArm } from '../../model/container/container.js';
import type { PodSeccomp } from '../../model/container/pod.js';
import { causeOf, judge, killedBySeccomp, lastWords } from '../../model/container/outcome.js';
import { isOwnTreatment } from '../../model/run/arms.js';
import { unknownBuilder } from '../../model/filter/builder.js';
import type { FilterBuilder } from '../../model/filter/builder.js';
import { referenceOf } from '../../model/run/scenario.js';
import type { ArmDefinition, Scenario } from '../../model/run/scenario.js';
import { payloadFiles } from '../../payload/index.js';
import type { Machine } from '../../payload/index.js';
import { knownFilter } from '../preflight/needs.js';
import { stoppedEarly } from '../session/session.js';
import type { Session } from '../session/session.js';
import type { FittedArm } from './fit.js';
import { learntBuilders, predictedFilter } from './prediction.js';
import type { Predictable } from './prediction.js';
import { seeFilters } from './see-filters.js';

const PROBE_LIMIT_MS = 20_000;
/** An arm whose treatment is known before anything is timed. */
export interface ProvedArm {
  readonly fitted: FittedArm;
  readonly evidence: ArmEvidence;
  /** The bytes of its filters as they were read out of a container; `notSeen` of a command. */
  readonly filters: LoadedPrograms;
  /** What makes its filters, as learnt; `null` of a command. */
  readonly builder: FilterBuilder | null;
}

/** Proves per arm, before anything is timed, which spec is used and which filter it becomes. */
export async function proveArms(
  arms: readonly FittedArm[],
  session: Session,
  signal: AbortSignal,
): Promise<readonly ProvedArm[]> {
  const host32 = await hostRuns32Bit(session.machine);
  const seen: SeenArm[] = [];
  for (const fitted of arms) {
    if (signal.aborted) throw stoppedEarly();
    seen.push(
      fitted.command === undefined
        ? await seeArm(fitted, session, { host32, signal })
        : { fitted, evidence: commandEvidence(fitted.name, fitted.command), filters: COMMAND },
    );
  }
  await session.engine.betweenBlocks();
  return predictArms(seen, session);
}

type SeenArm = Omit<ProvedArm, 'builder'>;

/** What was seen of one arm tells of the others of its engine. */
function predictArms(seen: readonly SeenArm[], { engine, machine }: Session): readonly ProvedArm[] {
  const predictable = (fitted: FittedArm): Predictable => {
    const policy = engine.written?.(fitted.name).text;
    return { arm: fitted.arm, machine, ...(policy === undefined ? {} : { policy }) };
  };
  const builders = learntBuilders(
    seen.flatMap(({ fitted, filters }) =>
      fitted.command === undefined
        ? [
            {
              ...predictable(fitted),
              name: fitted.name,
              filters,
              builder: engine.builderOf?.(fitted.name) ?? unknownBuilder(engine.facts.name),
            },
          ]
        : [],
    ),
  );
  return seen.map((own) => {
    const builder = builders.get(own.fitted.name);
    if (builder === undefined) return { ...own, builder: null };
    const predicted = predictedFilter(predictable(own.fitted), builder, own.filters);
    const evidence = { ...own.evidence, predicted };
    assertForm(own.fitted, evidence);
    return { ...own, evidence, builder };
  });
}

interface Probing {
  /** Why nothing can be proved by a 32-bit program here; `undefined` where it can. */
  readonly host32: ProbeResult | undefined;
  readonly signal: AbortSignal;
}

async function seeArm(fitted: FittedArm, session: Session, { host32, signal }: Probing): Promise<SeenArm> {
  const { name, arm } = fitted;
  const { engine } = session;
  const written = engine.written?.(name);
  const inside: { task: TaskState | null; pause: LoadedPrograms } = { task: null, pause: NO_PAUSE };
  const known = knownFilter({ spec: arm.spec, source: arm.given ?? null }, session.machine);
  const filters = await seeFilters(name, session, {
    look: (pid) => {
      inside.task = readTaskState(pid);
    },
    lookAtPause: (pid) => {
      inside.pause = readLoadedPrograms(pid);
    },
    sleeps: known?.sleeps ?? true,
  });
  const bytes = bytesOfArm(arm);
  const loaded = factsOfLoaded(filters);
  assertLoaded(fitted, loaded);
  const evidence: ArmEvidence = {
    arm: name,
    policy: fitted.policy,
    architectures: arm.spec === null ? null : (arm.spec.architectures ?? []),
    ...givenEvidence(arm),
    specBytes: bytes.length,
    specSha256: sha256(bytes),
    leftOut: [...fitted.leftOut, ...(written?.leftOut ?? [])],
    loaded,
    ...podEvidence(engine.podSeccomp, inside.pause),
    predicted: NOT_YET,
    seccompMode: modeIn(fitted.firstRun.stdout),
    probe32: host32 ?? (await probe32(name, session, signal)),
    ...(inside.task === null ? {} : { task: inside.task }),
    ...(written === undefined
      ? {}
      : { written: { bytes: written.bytes, lines: written.lines, sections: written.sections } }),
  };
  return { fitted, evidence, filters };
}

const givenEvidence = ({ given, filterGiven }: FittedArm['arm']): Pick<ArmEvidence, 'given' | 'filterGiven'> => ({
  ...(given === undefined ? {} : { given: { kind: given.kind, form: given.form, name: given.name } }),
  ...(filterGiven === undefined ? {} : { filterGiven }),
});

const NO_PAUSE: LoadedPrograms = {
  state: 'notSeen',
  reason: 'the process of the container that holds the pod is not known here',
};

const podEvidence = (seccomp: PodSeccomp | undefined, pause: LoadedPrograms): Pick<ArmEvidence, 'pod'> =>
  seccomp === undefined ? {} : { pod: { seccomp, loaded: factsOfLoaded(pause) } };

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Refuses a finished filter in whose place another one was loaded. Throws `runFailed`. Where nothing was seen, the
 * evidence says so.
 */
function assertLoaded({ name, arm }: FittedArm, loaded: LoadedFilter): void {
  const { given, filterGiven, prebuilt = [] } = arm;
  const isFinished = given?.kind === 'raw' || filterGiven?.kind === 'annotation';
  if (!isFinished) return;
  const wanted = filterFacts(given === undefined ? Buffer.from(prebuilt) : bytesOfArm(arm));
  if (loaded.state === 'notSeen') return;
  const [first] = loaded.programs;
  if (loaded.programs.length === 1 && first?.sha256 === wanted.sha256) return;
  const got = loaded.programs.map((facts) => `${facts.instructions} (${facts.sha256.slice(0, 12)})`).join(' and ');
  throw new BenchError(
    'runFailed',
    `a container of arm ${name} loaded ${got === '' ? 'no filter' : `a filter of ${got} instructions`}, not the one \
given: ${wanted.instructions} (${wanted.sha256.slice(0, 12)})`,
    { hint: 'Use --engine namespaces, which loads a filter as it is.' },
  );
}

/**
 * Refuses an arm whose runtime was to build one form and loaded another filter. Throws `runFailed`. Where nothing was
 * seen, the evidence says so.
 */
function assertForm({ name, arm: { making } }: FittedArm, evidence: ArmEvidence): void {
  const { predicted } = evidence;
  if (making?.form === undefined || predicted.state !== 'built') return;
  if (isAsPredicted(evidence) !== 'different') return;
  const { runtime = 'the runtime', form = making.form, instructions } = predicted;
  const what = form === 'tree' ? 'a binary tree' : 'the plain form';
  throw new BenchError(
    'runFailed',
    `a container of arm ${name} did not load ${what} of ${instructions} instructions, which ${runtime} was to build`,
    { hint: 'Use --engine namespaces, which builds the form that an arm asks for.' },
  );
}

const NOT_YET: PredictedFilter = { state: 'unknown', reason: 'no arm was seen yet' };

const NOT_LOOKED_INTO = 'bench does not inspect commands of the user';
const COMMAND: LoadedPrograms = { state: 'notSeen', reason: NOT_LOOKED_INTO };

/** A command of the user has no spec, and nobody knows what it does inside. */
function commandEvidence(arm: string, command: readonly string[]): ArmEvidence {
  const text = JSON.stringify(command);
  return {
    arm,
    policy: 'command',
    architectures: null,
    specBytes: Buffer.byteLength(text),
    specSha256: sha256(text),
    leftOut: [],
    predicted: { state: 'unknown', reason: NOT_LOOKED_INTO },
    loaded: { state: 'notSeen', reason: NOT_LOOKED_INTO },
    seccompMode: null,
    probe32: { outcome: 'notProvable', detail: NOT_LOOKED_INTO },
  };
}

function modeIn(stdout: string): number | null {
  const mode = Number(/^seccomp (\d+)$/m.exec(stdout)?.[1] ?? NaN);
  return Number.isNaN(mode) ? null : mode;
}

/** Why a 32-bit program proves nothing on this kernel; `undefined` where the kernel runs one. */
export async function hostRuns32Bit(machine: Machine): Promise<ProbeResult | undefined> {
  const reason = await runTool(payloadFiles(machine).probe32, []).then(
    ({ stdout, exitCode }) => (stdout === 'ok32\n' ? undefined : `exit code ${exitCode} outside any container`),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return reason === undefined
    ? undefined
    : { outcome: 'notProvable', detail: `this kernel cannot run 32-bit programs: ${reason}` };
}

async function probe32(arm: string, { engine, runId }: Session, signal: AbortSignal): Promise<ProbeResult> {
  const impossible = engine.no32Bit?.(arm);
  if (impossible !== undefined) return { outcome: 'notProvable', detail: impossible };
  const batch = await engine.run({
    arm,
    mode: 'probe32',
    ids: [`${runId}-probe-${arm}`],
    concurrency: 1,
    timeoutMs: PROBE_LIMIT_MS,
    signal,
  });
  const [run] = batch.containers;
  if (run === undefined) return { outcome: 'failed', detail: 'it was not started' };
  if (judge(run, 'probe32').state === 'ok') return { outcome: 'ran', detail: '32-bit calls are allowed' };
  if (killedBySeccomp(run.exit))
    return { outcome: 'killed', detail: 'SIGSYS at its first call: the 32-bit architecture is not in the filter' };
  return { outcome: 'failed', detail: [causeOf(run.exit), lastWords(run.stderr, 1)].filter(Boolean).join(': ') };
}

/** The same bytes of spec, and the same loaded filter; of filters that nothing is known of, the spec decides. */
const isSameTreatment = (a: ArmEvidence, b: ArmEvidence): boolean =>
  a.specSha256 === b.specSha256 && (loadSameFilter(a, b) ?? (samePrediction(a, b) || areUnknown(a, b)));

const areUnknown = (...arms: readonly ArmEvidence[]): boolean =>
  arms.every(({ predicted }) => predicted.state === 'unknown');

/** Arms that came out equal to one before them, although they are no copies. */
export function equalArms(
  arms: readonly ArmDefinition[],
  evidence: readonly ArmEvidence[],
): readonly { readonly arm: string; readonly like: string }[] {
  const own = evidence.filter(({ arm }) =>
    arms.some((one) => one.name === arm && one.copyOf === undefined && one.making === undefined),
  );
  return own.flatMap((one, index) => {
    const like = own
      .slice(0, index)
      .find((other) => one.cache?.state === other.cache?.state && isSameTreatment(one, other));
    return like === undefined ? [] : [{ arm: one.arm, like: like.arm }];
  });
}

/**
 * Refuses an arm that is no different from the arm that it is compared with: same bytes and same loaded filter. Only
 * the control is meant to be so. Throws `notComparable`.
 */
export function assertComparable(
  scenario: Scenario,
  evidence: readonly ArmEvidence[],
  hint = 'There is nothing to compare: choose another policy or profile for one of them.',
): void {
  const definitionOf = (name: string): ArmDefinition | undefined => scenario.arms.find((arm) => arm.name === name);
  for (const arm of evidence) {
    const definition = definitionOf(arm.arm);
    const reference = referenceOf(scenario.arms, arm.arm);
    const baseline = evidence.find((other) => other.arm === reference?.baseline);
    if (baseline === undefined || definition === undefined || definition.copyOf !== undefined) continue;
    const { cache: _, ...others } = definition;
    const other = definitionOf(baseline.arm);
    // The same filter, but only one of them builds it at a start.
    if (isOwnTreatment(others) || other?.making?.prebuilt === true) continue;
    if (definition.cache !== other?.cache) continue;
    if (!isSameTreatment(arm, baseline)) continue;
    throw new BenchError(
      'notComparable',
      `arms ${arm.arm} and ${baseline.arm} have the same spec (${arm.specBytes} bytes) and load the same filter`,
      { hint },
    );
  }
}
