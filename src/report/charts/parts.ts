import type { ChartConfiguration, Plugin } from 'chart.js';
import { paletteOf, rowsMeasures } from './look.js';
import type { Look, Palette, RowsMeasures } from './look.js';
import { ground, rowTexts } from './row-plugins.js';
import { threeDigits } from '../text/format.js';
import { rowHeads, rowOptions } from './rows.js';
import type { PartsSpec } from './spec.js';

const THICKNESS = 22;

/** Stacked bars from zero, one row per whole, the words of each above it. */
export function partsConfiguration(spec: PartsSpec, look: Look): ChartConfiguration<'scatter'> {
  const palette = paletteOf(look);
  const sizes = rowsMeasures(spec, look.width);
  const colours = spec.parts.map((_, part) => palette.series[part % palette.series.length] ?? palette.ink);
  return {
    type: 'scatter',
    data: {
      datasets: spec.parts.map((label, part) => ({
        label,
        // In the middle of each part, where a pointer finds it.
        data: spec.rows.map(({ values }, row) => ({
          x: startOf(values, part) + (values[part] ?? 0) / 2,
          y: spec.rows.length - 1 - row,
        })),
        borderColor: colours[part] ?? palette.ink,
        backgroundColor: colours[part] ?? palette.ink,
        pointStyle: 'rect',
        pointRadius: 0,
        pointHitRadius: 14,
      })),
    },
    options: {
      ...rowOptions(spec, palette, sizes),
      plugins: {
        ...rowHeads(spec.title, palette, sizes),
        legend: {
          position: 'bottom',
          labels: { color: palette.ink, font: { family: 'Carlito', size: sizes.smallSize } },
        },
        tooltip: {
          displayColors: false,
          callbacks: {
            label: ({ datasetIndex, dataIndex }) =>
              `${spec.rows[dataIndex]?.label ?? ''}, ${spec.parts[datasetIndex] ?? ''}: ${threeDigits(
                spec.rows[dataIndex]?.values[datasetIndex] ?? 0,
              )}`,
          },
        },
      },
    },
    plugins: [ground(palette), bars(spec, palette, colours), texts(spec, palette, sizes)],
  };
}

const startOf = (values: readonly number[], part: number): number =>
  values.slice(0, part).reduce((sum, value) => sum + value, 0);

const texts = (spec: PartsSpec, palette: Palette, sizes: RowsMeasures): Plugin =>
  rowTexts({ rows: spec.rows.map(({ label, text }) => ({ label, text, role: 'baseline' })) }, palette, sizes);

const bars = (spec: PartsSpec, palette: Palette, colours: readonly string[]): Plugin => ({
  id: 'bars',
  beforeDatasetsDraw({ ctx, scales: { x, y } }) {
    if (x === undefined || y === undefined) return;
    ctx.save();
    spec.rows.forEach(({ values }, row) => {
      const top = y.getPixelForValue(spec.rows.length - 1 - row) - THICKNESS / 2;
      values.forEach((value, part) => {
        const start = x.getPixelForValue(startOf(values, part));
        const width = x.getPixelForValue(startOf(values, part) + value) - start;
        ctx.fillStyle = colours[part] ?? palette.ink;
        ctx.fillRect(start, top, width, THICKNESS);
        // Parts of a whole are told apart by a gap too.
        ctx.fillStyle = palette.ground;
        if (width > 3) ctx.fillRect(start + width - 1, top, 1, THICKNESS);
      });
    });
    ctx.restore();
  },
});
