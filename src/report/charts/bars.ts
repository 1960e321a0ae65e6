import type { ChartConfiguration, Plugin } from 'chart.js';
import { paletteOf, rowsMeasures } from './look.js';
import type { Look, Palette, RowsMeasures } from './look.js';
import { armColour } from './palette.js';
import { ground, line, rowTexts } from './row-plugins.js';
import { rowHeads, rowOptions } from './rows.js';
import type { BarsSpec } from './spec.js';

const THICKNESS = 40;

/** BEFORE and AFTER as the published charts have them, but from zero, and with the interval on the bar. */
export function barsConfiguration(spec: BarsSpec, look: Look): ChartConfiguration<'scatter'> {
  const palette = paletteOf(look);
  const sizes = rowsMeasures(spec, look.width);
  return {
    type: 'scatter',
    data: {
      datasets: spec.rows.map((row, index) => ({
        label: row.label,
        data: [{ x: row.value, y: spec.rows.length - 1 - index }],
        pointRadius: 0,
        pointHitRadius: 20,
        borderColor: armColour(row, palette),
        backgroundColor: armColour(row, palette),
      })),
    },
    options: {
      ...rowOptions(spec, palette, sizes),
      plugins: {
        legend: { display: false },
        ...rowHeads(spec.title, palette, sizes),
        tooltip: {
          displayColors: false,
          callbacks: {
            label: ({ datasetIndex }) =>
              `${spec.rows[datasetIndex]?.label ?? ''}: ${spec.rows[datasetIndex]?.text ?? ''}`,
          },
        },
      },
    },
    plugins: [ground(palette), bars(spec, palette, sizes), rowTexts(spec, palette, sizes)],
  };
}

const bars = (spec: BarsSpec, palette: Palette, sizes: RowsMeasures): Plugin => ({
  id: 'bars',
  beforeDatasetsDraw({ ctx, scales: { x, y } }) {
    if (x === undefined || y === undefined) return;
    ctx.save();
    const thickness = Math.min(THICKNESS, sizes.row - sizes.strip - 12);
    spec.rows.forEach((row, index) => {
      const middle = y.getPixelForValue(spec.rows.length - 1 - index);
      const [start, end] = [x.getPixelForValue(0), x.getPixelForValue(row.value)];
      ctx.fillStyle = armColour(row, palette);
      ctx.fillRect(start, middle - thickness / 2, end - start, thickness);
      if (row.low === null || row.high === null) return;
      const [low, high] = [x.getPixelForValue(row.low), x.getPixelForValue(row.high)];
      // Light around dark: the interval is seen on the bar and beyond its end.
      for (const [colour, width] of [
        [palette.ground, 6],
        [palette.ink, 2.5],
      ] as const) {
        ctx.strokeStyle = colour;
        ctx.lineWidth = width;
        line(ctx, [low, middle], [high, middle]);
        for (const bound of [low, high]) line(ctx, [bound, middle - 9], [bound, middle + 9]);
      }
    });
    ctx.restore();
  },
});
