import { conflict } from '../errors.js';
import type { FindingsRequest, StartsRequest, SweepRequest } from '../model/experiment/request.js';
import type { Io } from '../model/io.js';
import type { ParallelScenario, Scenario } from '../model/run/scenario.js';
import { contextOf } from './context.js';
import type { MeasuringOptions } from './options/measuring.js';
import type { ExportPlan } from './output/exports.js';
import { commonRequest } from './request.js';

/** What a command with timed blocks is going to do: one run, or the levels of a sweep. */
export type MeasuringPlan = {
  readonly options: MeasuringOptions;
} & (
  | { readonly kind: 'run'; readonly scenario: Scenario; readonly findings: FindingsRequest }
  | { readonly kind: 'sweep'; readonly scenario: ParallelScenario; readonly levels: readonly number[] }
);

/** Runs the plan and tells what it showed. Gives the exit code. */
export async function measure(plan: MeasuringPlan, io: Io): Promise<number> {
  const { options } = plan;
  const exports = await checkedOutput(options, io);
  const context = await contextOf(io, options.output);
  const { runExperiment } = await import('../experiment/index.js');
  // Statistics and charts are loaded only after the experiment: they would be in the way of the measurement.
  if (plan.kind === 'sweep') {
    const result = await runExperiment(await sweepRequest(plan, io), context);
    const { concludeSweep } = await import('./output/sweep.js');
    return concludeSweep(result, { ...options, exports }, io);
  }
  const result = await runExperiment(await startsRequest(plan, io), context);
  const { concludeRun } = await import('./output/run.js');
  return concludeRun(result, { ...options, exports }, io);
}

/** Refuses what could not be written after hours of measuring. Throws `usage`, `input` and `environment`. */
export async function checkedOutput({ exports, output }: Pick<MeasuringOptions, 'exports' | 'output'>, io: Io): Promise<ExportPlan> {
  const [{ planExports }, { assertFolders }] = await Promise.all([
    import('./output/exports.js'),
    import('./output/folders.js'),
  ]);
  const plan = planExports(exports, io);
  const onOutput = plan.targets.find(({ path }) => path === null);
  if (output.json && onOutput !== undefined)
    throw conflict('--json', `${onOutput.flag} -`, { hint: 'Both write to standard output: give the export a file.' });
  assertFolders(output, io);
  return plan;
}

/** The request of a plan for one run; pins this process where that is asked for. */
export async function startsRequest(
  { options, scenario, findings }: Extract<MeasuringPlan, { kind: 'run' }>,
  io: Io,
): Promise<StartsRequest> {
  return {
    kind: 'starts',
    ...(await commonRequest(options, io)),
    scenario,
    staged: options.run.staged,
    stopping: options.stopping,
    margin: options.margin,
    counting: options.counting,
    findings,
  };
}

async function sweepRequest(
  { options, scenario, levels }: Extract<MeasuringPlan, { kind: 'sweep' }>,
  io: Io,
): Promise<SweepRequest> {
  return {
    kind: 'sweep',
    ...(await commonRequest(options, io)),
    scenario: { ...scenario, concurrency: Math.max(...levels) },
    levels,
  };
}
