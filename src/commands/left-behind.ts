import type { Io } from '../model/io.js';
import { say } from './announce.js';
import type { Session } from './session.js';

/** Says which containers the runtime still lists although its `run` has ended; closing the session removes them. */
export async function announceLeftBehind({ engine }: Session, io: Io): Promise<void> {
  const left = await engine.list();
  if (left.length === 0) return;
  const some = left.slice(0, 3).join(', ');
  say(io, '', `${engine.facts.name} left ${left.length} of its containers behind (${some}${left.length > 3 ? ', ...' : ''}), which are removed now: a container that stays can slow down those after it`);
}
