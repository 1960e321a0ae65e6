import type { AnyResult, ExperimentContext } from '../model/experiment/events.js';
import type { CallsRequest, ExperimentRequest } from '../model/experiment/request.js';
import type { Io } from '../model/io.js';
import type { ParallelScenario, Scenario } from '../model/run/scenario.js';
import { runExperiment } from '../experiment/index.js';
import type { PercallOptions, PercallRequest } from './options/percall.js';
import { readSettings } from './options/settings.js';
import type { MeasureOptions, RunSettings } from './options/settings.js';
import { assertFixedRounds } from './options/stopping.js';
import { listener } from './output/announce.js';
import { planExports } from './output/exports.js';

// The commands' way to an experiment as long as they hand their options on as text.

/** One results folder of an experiment that is over. */
export interface ClosedRecording {
  readonly writer: { readonly path: string };
  readonly failed: number;
  /** Why the engine could not remove all that it made. */
  readonly refusal?: Error;
}

/** The main job: prove the treatment, run the blocks, keep every sample, tell what it means. Gives the exit code. */
export async function measure(scenario: Scenario, options: MeasureOptions, io: Io): Promise<number> {
  const exports = planExports(options, io);
  const [recording] = recordingsOf(await runExperiment(startsRequest(scenario, options, io), contextOf(io)));
  if (recording === undefined) throw new RangeError('one run has one recording');
  // Statistics and charts are loaded only now: they would be in the way of the measurement.
  const { concludeRun } = await import('./output/run.js');
  return concludeRun(recording, { ...options, exports }, io);
}

/** The same once per level of concurrency, in turn, with one report of all of them. */
export async function measureSweep(
  scenario: ParallelScenario,
  levels: readonly number[],
  options: MeasureOptions,
  io: Io,
): Promise<number> {
  assertFixedRounds(options);
  const exports = planExports(options, io);
  const request = { ...always(options, readSettings(options, io), io), kind: 'sweep' as const, scenario, levels };
  const result = await runExperiment(request, contextOf(io));
  const { concludeSweep } = await import('./output/sweep.js');
  return concludeSweep(recordingsOf(result), { ...options, exports }, io);
}

/** Everything up to the last sample. Throws where something could not be removed. */
export async function proveAndRecord(scenario: Scenario, options: MeasureOptions, io: Io): Promise<ClosedRecording> {
  const [recording] = recordingsOf(await runExperiment(startsRequest(scenario, options, io), contextOf(io)));
  if (recording === undefined) throw new RangeError('one run has one recording');
  if (recording.refusal !== undefined) throw recording.refusal;
  return recording;
}

/** Times system calls inside containers; gives the results folder. */
export async function measureCalls(request: PercallRequest, options: PercallOptions, io: Io): Promise<string> {
  const { seed, pinnedCpu, timeoutMs, scenario, calls, rounds, loops } = request;
  const calling: CallsRequest = {
    kind: 'calls',
    engine: engineOf({ ...options, engine: request.engine }),
    conversion: conversionOf(options),
    seed,
    pinnedCpu,
    timeoutMs,
    maxFailures: null,
    resultsFolder: options.results,
    commandLine: io.commandLine,
    scenario,
    calls,
    rounds,
    loops,
    equalArms: request.alike === 'drop' ? 'drop' : 'refuse',
  };
  const { folders, notRemoved } = await runExperiment(calling, contextOf(io));
  if (notRemoved !== null) throw notRemoved;
  return folders[0] ?? '';
}

/** The surroundings of an experiment that a person follows. */
export const contextOf = (io: Io): ExperimentContext => ({
  env: io.env,
  cwd: io.cwd,
  signal: io.signal,
  stdin: io.stdin,
  notify: listener(io, { quiet: false }),
});

function recordingsOf({ folders, failed, notRemoved }: AnyResult): readonly ClosedRecording[] {
  const refusal = notRemoved === null ? {} : { refusal: notRemoved };
  return folders.map((path, index) => ({ writer: { path }, failed: index === 0 ? failed : 0, ...refusal }));
}

function startsRequest(scenario: Scenario, options: MeasureOptions, io: Io): ExperimentRequest & { kind: 'starts' } {
  const settings = readSettings(options, io);
  const { staged, stopping, margin, counting, touch } = settings;
  const { countWith, countRepeats } = options;
  return {
    ...always(options, settings, io),
    kind: 'starts',
    scenario,
    staged,
    stopping,
    margin,
    counting,
    findings: {
      explain: options.explain !== false,
      touch,
      profiler: options.profileWith ?? null,
      ...(countWith === undefined ? {} : { counter: countWith }),
      ...(countRepeats === undefined ? {} : { repeats: Number(countRepeats) }),
    },
  };
}

type EngineOptions = Pick<MeasureOptions, 'engine' | 'runtime' | 'host' | 'image'>;

export const engineOf = ({ engine, runtime, host, image }: EngineOptions) => ({
  choice: engine,
  ...(runtime === undefined ? {} : { runtime }),
  ...(host === undefined ? {} : { host }),
  ...(image === undefined ? {} : { image }),
});

export const conversionOf = ({ caps, kernel, lenient }: Pick<MeasureOptions, 'caps' | 'kernel' | 'lenient'>) => ({
  capabilities: caps,
  kernel: kernel ?? null,
  lenient,
});

function always(options: MeasureOptions, { seed, pinnedCpu, timeoutMs, maxFailures }: RunSettings, io: Io) {
  return {
    engine: engineOf(options),
    conversion: conversionOf(options),
    seed,
    pinnedCpu,
    timeoutMs,
    maxFailures,
    resultsFolder: options.results,
    commandLine: io.commandLine,
  };
}
