import { DASH, deservedDecimals, formatCount, plain, withThousands } from '../text/format.js';
import { left, right, type Table } from '../run/tables.js';
import type { ChartSpec } from './spec.js';

type Of<Kind extends ChartSpec['kind']> = Extract<ChartSpec, { readonly kind: Kind }>;

/** What a chart draws, as a table for those who do not see it, or want to copy it. */
export function numbersOf(spec: Of<'rows' | 'bars' | 'scatter' | 'curve'>): Table {
  switch (spec.kind) {
    case 'bars':
    case 'rows':
      return rowNumbers(spec);
    case 'scatter':
      return scatterNumbers(spec);
    case 'curve':
      return curveNumbers(spec);
  }
}

interface Located {
  readonly low: number | null;
  readonly high: number | null;
}

/** A value and its bounds with the decimals that the interval deserves. */
function cells(value: number | null, { low, high }: Located): readonly string[] {
  const half = low === null || high === null ? 0 : (high - low) / 2;
  return [value, low, high].map((one) => cell(one, half > 0 ? deservedDecimals(half, 6) : undefined));
}

/** Four digits at most where no interval says how many: what a chart of this size can show. */
const cell = (value: number | null, decimals?: number): string =>
  value === null || Number.isNaN(value) ? DASH : withThousands(plain(value, decimals ?? decimalsFor(value)));

const decimalsFor = (value: number): number =>
  value === 0 || Number.isInteger(value) ? 0 : Math.min(6, Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value)))));

const rowNumbers = ({ title, rows, axisTitle }: Of<'rows' | 'bars'>): Table => ({
  title,
  columns: [left('Row'), left('Figures'), right('Value'), right('Low'), right('High')],
  rows: rows.map(({ label, text, value, low, high }) => [label, text, ...cells(value, { low, high })]),
  note: `Values: ${axisTitle}.`,
});

const scatterNumbers = ({ title, groups, line, xTitle, yTitle }: Of<'scatter'>): Table => ({
  title,
  columns: [left('Group'), right(xTitle), right(yTitle), right('Low'), right('High')],
  rows: groups.flatMap(({ label, points }) =>
    points.map(({ x, y, low, high }) => [label, cell(x), ...cells(y, { low, high })]),
  ),
  ...(line === null ? {} : { note: `Line: ${line.label}.` }),
});

const curveNumbers = ({ title, lines, points, xTitle, yTitle }: Of<'curve'>): Table => ({
  title,
  columns: [left('Point'), right(xTitle), right(yTitle), right('Low'), right('High')],
  rows: points.map(({ label, x, y, low, high }) => [label, formatCount(Math.round(x)), ...cells(y, { low, high })]),
  note: `Lines: ${lines.map(({ label }) => label).join('; ')}.`,
});
