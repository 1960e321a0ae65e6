import type { TimeSpec } from '../../charts/spec.js';
import { SETS_PER_SERIES, type ElementPlace } from './only-arm.js';

/** Which of the sets of a series is its trend. */
const TREND = 3;

/**
 * What is read of an element of the run over time: `after, block 12: 16.84 (CPU time, ms)`. Where a point is several
 * blocks it is their median; a value beyond the axis is drawn at its edge, so its number is not known here.
 */
export function timeWords(
  { arms, changes, axis, changeAxis, xTitle, yTitle, changeTitle }: TimeSpec,
  { datasetIndex }: ElementPlace,
  [x, y]: readonly [number, number],
): string {
  const index = Math.floor(datasetIndex / SETS_PER_SERIES);
  const series = [...arms, ...changes][index];
  const isChange = index >= arms.length;
  const { min, max } = isChange ? changeAxis : axis;
  const isMedian = datasetIndex % SETS_PER_SERIES === TREND || (series?.spans.length ?? 0) > 0;
  const number = (Math.floor(x) + 1).toLocaleString('en-US');
  const where = x < 0 ? 'warm-up' : `${isMedian ? 'median around ' : ''}${xTitle} ${number}`;
  const value = y >= max || y <= min ? 'beyond the axis' : String(Number(y.toPrecision(4))).replace('-', '\u2212');
  return `${series?.label ?? ''}, ${where}: ${value} (${isChange ? changeTitle : yTitle})`;
}
