import type { ExperimentEvent } from '../../../model/experiment/events.js';
import type { Io } from '../../../model/io.js';
import { leakedIds } from '../../../model/results/ledger.js';
import { formatDuration } from '../../../report/index.js';
import { say } from './say.js';

type EventOf<Kind extends ExperimentEvent['kind']> = Extract<ExperimentEvent, { readonly kind: Kind }>;
type EndEvent = EventOf<'programChanged' | 'blocksFailed' | 'closed'>;

/** Why the run ended before its count, and what the runtime left behind. */
export function announceEnd(event: EndEvent, io: Io): void {
  switch (event.kind) {
    case 'programChanged':
      say(io, '', changedWords(event));
      break;
    case 'blocksFailed':
      say(io, '', failedWords(event));
      break;
    case 'closed':
      announceClosed(event, io);
      announceLeaks(event, io);
  }
}

function changedWords({ path, before, after }: EventOf<'programChanged'>): string {
  const what =
    after === null
      ? `${path} was removed`
      : `${path} was replaced (SHA-256 ${before.slice(0, 12)} before, ${after.slice(0, 12)} now)`;
  return `ended early: ${what} while the run went on, so its comparisons are invalid; the results so far are kept`;
}

/** The last line of what was said is the cause; those before it are context. */
function failedWords({ engine, blocks, execs, cause, stderr }: EventOf<'blocksFailed'>): string {
  const words = stderr.trim().split('\n').at(-1) ?? '';
  const said = words === '' || cause.includes(words) ? cause : `${cause} (${words})`;
  return (
    `ended early: every ${execs === true ? 'exec' : 'container'} of ${blocks} blocks in a row failed with ${engine}: ` +
    `${said}; the results so far are kept (--max-failures N allows N failures)`
  );
}

function announceClosed({ ended, failed, maxFailures, folders }: EventOf<'closed'>, io: Io): void {
  if (ended === 'maxFailures') {
    const containers = `${failed} ${failed === 1 ? 'container' : 'containers'} failed`;
    say(
      io,
      '',
      `ended early: ${containers}, more than --max-failures ${maxFailures ?? 0}; the results so far are kept`,
    );
  }
  if (ended === 'error') say(io, '', `ended by an error; the results so far are kept in ${folders.join(', ')}`);
}

/** Which containers the runtime still listed although their `run` had ended, and what became of them. */
function announceLeaks({ before, after, left, engine }: EventOf<'closed'>, io: Io): void {
  const leaked = leakedIds(before, after);
  if (leaked.length === 0) return;
  const some = `${leaked.slice(0, 3).join(', ')}${leaked.length > 3 ? ', ...' : ''}`;
  const fate = left.state === 'listed' && left.ids.length === 0 ? 'removed now' : 'not all removed';
  say(
    io,
    '',
    `${engine} left ${leaked.length} ${leaked.length === 1 ? 'container' : 'containers'} behind (${some}), ${fate}: ` +
      'leftover containers can slow down later ones',
  );
}

interface Pauses {
  readonly times: number;
  readonly gapNs: number;
  /** Blocks that are used although they stood still in every attempt. */
  readonly left: number;
}

const NO_PAUSES: Pauses = { times: 0, gapNs: 0, left: 0 };

/** Adds up what stood still, and tells it once the blocks have ended: until then it changes nothing for the user. */
export function pauseTotal(io: Io): (event: ExperimentEvent) => void {
  let total = NO_PAUSES;
  return (event) => {
    if (event.kind === 'blocksStarted') total = NO_PAUSES;
    if (event.kind === 'blockPaused') {
      const { times, gapNs, left } = total;
      total = { times: times + 1, gapNs: gapNs + event.gapNs, left: left + (event.again ? 0 : 1) };
    }
    if (event.kind === 'blocksEnded' && total.times > 0) say(io, '', pauseWords(total));
  };
}

function pauseWords({ times, gapNs, left }: Pauses): string {
  const often = times === 1 ? 'once' : `${times} times`;
  const stood = `the machine, bench or a container stood still ${often} (${formatDuration(gapNs / 1e9)} at most)`;
  const again = left === times ? '' : times === 1 ? ': the block was run again' : ': those blocks were run again';
  return left === 0 ? `${stood}${again}` : `${stood}${again}; ${left} of them count as they are`;
}
