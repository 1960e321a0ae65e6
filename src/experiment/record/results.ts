import { join, resolve } from 'node:path';
import { BenchError, systemReason } from '../../errors.js';
import type { AskedCounters } from '../../model/results/figures/instructions.js';
import type { ArmSpec, ContainerRun } from '../../model/container/container.js';
import type { ExperimentContext } from '../../model/experiment/events.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import { capabilityText } from '../../model/profile/capabilities.js';
import { FORMAT_VERSION } from '../../model/results/format.js';
import type { AskedOfStarts } from '../../model/results/asked.js';
import type { HostFingerprint, RunPlan, SweepPart } from '../../model/results/result.js';
import type { SyscallCounts } from '../../model/results/syscalls.js';
import type { Sample } from '../../model/results/sample.js';
import type { TimePlan, TriedMode } from '../../model/run/time-plan.js';
import { blocksOf } from '../../model/run/scenario.js';
import type { Scenario } from '../../model/run/scenario.js';
import { createResultFolder, makeFolders } from '../../results/index.js';
import type { ResultWriter, UsedSpec } from '../../results/index.js';

import { expectedSeconds, scenarioHash } from '../../scenario/index.js';
import { withCache, withEarlierCache } from '../arms/cache.js';
import type { FittedProgram } from '../arms/fit-program.js';
import { hostMachine } from '../session/session.js';
import type { Session } from '../session/session.js';
import type { OpenRecording, ProvedExperiment, RecordingLog } from '../states.js';
import type { ContinuedFolder } from '../resume/continued.js';
import { listOf } from './lists.js';
import { countOf } from './meter.js';

/** Starts that are about to be timed: alone, or as one level of a sweep. */
export interface ReadyStarts {
  readonly proved: ProvedExperiment<'starts'> | ProvedExperiment<'sweep'>;
  readonly scenario: Scenario;
  /** What the ids of its containers begin with. */
  readonly idPrefix: string;
  /** Where system calls were counted. */
  readonly counts?: SyscallCounts;
  /** Where the containers run a program in place of the payload. */
  readonly fitted?: FittedProgram;
  /** Where it has to fit into a time. */
  readonly timePlan?: TimePlan;
  /** Where modes were tried before. */
  readonly tried?: readonly TriedMode[];
  /** Where instructions were to be counted. */
  readonly counters?: AskedCounters;
  /** Where it is one level of a sweep. */
  readonly sweep?: SweepPart;
}

export interface StartsRecording {
  readonly recording: OpenRecording;
  readonly writer: ResultWriter;
}

/** Makes the results folder with all that is known before the first container, and tells what will be run. */
export async function openStarts(ready: ReadyStarts, log: RecordingLog): Promise<StartsRecording> {
  const { proved, scenario, idPrefix, fitted } = ready;
  const { request, context, arms, evidence, session } = proved;
  const before = await listOf(session.engine);
  const host = fingerprintFor(proved);
  const continued = folderOf(ready);
  const writer =
    continued?.reopen({ host, evidence }) ??
    createResultFolder(resultsParent(request.resultsFolder, context), planOf(ready), host);
  const folder = continued?.folder ?? join(request.resultsFolder, writer.name);
  const recording = log.add({ folder, sink: writer, before, idPrefix });
  if (continued === undefined) writeBeginning(writer, ready);
  else continueWriting(writer, continued, ready);
  recording.failed = failedIn(continued?.samples ?? []);
  const firstRuns = fitted?.firstRuns ?? arms.map(({ firstRun }) => firstRun);
  context.notify({
    kind: 'planned',
    scenario,
    expectedSeconds: expectedSeconds(
      toRun(scenario, continued),
      meanSeconds(firstRuns),
      host.daemon?.cpuCount ?? host.cpuCount,
    ),
    seed: request.seed,
    folder,
    stopping: stoppingOf(proved),
  });
  return { recording, writer };
}

/** What is known before the first container. */
function writeBeginning(writer: ResultWriter, { proved: { arms, evidence }, counts }: ReadyStarts): void {
  writer.writeEvidence(evidence);
  if (counts !== undefined) writer.writeSyscalls(counts);
  for (const { arm } of arms) writer.writeSpec(usedSpec(arm));
}

/** Notes the break before the first container of the new part. */
function continueWriting(
  writer: ResultWriter,
  { left, after, folder }: ContinuedFolder,
  { proved: { parts, context, continued }, scenario }: ReadyStarts,
): void {
  const block = left.first ?? blocksOf(scenario);
  const at = parts.calendar().toISOString();
  writer.appendBreak({ kind: 'resumed', block, warmup: false, at, after });
  const changes = continued?.changes ?? [];
  context.notify({ kind: 'resumed', folder, after, done: left.done, blocks: blocksOf(scenario), changes });
}

/** The results folder that starts are added to; `undefined`: a new one. */
export const folderOf = ({ proved: { continued }, scenario }: ReadyStarts): ContinuedFolder | undefined =>
  continued?.folders.get(scenario.name);

/** The scenario, as long as it still takes. */
function toRun(scenario: Scenario, continued: ContinuedFolder | undefined): Scenario {
  if (continued === undefined) return scenario;
  const { left } = continued.left;
  const warmup = left === 0 ? 0 : scenario.warmup;
  return scenario.kind === 'sequential' ? { ...scenario, count: left, warmup } : { ...scenario, rounds: left, warmup };
}

const failedIn = (samples: readonly Sample[]): number => countOf(samples).failed;

/**
 * After the last block: completes the evidence of every results folder and closes its samples. A folder that cannot be
 * written keeps no other open; its error is thrown once all are closed.
 */
export function endSamples(proved: ReadyStarts['proved'], writers: readonly ResultWriter[]): void {
  const [writer, ...others] = writers;
  if (writer === undefined) return;
  try {
    completeEvidence(proved, writer);
  } finally {
    try {
      writer.close();
    } finally {
      endSamples(proved, others);
    }
  }
}

/** Adds to the evidence what was seen of the runtime's cache between the blocks, in every part of the run. */
function completeEvidence({ evidence, session, continued }: ReadyStarts['proved'], writer: ResultWriter): void {
  if (evidence.every(({ cache }) => cache === undefined)) return;
  const now = withCache(evidence, session.engine);
  writer.completeEvidence(continued === undefined ? now : withEarlierCache(continued.evidence, now));
}

/** What an arm was made of, for its results. */
export const usedSpec = (arm: ArmSpec): UsedSpec => ({
  arm: arm.name,
  content: arm.given?.kind === 'raw' ? arm.given.filter : arm.text,
  kind: arm.given?.kind ?? 'spec',
});

/** What the numbers depend on: this machine, and that of the engine's daemon. Tells of emulation. */
export function fingerprintFor({ parts, context, session }: ProvedExperiment): HostFingerprint {
  const own = parts.fingerprint(context.env);
  const emulation = emulationOfHost(own);
  if (emulation !== null) context.notify({ kind: 'emulated', emulation });
  const daemon = session.engine.host;
  return daemon === undefined ? own : { ...own, daemon };
}

/** Makes the folder for results folders and gives its path. Throws `environment`. */
export function resultsParent(folder: string, { cwd }: Pick<ExperimentContext, 'cwd'>): string {
  const path = resolve(cwd, folder);
  try {
    makeFolders(path);
  } catch (error) {
    throw new BenchError('environment', `could not create the results folder ${folder}: ${systemReason(error)}`, {
      hint: 'Choose a writable folder with --results.',
      cause: error,
    });
  }
  return path;
}

/** What the plan.json of every kind of experiment has. */
export function planBase(proved: ProvedExperiment) {
  const { request, session, parts, programs, kernelForProfile } = proved;
  return {
    formatVersion: FORMAT_VERSION,
    id: idOf(session),
    startedAt: parts.calendar().toISOString(),
    command: request.commandLine,
    seed: request.seed,
    engine: session.engine.facts,
    programs: programs.programs,
    pinnedCpu: request.pinnedCpu,
    capabilities: capabilityText(request.conversion.capabilities),
    kernelForProfile,
  } as const;
}

/** The id of an experiment, part of the names of its folders. */
export const idOf = ({ runId }: Pick<Session, 'runId'>): string => runId.replace(/^sb-/, '');

function planOf({ proved, scenario, sweep, timePlan, tried, counters }: ReadyStarts): RunPlan {
  const { session, context } = proved;
  const stopping = stoppingOf(proved);
  return {
    ...planBase(proved),
    scenario,
    scenarioSha256: scenarioHash(scenario),
    ...nodeOf(context),
    ...(session.machine === hostMachine() ? {} : { machine: session.machine }),
    ...(stopping.length === 0 ? {} : { stopping }),
    ...(timePlan === undefined ? {} : { timePlan }),
    ...(tried === undefined ? {} : { tried }),
    ...(sweep === undefined ? {} : { sweep }),
    ...(proved.duet === undefined ? {} : { duet: proved.duet }),
    ...(counters === undefined ? {} : { counters }),
    asked: askedOf(proved),
  };
}

/** What `bench resume` has to ask again. */
function askedOf({ request, context: { cwd } }: ReadyStarts['proved']): AskedOfStarts {
  const { engine, conversion, timeoutMs, maxFailures } = request;
  const starts = request.kind === 'starts' ? request : NOTHING_MORE;
  const { staged, margin, findings, counters } = { counters: false, ...starts };
  const counted = counters ? { counters: true as const } : {};
  return { engine, conversion, cwd, timeoutMs, maxFailures, staged, margin, findings, ...counted };
}

/** Of a sweep. */
const NOTHING_MORE = {
  staged: false,
  margin: 0.01,
  findings: { explain: false, touch: [], profiler: null },
} as const;

const stoppingOf = ({ request }: ReadyStarts['proved']) => (request.kind === 'starts' ? request.stopping : []);

/** Whoever starts a run on each of many nodes names the node. */
const nodeOf = ({ env: { BENCH_NODE: node } }: Pick<ExperimentContext, 'env'>): Pick<RunPlan, 'node'> =>
  node === undefined || node === '' ? {} : { node };

/** Mean time of the runs before the first measured one, in seconds. */
const meanSeconds = (runs: readonly ContainerRun[]): number =>
  runs.reduce((sum, { wall }) => sum + wall, 0) / runs.length / 1e9;
