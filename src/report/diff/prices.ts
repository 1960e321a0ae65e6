import type { PriceDifference } from '../../model/analysis/percall-analysis.js';
import type { Located } from '../../model/results/percall/percall.js';
import { arrange } from '../text/columns.js';
import { plain, signed } from '../text/format.js';

/** Measured prices of a difference. */
export interface PricedDifference {
  readonly calls: readonly PriceDifference[];
  /** Results folder of the measurement, as a path. */
  readonly folder: string;
}

/** The calls, one row each, in ns per call with 95 % intervals; the first row is the heading. */
export const priceRows = ({ calls }: PricedDifference): readonly (readonly string[])[] => [
  ['ns per call', 'before', 'after', 'added'],
  ...calls.map(({ call, before, after, added }) => [
    call,
    plain(before.value, 0),
    plain(after.value, 0),
    addedText(added),
  ]),
];

/** `+12.3 [+10.1, +14.5]` */
function addedText({ value, low, high }: Located): string {
  const interval = Number.isFinite(low) && Number.isFinite(high) ? `[${signed(low, 1)}, ${signed(high, 1)}]` : '';
  return `${signed(value, 1)} ${interval === '' ? '(no 95 % interval)' : interval}`;
}

export const priceLines = (priced: PricedDifference, width: number): readonly string[] =>
  arrange(priceRows(priced), { width, first: 20, align: 'right' });

export const priceNote = ({ folder }: PricedDifference): string =>
  `Timed in containers of the built-in engine with arguments that change nothing, 95 % intervals: ${folder}.`;
