import type { Estimate } from '../../../model/analysis/analysis.js';
import type { Look } from '../../text/look.js';
import { effectOf, type Effect } from '../../text/format.js';

/** An effect that can be drawn: in percent, with its 95 % interval. */
type DotRow = { readonly [Bound in keyof Effect]: number };

/** What a chart in text is drawn with. */
interface Signs {
  readonly low: string;
  readonly high: string;
  readonly line: string;
  readonly dot: string;
  /** The line of no change. */
  readonly none: string;
}

const UNICODE: Signs = { low: '├', high: '┤', line: '─', dot: '●', none: '┊' };
const ASCII: Signs = { low: '[', high: ']', line: '-', dot: 'o', none: '|' };

/** A chart narrower than that shows nothing. */
const NARROWEST = 16;
const BETWEEN = '  ';

/**
 * Lines of a table with a small chart behind each: the dots and 95 % intervals of the rows' estimates on one scale, and
 * the line of no change. The lines are as they were where there is no room for it, or nothing to draw with.
 */
export function withDots(
  lines: readonly string[],
  estimates: readonly (Estimate | null)[],
  { width, dots }: { readonly width: number } & Pick<Look, 'dots'>,
): readonly string[] {
  const rows = estimates.map(rowOf);
  const longest = Math.max(0, ...lines.map((line) => line.length));
  const room = width - longest - BETWEEN.length;
  if (dots === undefined || !Number.isFinite(room) || room < NARROWEST || rows.every((row) => row === null))
    return lines;
  const drawn = dotLines(rows, room, dots === 'ascii' ? ASCII : UNICODE);
  return lines.map((line, index) => `${line.padEnd(longest)}${BETWEEN}${drawn[index] ?? ''}`.trimEnd());
}

function rowOf(estimate: Estimate | null): DotRow | null {
  const { percent, low, high } = estimate === null ? NO_EFFECT : effectOf(estimate);
  return low === null || high === null || !Number.isFinite(percent) ? null : { percent, low, high };
}

const NO_EFFECT: Effect = { percent: 0, low: null, high: null };

/** One text of `width` characters per row; the scale reaches from the lowest to the highest bound, 0 included. */
function dotLines(rows: readonly (DotRow | null)[], width: number, signs: Signs): readonly string[] {
  const bounds = rows.flatMap((row) => (row === null ? [] : [row.low, row.high, row.percent]));
  const min = Math.min(0, ...bounds);
  const span = Math.max(0, ...bounds) - min;
  const at = (percent: number): number => (span === 0 ? 0 : Math.round(((percent - min) / span) * (width - 1)));
  return rows.map((row) => {
    const cells = Array.from({ length: width }, () => ' ');
    cells[at(0)] = signs.none;
    if (row !== null) drawRow(cells, [at(row.low), at(row.percent), at(row.high)], signs);
    return cells.join('');
  });
}

function drawRow(cells: string[], [low, percent, high]: readonly [number, number, number], signs: Signs): void {
  cells.fill(signs.line, low, high);
  cells[low] = signs.low;
  cells[high] = signs.high;
  cells[percent] = signs.dot;
}
