import type { Settlement } from '../../../model/analysis/judgement.js';
import { formatCount, formatDuration } from '../../text/format.js';

/** No one waits longer for a verdict; a plan that far ahead is a guess. */
const HOUR = 3600;

/**
 * How much more would settle an inconclusive comparison, and how to get it: `About 320 to 640 more blocks (1 to 2 min)
 * would settle it: use `--blocks 1140`.` `milliseconds`: the time the run was given, if it was.
 */
export function settlementSentence(settlement: Settlement, milliseconds: number | null): string {
  const { blocks, leastMoreBlocks, moreBlocks, moreSeconds } = settlement;
  const count = `About ${rangeOf(leastMoreBlocks, moreBlocks, formatCount)} more blocks`;
  if (moreSeconds === null) return `${count} would settle it: use \`--blocks ${blocks}\`.`;
  const [least, most] = moreSeconds;
  if (least > HOUR)
    return `More time would not settle it within an hour: it takes ${count.toLowerCase()} (${formatDuration(least)} or \
more).`;
  const use = milliseconds === null ? `--blocks ${blocks}` : `--for ${roundedTime(milliseconds / 1000 + most)}`;
  return `${count} (${timesOf(least, most)}) would settle it: use \`${use}\`.`;
}

const rangeOf = <Value>(least: Value, most: Value, words: (value: Value) => string): string =>
  words(least) === words(most) ? words(most) : `${words(least)} to ${words(most)}`;

/** `1 to 2 min`, `40 s to 2 min`. */
function timesOf(least: number, most: number): string {
  const [from, to] = [formatDuration(least), formatDuration(most)];
  const [fromUnit, toUnit] = [from.split(' ')[1], to.split(' ')[1]];
  return fromUnit === toUnit && from !== to ? `${from.split(' ')[0] ?? ''} to ${to}` : rangeOf(from, to, String);
}

/** As `--for` takes it: `90s`, `5m`, `2h`. */
function roundedTime(seconds: number): string {
  if (seconds <= 120) return `${Math.ceil(seconds / 10) * 10}s`;
  return seconds <= 2 * HOUR ? `${Math.ceil(seconds / 60)}m` : `${Math.ceil(seconds / HOUR)}h`;
}
