import type { Engine } from '../../model/container/container.js';
import type { Io } from '../../model/io.js';
import { leakedIds, type EngineList, type RunEnd } from '../../model/results/ledger.js';
import { FORMAT_VERSION } from '../../model/results/format.js';
import { say } from '../../cli/output/announce.js';
import type { Recording } from './record.js';
import type { Session } from '../session/session.js';

/** What the engine lists of this run now; one that cannot be asked is no reason to lose what was measured. */
export async function listOf(engine: Engine): Promise<EngineList> {
  try {
    return { state: 'listed', ids: await engine.list() };
  } catch (error) {
    return { state: 'unknown', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** A recording whose engine is closed. */
export interface ClosedRecording extends Recording {
  /** Why the engine could not remove all that it made. */
  readonly refusal?: Error;
}

/**
 * Closes the engine, which removes what the run left, writes the ledger of each recording (what the engine listed
 * before, after, and once it was told to remove it) and seals its folder.
 */
export async function closeWithLedger(
  recordings: readonly Recording[],
  session: Session,
  maxFailures: number | null,
  io: Io,
): Promise<readonly ClosedRecording[]> {
  const { engine } = session;
  // Stopped containers are the harness's to remove, not left by the runtime.
  await engine.betweenBlocks();
  const after = await listOf(engine);
  const refusal = await session[Symbol.asyncDispose]().then(() => undefined, asError);
  const left: EngineList = refusal === undefined ? { state: 'listed', ids: [] } : await listOf(engine);
  for (const own of recordings) {
    const others = recordings.filter((other) => other !== own);
    const { writer, ended, before } = own;
    writer.writeLedger({
      formatVersion: FORMAT_VERSION,
      ended,
      maxFailures,
      before,
      after: without(after, others),
      left: without(left, others),
    });
    writer.seal();
  }
  const [first] = recordings;
  if (first !== undefined)
    announceEnd(
      first.ended,
      maxFailures,
      recordings.reduce((sum, { failed }) => sum + failed, 0),
      io,
    );
  if (first !== undefined) announceLeaks(first.before, after, left, engine.facts.name, io);
  return recordings.map((recording) => (refusal === undefined ? recording : { ...recording, refusal }));
}

/** The list without the containers of other recordings of one sweep; their prefixes end where a dash follows. */
const without = (list: EngineList, others: readonly Recording[]): EngineList =>
  list.state === 'unknown'
    ? list
    : { ...list, ids: list.ids.filter((id) => !others.some(({ idPrefix }) => id.startsWith(`${idPrefix}-`))) };

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

function announceEnd(ended: RunEnd, maxFailures: number | null, failed: number, io: Io): void {
  if (ended === 'maxFailures')
    say(
      io,
      '',
      `ended early: ${failed} ${failed === 1 ? 'container' : 'containers'} failed, more than --max-failures ${maxFailures ?? 0}; what was measured is kept`,
    );
}

/** Says which containers the runtime still listed although their `run` had ended, and what became of them. */
function announceLeaks(before: EngineList, after: EngineList, left: EngineList, engine: string, io: Io): void {
  const leaked = leakedIds(before, after);
  if (leaked.length === 0) return;
  const some = leaked.slice(0, 3).join(', ');
  const removed = left.state === 'listed' && left.ids.length === 0;
  say(
    io,
    '',
    `${engine} left ${leaked.length} of its containers behind (${some}${leaked.length > 3 ? ', ...' : ''}), which ${removed ? 'are removed now' : 'could not all be removed'}: a container that stays can slow down those after it`,
  );
}
