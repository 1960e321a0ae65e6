import { assertProgram } from '../engine/programs.js';
import { assertOpenFiles } from '../process/open-files.js';
import type { Io } from '../model/io.js';
import type { ParallelScenario, Scenario } from '../model/run/scenario.js';
import { assertArchitecture } from '../scenario/index.js';
import { announceArms, announceEngine } from '../cli/output/announce.js';
import { convertArms } from './arms/convert.js';
import { outputRequest } from '../cli/options/raw-output.js';
import { planOutput } from '../cli/output/plan.js';
import { closeWithLedger, type ClosedRecording } from './record/ledger.js';
import { assertComparable, proveArms } from './arms/prove.js';
import { programInside } from './arms/program-inside.js';
import { record } from './record/record.js';
import type { ReadyRun, Recording } from './record/record.js';
import { recordSweep } from './record/sweep.js';
import { closedOnce, hostMachine } from './session/session.js';
import { openSessionFor } from './session/by-arm.js';
import { readSettings } from '../cli/options/settings.js';
import type { MeasureOptions } from '../cli/options/settings.js';
import { settleArms } from './arms/fit.js';
import { assertFixedRounds } from '../cli/options/settings.js';
import { settleProgram } from './arms/fit-program.js';
import { assertStageable, prepareStages } from './arms/staging.js';

/** The main job: prove the treatment, run the blocks, keep every sample, say what it means. Gives the exit code. */
export async function measure(scenario: Scenario, options: MeasureOptions, io: Io): Promise<number> {
  // Checked first: no hour shall be measured before a typing error shows.
  const showCalls = scenario.program === undefined || options.countSyscalls === true;
  const request = outputRequest(options, { kind: 'starts', resultsFolder: options.results, showCalls });
  const output = planOutput(request, io);
  const recording = await recordOne(scenario, options, io);
  // Statistics and charts are loaded only now: they would be in the way of the measurement.
  const { conclude } = await import('../cli/output/conclude.js');
  return conclude(finished([recording]), output, io);
}

/** The same once per level of concurrency, in turn, with one report of all of them. */
export async function measureSweep(
  scenario: ParallelScenario,
  levels: readonly number[],
  options: MeasureOptions,
  io: Io,
): Promise<number> {
  assertFixedRounds(options);
  const output = planOutput(
    outputRequest(options, { kind: 'starts', resultsFolder: options.results, showCalls: true }),
    io,
  );
  const recordings = await recordAndClose({ ...scenario, concurrency: Math.max(...levels) }, options, io, (ready) =>
    recordSweep({ ...ready, scenario }, levels, options, io),
  );
  const { conclude } = await import('../cli/output/conclude.js');
  return conclude(finished(recordings), output, io);
}

const finished = (recordings: readonly ClosedRecording[]) => ({
  folders: recordings.map(({ writer }) => writer.path),
  failed: recordings.reduce((sum, { failed }) => sum + failed, 0),
  notRemoved: recordings.find(({ refusal }) => refusal !== undefined)?.refusal ?? null,
});

/**
 * Everything up to the last sample; the engine and all it made are gone when this returns. Throws where something could
 * not be removed.
 */
export async function proveAndRecord(scenario: Scenario, options: MeasureOptions, io: Io): Promise<Recording> {
  const recording = await recordOne(scenario, options, io);
  if (recording.refusal !== undefined) throw recording.refusal;
  return recording;
}

async function recordOne(scenario: Scenario, options: MeasureOptions, io: Io): Promise<ClosedRecording> {
  const [recording] = await recordAndClose(scenario, options, io, async (ready) => {
    const recorded = await record(ready, options, io);
    if (ready.settled !== undefined)
      await (
        await import('./workload/explain.js')
      ).explainProgram({ ...ready, settled: ready.settled }, recorded.writer, options, io);
    return [recorded];
  });
  if (recording === undefined) throw new RangeError('one run has one recording');
  return recording;
}

async function recordAndClose(
  scenario: Scenario,
  options: MeasureOptions,
  io: Io,
  run: (ready: ReadyRun) => Promise<readonly Recording[]>,
): Promise<readonly ClosedRecording[]> {
  const machine = hostMachine();
  // A daemon may be on a machine of another architecture, which it tells once it is connected.
  const elsewhere = options.engine === 'docker' || options.engine === 'podman';
  if (!elsewhere) assertArchitecture(scenario, machine);
  assertStageable(scenario, options.stages);
  assertOpenFiles(scenario.kind === 'parallel' ? scenario.concurrency : 1);
  const program = scenario.program === undefined ? undefined : programInside(scenario.program, io);
  const settings = readSettings(options, io);
  const choice = { machine, caps: options.caps, kernel: settings.kernel, lenient: options.lenient };
  const converted = await convertArms(scenario, choice, io);
  await using session = closedOnce(await openSessionFor(scenario, options, io));
  announceEngine(session, io);
  if (elsewhere) assertArchitecture(scenario, session.machine);
  if (program !== undefined) assertProgram(session.engine, program);
  prepareStages(session.engine, settings.staged);
  const fitting =
    session.machine === machine ? converted : await convertArms(scenario, { ...choice, machine: session.machine }, io);
  const arms = await settleArms(fitting, session, io.signal);
  const proved = await proveArms(arms, session, io.signal);
  const evidence = settings.staged
    ? await (await import('./record/in-process.js')).timeArms(arms, proved, machine)
    : proved;
  announceArms(evidence, io);
  assertComparable(scenario, evidence);
  const settled =
    program === undefined
      ? undefined
      : await settleProgram(program, arms, { session, timeoutMs: settings.timeoutMs }, io);
  const counts =
    settled === undefined
      ? settings.counting === null
        ? undefined
        : await (
            await import('./syscalls/count-calls.js')
          ).countArms(arms, { session, timeoutMs: settings.timeoutMs, plan: settings.counting }, io)
      : await (
          await import('./syscalls/count-program.js')
        ).countProgram(arms, { session, settings, settled }, options, io);
  const recordings = await run({
    scenario,
    session,
    settings,
    arms,
    evidence,
    ...(counts === undefined ? {} : { counts }),
    ...(settled === undefined ? {} : { settled }),
  });
  return await closeWithLedger(recordings, session, settings.maxFailures, io);
}
