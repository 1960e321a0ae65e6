import type { Engine } from '../../model/container/container.js';
import type { EngineList, RunEnd } from '../../model/results/ledger.js';
import { FORMAT_VERSION } from '../../model/results/format.js';
import type { Kind, OpenRecording, Recorded, RecordedExperiment } from '../states.js';
import { listOf } from './lists.js';

/** An experiment whose engine is gone and whose results folders are sealed. */
export interface ClosedExperiment<Own extends Kind> {
  readonly state: 'closed';
  readonly folders: readonly string[];
  readonly recorded: Recorded<Own>;
  /** Why something the engine made could not be removed; `null`: all is gone. */
  readonly notRemoved: Error | null;
}

/** What the engine itself lists, once all is measured, and after it was asked to remove everything. */
interface Leftovers {
  readonly after: EngineList;
  readonly left: EngineList;
  readonly notRemoved: Error | null;
}

/**
 * Closes the engine, which removes what the run left, writes the ledger of each recording (what the engine listed
 * before, after, and after the removal) and seals its folder. What cannot be written keeps nothing else from
 * being written: neither the checksums of its folder nor other folders.
 */
export async function close<Own extends Kind>(recorded: RecordedExperiment<Own>): Promise<ClosedExperiment<Own>> {
  const { recordings, request, context, session } = recorded;
  const leftovers = await closeEngine(session.engine, session);
  const closing = { leftovers, maxFailures: request.maxFailures, all: recordings };
  const faults = recordings.flatMap((own) => [
    ...faultOf(() => {
      writeLedger(own, closing);
    }),
    ...faultOf(() => {
      own.sink.seal();
    }),
  ]);
  const folders = recordings.map(({ folder }) => folder);
  context.notify({
    kind: 'closed',
    ...endOf(recorded),
    maxFailures: request.maxFailures,
    engine: session.engine.facts.name,
    after: leftovers.after,
    left: leftovers.left,
    folders,
  });
  const outcome = recorded.recorded;
  const [fault, ...more] = 'fault' in outcome ? [outcome.fault, ...faults] : faults;
  return {
    state: 'closed',
    folders,
    recorded:
      fault === undefined ? outcome : { fault: more.length === 0 ? fault : new AggregateError([fault, ...more]) },
    notRemoved: leftovers.notRemoved,
  };
}

async function closeEngine(engine: Engine, session: AsyncDisposable): Promise<Leftovers> {
  // Stopped containers are the harness's to remove, not left by the runtime. Where that fails, disposing tells why.
  await engine.betweenBlocks().catch(() => undefined);
  const after = await listOf(engine);
  const notRemoved = await session[Symbol.asyncDispose]().then(() => null, asError);
  return { after, notRemoved, left: notRemoved === null ? { state: 'listed', ids: [] } : await listOf(engine) };
}

interface Closing {
  readonly leftovers: Leftovers;
  readonly maxFailures: number | null;
  readonly all: readonly OpenRecording[];
}

function writeLedger(own: OpenRecording, { leftovers, maxFailures, all }: Closing): void {
  const others = all.filter((other) => other !== own);
  own.sink.writeLedger({
    formatVersion: FORMAT_VERSION,
    ended: own.ended ?? 'error',
    maxFailures,
    before: own.before,
    after: without(leftovers.after, others),
    left: without(leftovers.left, others),
    ...(own.conditions === undefined ? {} : { conditions: own.conditions }),
  });
}

/** The list without the containers of other recordings of one sweep; their prefixes end where a dash follows. */
const without = (list: EngineList, others: readonly OpenRecording[]): EngineList =>
  list.state === 'unknown'
    ? list
    : { ...list, ids: list.ids.filter((id) => !others.some(({ idPrefix }) => id.startsWith(`${idPrefix}-`))) };

interface End {
  readonly ended: RunEnd;
  readonly failed: number;
  readonly before: EngineList;
}

function endOf<Own extends Kind>({ recorded, recordings }: RecordedExperiment<Own>): End {
  if (!('fault' in recorded)) return recorded;
  const [first] = recordings;
  return {
    ended: 'error',
    failed: recordings.reduce((sum, { failed }) => sum + failed, 0),
    before: first?.before ?? { state: 'unknown', reason: 'the engine was not asked' },
  };
}

function faultOf(action: () => void): readonly Error[] {
  try {
    action();
    return [];
  } catch (error) {
    return [asError(error)];
  }
}

export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
