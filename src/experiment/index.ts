import type { AnyResult, ExperimentContext, ExperimentResult, ResultOf } from '../model/experiment/events.js';
import type { ExperimentRequest } from '../model/experiment/request.js';
import { contextOf } from './context.js';
import { fit, open, prove, record } from './life-cycle.js';
import type { Beginning } from './life-cycle.js';
import { realParts } from './parts.js';
import type { ExperimentParts } from './parts.js';
import { close } from './record/close.js';
import type { ClosedExperiment } from './record/close.js';
import { beginAgain } from './resume/begin-again.js';
import type { ResumeOptions } from './resume/begin-again.js';
import type { FoundOf, Kind, RequestOf } from './states.js';

export { loadedInOwn, loadedOfExisting, wantsExisting, wantsLoaded } from './arms/loaded-filters.js';
export type { Loaded, LoadedRequest } from './arms/loaded-filters.js';
export { makingWay, takesFinished } from './arms/making.js';
export type { MakingEngine } from './arms/making.js';
export { notesOf } from './arms/notes.js';
export type { NoteRequest } from './arms/notes.js';
export { specFor } from './arms/predict.js';
export type { ConversionOptions } from './arms/predict.js';
export { filterOfSource } from './arms/source-filter.js';
export type { SourceFilter } from './arms/source-filter.js';
export { engineMakes } from '../engine/makes.js';
export { callsNamed } from './arms/prediction.js';
export { measureAttach } from './attach/measure.js';
export type { AttachRequest } from './attach/measure.js';
export { measureCapacity } from './capacity/measure.js';
export type { CapacityRequest } from './capacity/measure.js';
export type { FilterChoice } from './host-filter.js';
export { foreseeCalls } from './percall/foresee.js';
export { verifySource } from './arms/verify-filter.js';
export type { ToVerify } from './arms/verify-filter.js';
export { pinProcess, type Pinning } from './pin.js';
export { realParts, type ExperimentParts } from './parts.js';
export { priceTable } from './price/price-table.js';
export type { CountedTable, PricedFilter, TablePricing } from './price/price-table.js';
export { timedCalls } from './price/timed-calls.js';
export { callsRequest, startsRequest } from './requests.js';
export type { ArmChoice, CallsOptions, CommonOptions, StartsOptions } from './requests.js';
export type { ResumeOptions } from './resume/begin-again.js';
export { openSession } from './session/open.js';
export { hostMachine } from './session/session.js';
export type { BeforeStart, OpenedEngine, Opening, Session, SessionContext, SessionParts } from './session/session.js';
export { buildRevisions } from './revisions/build.js';
export type { BuildRequest, BuiltRevisions } from './revisions/build.js';
export { findCommit } from './revisions/git.js';
export type { GitPlace } from './revisions/git.js';
export { countDenied } from './syscalls/denied.js';

/**
 * Runs a whole experiment: open the engine, fit the arms to what it can load, prove which filter each arm loads,
 * record, close. All that can be refused is refused before the first container. What is absent in `context` is that of
 * this process: its environment and current folder, no signal to stop it, no listener.
 *
 * Throws `BenchError`: `input` (a profile), `environment` (the engine), `notComparable` (arms without a difference),
 * `runFailed` (an arm that cannot start), `interrupted` (stopped before the first measured container). An error in the
 * middle is thrown once the engine is closed; what was measured until then is kept, with ledger and checksums.
 *
 * @example
 * const { folders } = await runExperiment(startsRequest({ engine: 'namespaces', blocks: 30 }));
 */
export async function runExperiment<Request extends ExperimentRequest>(
  request: Request,
  context: Partial<ExperimentContext> = {},
  parts: ExperimentParts = realParts(),
): Promise<ResultOf<Request['kind']>> {
  // The kind of a result is that of its request.
  return (await runKind(request, contextOf(context), { parts })) as ResultOf<Request['kind']>;
}

/**
 * Continues the run of a results folder that was killed, stopped or ended by an error: the same schedule, from the
 * first block that is not whole, after the warm-up. The specs are those of the folder, whatever became of their files
 * since, and what the arms load is proved again.
 *
 * Throws `BenchError`: `usage` (nothing is left to run, or the run still goes on), `input` (the folder),
 * `notComparable` (another host, runtime or filter than that of the first part), and what {@link runExperiment} throws.
 * The folder is changed only once the treatment is proved.
 *
 * @example
 * const { ended } = await resumeExperiment('results/20261121T010203Z-quick-1a2b');
 */
export async function resumeExperiment(
  folder: string,
  { maxFailures, ...context }: ResumeOptions = {},
  parts: ExperimentParts = realParts(),
): Promise<ExperimentResult> {
  const given = contextOf(context);
  using again = beginAgain(folder, given, { parts, maxFailures });
  const { request, continued } = again;
  return await runKind(request, { ...given, cwd: again.cwd }, { parts, continued });
}

function runKind(
  request: ExperimentRequest,
  context: ExperimentContext,
  beginning: Beginning,
): Promise<ExperimentResult> {
  switch (request.kind) {
    case 'starts':
      return lifeCycle(request.kind, request, context, beginning);
    case 'sweep':
      return lifeCycle(request.kind, request, context, beginning);
    case 'calls':
      return lifeCycle(request.kind, request, context, beginning);
    case 'counts':
      return lifeCycle(request.kind, request, context, beginning);
  }
}

async function lifeCycle<Own extends Kind>(
  kind: Own,
  request: RequestOf[Own],
  context: ExperimentContext,
  beginning: Beginning,
): Promise<ExperimentResult> {
  const opened = await open(kind, request, context, beginning);
  // `close` disposes it; this is for what throws before.
  await using session = opened.session;
  return resultOf(await close(await record(await prove(await fit({ ...opened, session })))));
}

/** Throws what ended the experiment before its end. */
function resultOf<Own extends Kind>({ folders, recorded, notRemoved }: ClosedExperiment<Own>): ExperimentResult {
  if ('fault' in recorded)
    throw notRemoved === null ? recorded.fault : new AggregateError([recorded.fault, notRemoved]);
  const found: FoundOf[Kind] = recorded.found;
  const always: AnyResult = { folders, ended: recorded.ended, failed: recorded.failed, notRemoved };
  return { ...always, ...found };
}
