import type { Engine } from '../model/container.js';
import type { Io } from '../model/io.js';
import { leakedIds, type EngineList, type RunLedger } from '../model/ledger.js';
import { FORMAT_VERSION } from '../model/result.js';
import { say } from './announce.js';
import type { Recording } from './record.js';
import type { Session } from './session.js';

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

/** Closes the engine, which removes what the run left, and writes the ledger: what the engine listed before, after, and once it was told to remove it. */
export async function closeWithLedger(recording: Recording, session: Session, maxFailures: number | null, io: Io): Promise<ClosedRecording> {
  const { engine } = session;
  const { writer, ended, before } = recording;
  // Stopped containers are the harness's to remove, not left by the runtime.
  await engine.betweenBlocks();
  const after = await listOf(engine);
  const refusal = await session[Symbol.asyncDispose]().then(() => undefined, asError);
  const left: EngineList = refusal === undefined ? { state: 'listed', ids: [] } : await listOf(engine);
  const ledger: RunLedger = { formatVersion: FORMAT_VERSION, ended, maxFailures, before, after, left };
  writer.writeLedger(ledger);
  announceEnd(ledger, recording.failed, io);
  announceLeaks(ledger, engine.facts.name, io);
  return refusal === undefined ? recording : { ...recording, refusal };
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

function announceEnd({ ended, maxFailures }: RunLedger, failed: number, io: Io): void {
  if (ended === 'maxFailures') say(io, '', `ended early: ${failed} ${failed === 1 ? 'container' : 'containers'} failed, more than --max-failures ${maxFailures ?? 0}; what was measured is kept`);
}

/** Says which containers the runtime still listed although their `run` had ended, and what became of them. */
function announceLeaks({ before, after, left }: RunLedger, engine: string, io: Io): void {
  const leaked = leakedIds(before, after);
  if (leaked.length === 0) return;
  const some = leaked.slice(0, 3).join(', ');
  const removed = left.state === 'listed' && left.ids.length === 0;
  say(io, '', `${engine} left ${leaked.length} of its containers behind (${some}${leaked.length > 3 ? ', ...' : ''}), which ${removed ? 'are removed now' : 'could not all be removed'}: a container that stays can slow down those after it`);
}
