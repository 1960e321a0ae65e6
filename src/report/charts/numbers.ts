import { DASH, formatCount, plain } from '../text/format.js';
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

/** Four digits at most: what a chart of this size can show. */
const cell = (value: number | null): string =>
  value === null || Number.isNaN(value) ? DASH : plain(value, decimalsFor(value));

const decimalsFor = (value: number): number =>
  value === 0 ? 0 : Math.min(6, Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value)))));

const rowNumbers = ({ title, rows, axisTitle }: Of<'rows' | 'bars'>): Table => ({
  title,
  columns: [left('Row'), left('Figures'), right('Value'), right('Low'), right('High')],
  rows: rows.map(({ label, text, value, low, high }) => [label, text, cell(value), cell(low), cell(high)]),
  note: `Values: ${axisTitle}.`,
});

const scatterNumbers = ({ title, groups, line, xTitle, yTitle }: Of<'scatter'>): Table => ({
  title,
  columns: [left('Group'), right(xTitle), right(yTitle), right('Low'), right('High')],
  rows: groups.flatMap(({ label, points }) =>
    points.map(({ x, y, low, high }) => [label, cell(x), cell(y), cell(low), cell(high)]),
  ),
  ...(line === null ? {} : { note: `Line: ${line.label}.` }),
});

const curveNumbers = ({ title, lines, points, xTitle, yTitle }: Of<'curve'>): Table => ({
  title,
  columns: [left('Point'), right(xTitle), right(yTitle), right('Low'), right('High')],
  rows: points.map(({ label, x, y, low, high }) => [label, formatCount(Math.round(x)), cell(y), cell(low), cell(high)]),
  note: `Lines: ${lines.map(({ label }) => label).join('; ')}.`,
});
