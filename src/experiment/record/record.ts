import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../../errors.js';
import { libseccompVersion } from '../../filter/index.js';
import { EMULATION_VARIABLE, takeFingerprint } from '../../host/index.js';
import type { ContainerRun } from '../../model/container/container.js';
import type { ArmEvidence } from '../../model/run/evidence.js';
import { emulationWarning } from '../../model/run/emulation.js';
import type { Io } from '../../model/io.js';
import type { EngineList, RunEnd } from '../../model/results/ledger.js';
import { FORMAT_VERSION } from '../../model/results/format.js';
import type { RunPlan, SweepPart } from '../../model/results/result.js';
import { blocksOf } from '../../model/run/scenario.js';
import type { Sample } from '../../model/results/sample.js';
import type { Scenario } from '../../model/run/scenario.js';
import type { SyscallCounts } from '../../model/results/syscalls.js';
import { createResultFolder, runBlocks, makeFolders } from '../../results/index.js';
import type { BlockSamples, ResultWriter } from '../../results/index.js';
import { describePlan, expectedSeconds, planBlocks, scenarioHash } from '../../scenario/index.js';
import { announcePlan } from '../../cli/output/announce.js';
import { listOf } from './ledger.js';
import { packageVersion } from '../../package.js';
import { progressOf } from '../../cli/output/progress.js';
import { hostMachine, type Session } from '../session/session.js';
import type { MeasureOptions, RunSettings } from '../../cli/options/settings.js';
import { stoppingWords } from '../../cli/options/settings.js';
import type { SettledArm } from '../arms/fit.js';
import type { SettledProgram } from '../arms/fit-program.js';

/** A proved scenario, ready to be measured. */
export interface ReadyRun {
  readonly scenario: Scenario;
  readonly session: Session;
  readonly settings: RunSettings;
  readonly arms: readonly SettledArm[];
  readonly evidence: readonly ArmEvidence[];
  /** Where system calls were counted. */
  readonly counts?: SyscallCounts;
  /** Where the containers run a program in place of the payload. */
  readonly settled?: SettledProgram;
}

export interface Recording {
  readonly writer: ResultWriter;
  /** Containers that failed, warm-up included. */
  readonly failed: number;
  readonly ended: RunEnd;
  /** What the engine listed before the first container. */
  readonly before: EngineList;
  /** What the ids of its containers begin with. */
  readonly idPrefix: string;
}

/** Makes the results folder, says what will be run and for how long, and runs it. */
export async function record(ready: ReadyRun, options: MeasureOptions, io: Io): Promise<Recording> {
  const writer = openResults(ready, options, io);
  io.err(stoppingWords(ready.settings.stopping, ready.scenario));
  const before = await listOf(ready.session.engine);
  return { writer, before, idPrefix: ready.session.runId, ...(await runAll(ready, writer, io)) };
}

/**
 * Makes the results folder with all that is known before the first container, and says what will be run; `sweep` where
 * it is one level of one.
 */
export function openResults(ready: ReadyRun, options: MeasureOptions, io: Io, sweep?: SweepPart): ResultWriter {
  const { scenario, arms, evidence, settings, counts, settled } = ready;
  const host = takeFingerprint({
    bench: packageVersion(),
    libseccomp: libseccompVersion(),
    emulation: io.env[EMULATION_VARIABLE],
  });
  if (host.emulation) io.err(`${emulationWarning(host.emulation)}\n`);
  makeResultsParent(options.results);
  const writer = createResultFolder(
    options.results,
    { ...planOf(ready, options, io), ...(sweep === undefined ? {} : { sweep }) },
    host,
  );
  writer.writeEvidence(evidence);
  if (counts !== undefined) writer.writeSyscalls(counts);
  for (const { name, arm } of arms) writer.writeSpec(name, arm.text);
  announcePlan(
    describePlan(
      scenario,
      expectedSeconds(scenario, meanSeconds(settled?.firstRuns ?? arms.map(({ firstRun }) => firstRun)), host.cpuCount),
    ),
    settings.seed,
    writer.path,
    io,
  );
  return writer;
}

/** Makes the folder for results folders. Throws `environment`. */
export function makeResultsParent(folder: string): void {
  try {
    makeFolders(resolve(folder));
  } catch (error) {
    throw new BenchError(
      'environment',
      `${folder}: expected a folder for results, got ${error instanceof Error ? error.message : String(error)}`,
      { hint: 'Choose a folder you may write to with --results.', cause: error },
    );
  }
}

function planOf({ scenario, session, settings }: ReadyRun, options: MeasureOptions, io: Io): RunPlan {
  return {
    formatVersion: FORMAT_VERSION,
    id: session.runId.replace(/^sb-/, ''),
    startedAt: new Date().toISOString(),
    command: io.commandLine,
    scenario,
    scenarioSha256: scenarioHash(scenario),
    seed: settings.seed,
    engine: session.engine.facts,
    pinnedCpu: settings.pinnedCpu,
    capabilities: options.caps,
    kernelForProfile: settings.kernel,
    ...nodeOf(io),
    ...(session.machine === hostMachine() ? {} : { machine: session.machine }),
    ...(settings.stopping.length === 0 ? {} : { stopping: settings.stopping }),
  };
}

/** Whoever starts a run on each of many nodes says which this is. */
const nodeOf = ({ env: { BENCH_NODE: node } }: Io): Pick<RunPlan, 'node'> =>
  node === undefined || node === '' ? {} : { node };

/**
 * Runs every block and stores its samples after it, never within it; gives the number of containers that failed, and
 * why it ended.
 */
async function runAll(
  { settled, scenario, session, settings }: ReadyRun,
  writer: ResultWriter,
  io: Io,
): Promise<Pick<Recording, 'failed' | 'ended'>> {
  const maxFailures = settings.maxFailures ?? Infinity;
  const blocks = blocksOf(scenario) + scenario.warmup;
  const progress = progressOf(blocks, scenario.kind === 'sequential' ? 'block' : 'round', io, () => performance.now());
  const done = { blocks: 0, containers: 0, failed: 0 };
  const mayEnd = await stopWatch(settings, scenario);
  const originNs = session.clock();
  const stream = blocksOfRun(
    { scenario, session, settings, ...(settled === undefined ? {} : { settled }) },
    { originNs, idPrefix: session.runId, signal: io.signal },
  );
  try {
    for await (const { samples } of stream) {
      writer.append(samples);
      const containers = samples.filter((sample) => sample.kind === 'container');
      done.blocks += 1;
      done.containers += containers.length;
      done.failed += failuresIn(samples);
      progress.blockDone(done.blocks, done.containers, done.failed);
      if (done.failed > maxFailures) return { failed: done.failed, ended: 'maxFailures' };
      if (mayEnd(samples)) return { failed: done.failed, ended: 'rule' };
    }
  } finally {
    progress.end();
    writer.close();
  }
  return { failed: done.failed, ended: io.signal.aborted ? 'interrupted' : 'complete' };
}

/** Containers that failed or hung. */
export const failuresIn = (samples: readonly Sample[]): number =>
  samples.filter((sample) => sample.kind === 'container' && (sample.state === 'failed' || sample.state === 'timedOut'))
    .length;

/** The run's blocks, warm-up first; every container's id begins with `idPrefix`. */
export function blocksOfRun(
  {
    scenario,
    session,
    settled,
    settings: { seed, timeoutMs, staged },
  }: Pick<ReadyRun, 'scenario' | 'session' | 'settings' | 'settled'>,
  {
    originNs,
    idPrefix,
    signal,
  }: { readonly originNs: number; readonly idPrefix: string; readonly signal: AbortSignal },
): AsyncGenerator<BlockSamples, void, undefined> {
  const names = scenario.arms.map((arm) => arm.name);
  return runBlocks({
    engine: session.engine,
    scenario,
    runId: idPrefix,
    timeoutMs,
    staged,
    signal,
    originNs,
    ...(settled === undefined ? {} : { program: settled.program }),
    warmup: planBlocks(names, scenario.warmup, seed, 'warmup'),
    measured: planBlocks(names, blocksOf(scenario), seed),
    sleep: async (ms) => {
      await sleep(ms);
    },
  });
}

/** Says after each block whether a rule ends the run there. Statistics are only loaded where there is one. */
async function stopWatch(
  { stopping, margin }: RunSettings,
  scenario: Scenario,
): Promise<(samples: readonly Sample[]) => boolean> {
  if (stopping.length === 0) return () => false;
  const { watchFor } = await import('../../statistics/index.js');
  const watch = watchFor(stopping, scenario, margin);
  return (samples) => watch.observe(samples).state === 'stop';
}

/** Mean time of the runs before the first measured one, in seconds. */
function meanSeconds(runs: readonly ContainerRun[]): number {
  return runs.reduce((sum, { wall }) => sum + wall, 0) / runs.length / 1e9;
}
