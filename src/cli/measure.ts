import type { ExperimentContext } from '../model/experiment/events.js';
import type { FindingsRequest, StartsRequest, SweepRequest } from '../model/experiment/request.js';
import type { Io } from '../model/io.js';
import type { ParallelScenario, Scenario } from '../model/run/scenario.js';
import type { StoppingRule } from '../model/run/stopping.js';
import { contextOf } from './context.js';
import type { MeasuringOptions } from './options/measuring.js';
import type { ConcludeOptions } from './output/conclude.js';
import type { OutputPlan } from './output/plan.js';
import { commonRequest } from './request.js';

/** What a command with timed blocks is going to do: one run, or the levels of a sweep. */
export type MeasuringPlan = {
  readonly options: MeasuringOptions;
  /** Files that it is made of, besides those of its scenario. */
  readonly inputs?: readonly string[];
} & (
  | { readonly kind: 'run'; readonly scenario: Scenario; readonly findings: FindingsRequest }
  | { readonly kind: 'sweep'; readonly scenario: ParallelScenario; readonly levels: readonly number[] }
);

/** Runs the plan and concludes what it showed. Gives the exit code. */
export async function measure(plan: MeasuringPlan, io: Io, options: ConcludeOptions = {}): Promise<number> {
  const output = await measuringOutput(plan, io);
  const context = await contextOf(io, plan.options.output);
  const { runExperiment } = await import('../experiment/index.js');
  const request = plan.kind === 'sweep' ? await sweepRequest(plan, io) : await startsRequest(plan, io);
  const watched = watchEnd(context);
  const result = await runExperiment(request, watched.context).catch(async (error: unknown) => {
    const folders = watched.folders();
    if (folders.length === 0 || io.signal.aborted) throw error;
    const { concludeBroken } = await import('./output/conclude.js');
    return concludeBroken(error, folders, output, io);
  });
  // Statistics and charts are loaded only now: before, they would be in the way of the measurement.
  const { conclude } = await import('./output/conclude.js');
  return conclude(result, output, io, options);
}

/** Remembers the folders of an experiment whose end is told, also where an error ends it. */
function watchEnd(context: ExperimentContext): {
  readonly context: ExperimentContext;
  readonly folders: () => readonly string[];
} {
  let folders: readonly string[] = [];
  const notify: ExperimentContext['notify'] = (event) => {
    if (event.kind === 'closed') folders = event.folders;
    context.notify(event);
  };
  return { context: { ...context, notify }, folders: () => folders };
}

/** Where results of containers go, checked before the first one. Throws `usage`, `input` and `environment`. */
export async function measuringOutput(plan: MeasuringPlan, io: Io): Promise<OutputPlan> {
  const { options } = plan;
  const [{ planOutput }, { inputsOf }] = await Promise.all([import('./output/plan.js'), import('./output/places.js')]);
  const output = planOutput(
    {
      kind: 'starts',
      ...options.output,
      margin: options.margin,
      gate: options.gate,
      exports: options.exports,
      inputs: [...(plan.inputs ?? []), ...inputsOf(plan.scenario, options.engine)],
      // A program's calls are counted without being asked for; then only the report has them.
      showCalls: plan.scenario.program === undefined || options.counting !== null,
    },
    io,
  );
  return output;
}

/** The request of a plan for one run; pins this process where that is asked for. */
export async function startsRequest(
  { options, scenario, findings }: Extract<MeasuringPlan, { kind: 'run' }>,
  io: Io,
): Promise<StartsRequest> {
  return {
    kind: 'starts',
    ...(await commonRequest(options, io)),
    scenario: inState(scenario, options.run),
    staged: options.run.staged,
    counters: options.run.counters,
    stopping: fromNow(options.stopping),
    margin: options.margin,
    counting: options.counting,
    findings,
  };
}

/** Rules of time count from the start of this process. */
const fromNow = (rules: readonly StoppingRule[]): readonly StoppingRule[] =>
  rules.map((rule) => (rule.kind === 'time' ? { ...rule, spentMs: performance.now() } : rule));

/** The scenario with the state of the runtime's cache that was asked for, if one was. */
const inState = <Own extends Scenario>(scenario: Own, { cache }: Pick<MeasuringOptions['run'], 'cache'>): Own =>
  cache === undefined ? scenario : { ...scenario, cache };

async function sweepRequest(
  { options, scenario, levels }: Extract<MeasuringPlan, { kind: 'sweep' }>,
  io: Io,
): Promise<SweepRequest> {
  return {
    kind: 'sweep',
    ...(await commonRequest(options, io)),
    scenario: inState({ ...scenario, concurrency: Math.max(...levels) }, options.run),
    levels,
  };
}
