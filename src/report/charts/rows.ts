import type { ChartConfiguration } from 'chart.js';
import type {} from 'chartjs-chart-error-bars';
import { tickText } from './axis.js';
import { FONT, paletteOf, rowsMeasures } from './look.js';
import type { Look, Palette, RowsMeasures } from './look.js';
import { axisBreak, ground, noEffectBand, publishedMarks, rowFoot, rowTexts, steps } from './row-plugins.js';
import type { RowsSpec } from './spec.js';

/** Dots with 95 % intervals, one row each, label and figures above the dot so that narrow screens lose nothing. */
export function rowsConfiguration(spec: RowsSpec, look: Look): ChartConfiguration<'scatterWithErrorBars'> {
  const palette = paletteOf(look);
  const sizes = rowsMeasures(spec, look.width);
  return {
    type: 'scatterWithErrorBars',
    data: { datasets: [dataset(spec, palette)] },
    options: {
      responsive: false,
      animation: false,
      layout: { padding: { left: 20, right: 20, top: 4, bottom: 8 } },
      scales: scalesOf(spec, palette, sizes),
      plugins: {
        legend: { display: false },
        title: {
          display: true,
          text: spec.title,
          align: 'start',
          color: palette.ink,
          font: { family: FONT, size: sizes.titleSize, weight: 'bold' },
          padding: { top: 8, bottom: 2 },
        },
        subtitle: {
          display: true,
          text: [...sizes.subtitle],
          align: 'start',
          color: palette.soft,
          font: { family: FONT, size: sizes.smallSize },
          padding: { bottom: 10 },
        },
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
      axisBreak(spec, palette),
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
  return {
    // A row without value keeps its place: NaN is drawn as nothing.
    data: rows.map(({ value, low, high }, index) => ({
      x: value ?? Number.NaN,
      y: rows.length - 1 - index,
      ...(low === null || high === null ? {} : { xMin: low, xMax: high }),
    })) as never[],
    // The element is pointWithErrorBar: its options carry no "point" prefix, which the types do not know.
    ...({ radius: 7, hoverRadius: 9, borderWidth: 2 } as object),
    backgroundColor: rows.map(({ role }) => (role === 'control' ? palette.ground : palette.roles[role])),
    borderColor: rows.map(({ role }) => palette.roles[role]),
    errorBarColor: rows.map(({ role }) => palette.roles[role]),
    errorBarWhiskerColor: rows.map(({ role }) => palette.roles[role]),
    errorBarLineWidth: 2.5,
    errorBarWhiskerLineWidth: 2.5,
    errorBarWhiskerSize: 18,
    errorBarWhiskerRatio: 0,
  };
}

function scalesOf(spec: RowsSpec, palette: Palette, sizes: RowsMeasures) {
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
