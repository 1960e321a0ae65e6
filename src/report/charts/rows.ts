import type { ChartConfiguration } from 'chart.js';
import type {} from 'chartjs-chart-error-bars';
import { tickText } from './axis.js';
import { FONT, paletteOf, rowsMeasures } from './look.js';
import type { Look, Palette, RowsMeasures } from './look.js';
import { ground, noEffectBand, publishedMarks, rowFoot, rowTexts, steps } from './row-plugins.js';
import { rowColour } from './palette.js';
import type { Axis, RowsSpec } from './spec.js';

/** Dots with 95 % intervals, one row each, label and figures above the dot so that narrow screens lose nothing. */
export function rowsConfiguration(spec: RowsSpec, look: Look): ChartConfiguration<'scatterWithErrorBars'> {
  const palette = paletteOf(look);
  const sizes = rowsMeasures(spec, look.width);
  return {
    type: 'scatterWithErrorBars',
    data: { datasets: [dataset(spec, palette)] },
    options: {
      ...rowOptions(spec, palette, sizes),
      plugins: {
        legend: { display: false },
        ...rowHeads(spec.title, palette, sizes),
        tooltip: {
          displayColors: false,
          titleFont: { family: FONT },
          bodyFont: { family: FONT, size: 15 },
          callbacks: { label: ({ dataIndex }) => tooltipOf(spec, dataIndex) },
        },
      },
    },
    plugins: [
      ground(palette),
      noEffectBand(spec, palette),
      publishedMarks(spec, palette),
      steps(spec, palette),
      rowTexts(spec, palette, sizes),
    ],
  };
}

function tooltipOf({ rows }: RowsSpec, index: number): string {
  const row = rows[index];
  return row === undefined ? '' : `${row.label}: ${row.text}`;
}

function dataset({ rows }: RowsSpec, palette: Palette) {
  const colours = rows.map((row) => rowColour(row, palette));
  return {
    // A row without value keeps its place: NaN is drawn as nothing.
    data: rows.map(({ value, low, high }, index) => ({
      x: value ?? Number.NaN,
      y: rows.length - 1 - index,
      ...(low === null || high === null ? {} : { xMin: low, xMax: high }),
    })) as never[],
    // The element is pointWithErrorBar: its options carry no "point" prefix, which the types do not know.
    ...({ radius: 7, hoverRadius: 9, borderWidth: 2 } as object),
    backgroundColor: rows.map((row) => (row.role === 'control' ? palette.ground : rowColour(row, palette))),
    borderColor: colours,
    errorBarColor: colours,
    errorBarWhiskerColor: colours,
    errorBarLineWidth: 2.5,
    errorBarWhiskerLineWidth: 2.5,
    errorBarWhiskerSize: 18,
    errorBarWhiskerRatio: 0,
  };
}

/** Room around a chart of rows. */
const LAYOUT = { padding: { left: 20, right: 20, top: 4, bottom: 8 } };

/** What every chart of rows has: no motion, room around it, and its two axes. */
export const rowOptions = (...of: Parameters<typeof rowScales>) => ({
  responsive: false,
  animation: false as const,
  layout: LAYOUT,
  scales: rowScales(...of),
});

/** What stands above a chart of rows. */
export const rowHeads = (title: string, palette: Palette, sizes: RowsMeasures) => ({
  title: {
    display: true,
    text: title,
    align: 'start' as const,
    color: palette.ink,
    font: { family: FONT, size: sizes.titleSize, weight: 'bold' as const },
    padding: { top: 8, bottom: 2 },
  },
  subtitle: {
    display: true,
    text: [...sizes.subtitle],
    align: 'start' as const,
    color: palette.soft,
    font: { family: FONT, size: sizes.smallSize },
    padding: { bottom: 10 },
  },
});

/** What rows lie on: the values across, one unit per row upwards, the first row at the top. */
interface RowedSpec {
  readonly axis: Axis;
  readonly axisTitle: string;
  readonly rows: readonly unknown[];
}

/** The axes of a chart of rows. */
function rowScales(spec: RowedSpec, palette: Palette, sizes: RowsMeasures) {
  const letters = { family: FONT, size: sizes.smallSize };
  return {
    x: {
      min: spec.axis.min,
      max: spec.axis.max,
      title: { display: true, text: spec.axisTitle, color: palette.soft, font: letters },
      ticks: {
        stepSize: spec.axis.step,
        color: palette.ink,
        maxRotation: 0,
        font: letters,
        callback: (value: number | string) => tickText(Number(value), spec.axis),
      },
      grid: { color: palette.grid },
      border: { color: palette.ink },
    },
    // One unit per row; the dot sits low in it, the text above.
    y: { display: false, min: -rowFoot(sizes), max: Math.max(1, spec.rows.length) - rowFoot(sizes) },
  };
}
