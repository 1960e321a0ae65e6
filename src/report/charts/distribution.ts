import type { Chart, ChartConfiguration, Plugin } from 'chart.js';
import { paletteOf, rowsMeasures } from './look.js';
import type { Look, Palette, RowsMeasures } from './look.js';
import { armColour } from './palette.js';
import { ground, line, rowTexts } from './row-plugins.js';
import { rowHeads, rowOptions } from './rows.js';
import type { DistributionRow, DistributionSpec } from './spec.js';

type Context = Chart['ctx'];

/** Half the height of the tallest violin, as a share of what a row has below its words. */
const VIOLIN = 0.38;

/** Violins with a box of quartiles and the median in it; outliers are rings, and are never left out unsaid. */
export function distributionConfiguration(spec: DistributionSpec, look: Look): ChartConfiguration<'scatter'> {
  const palette = paletteOf(look);
  const sizes = rowsMeasures(spec, look.width);
  const heightOf = (index: number): number => spec.rows.length - 1 - index;
  return {
    type: 'scatter',
    data: {
      datasets: spec.rows.map((row, index) => ({
        label: row.label,
        data: [row.median, ...row.outliers].map((x) => ({ x, y: heightOf(index) })),
        borderColor: armColour(row, palette),
        backgroundColor: [armColour(row, palette), ...row.outliers.map(() => palette.ground)],
        pointRadius: [0, ...row.outliers.map(() => 4)],
        borderWidth: 1.5,
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
            label: ({ datasetIndex, dataIndex, parsed }) =>
              dataIndex === 0
                ? `${spec.rows[datasetIndex]?.label ?? ''}: ${spec.rows[datasetIndex]?.text ?? ''}`
                : `${spec.rows[datasetIndex]?.label ?? ''}: outlier, ${Number(parsed.x).toPrecision(4)}`,
          },
        },
      },
    },
    plugins: [ground(palette), violins(spec, palette, sizes), rowTexts(spec, palette, sizes)],
  };
}

const violins = (spec: DistributionSpec, palette: Palette, sizes: RowsMeasures): Plugin => {
  const tallest = Math.max(...spec.rows.flatMap(({ density }) => density?.heights ?? []));
  return {
    id: 'violins',
    beforeDatasetsDraw(chart) {
      const { ctx, scales } = chart;
      const { x, y } = scales;
      if (x === undefined || y === undefined) return;
      ctx.save();
      const { left, top, width, height } = chart.chartArea;
      ctx.beginPath();
      ctx.rect(left, top, width, height);
      ctx.clip();
      const half = VIOLIN * (sizes.row - sizes.strip);
      const pixel = (value: number): number => x.getPixelForValue(value);
      spec.rows.forEach((row, index) => {
        if (!chart.isDatasetVisible(index)) return;
        const middle = y.getPixelForValue(spec.rows.length - 1 - index);
        const colour = armColour(row, palette);
        violin(ctx, row, { pixel, middle, scale: half / tallest, colour });
        box(ctx, row, { pixel, middle, colour, ground: palette.ground, ink: palette.ink });
      });
      ctx.restore();
    },
  };
};

interface Drawing {
  readonly pixel: (value: number) => number;
  readonly middle: number;
  readonly colour: string;
}

function violin(
  ctx: Context,
  { density }: DistributionRow,
  { pixel, middle, scale, colour }: Drawing & { readonly scale: number },
): void {
  if (density === null) return;
  const { from, step, heights } = density;
  ctx.beginPath();
  ctx.moveTo(pixel(from), middle);
  heights.forEach((height, place) => {
    ctx.lineTo(pixel(from + place * step), middle - Math.max(0.5, height * scale));
  });
  [...heights].reverse().forEach((height, place) => {
    ctx.lineTo(pixel(from + (heights.length - 1 - place) * step), middle + Math.max(0.5, height * scale));
  });
  ctx.closePath();
  ctx.globalAlpha = 0.3;
  ctx.fillStyle = colour;
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5;
  ctx.stroke();
}

/** Whiskers, the middle half as a thick line, the median as an upright stroke. */
function box(
  ctx: Context,
  { low, p25, median, p75, high }: DistributionRow,
  { pixel, middle, colour, ground: back, ink }: Drawing & { readonly ground: string; readonly ink: string },
): void {
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5;
  line(ctx, [pixel(low), middle], [pixel(high), middle]);
  ctx.lineWidth = 8;
  line(ctx, [pixel(p25), middle], [Math.max(pixel(p75), pixel(p25) + 1), middle]);
  const at = pixel(median);
  ctx.strokeStyle = back;
  ctx.lineWidth = 6;
  line(ctx, [at, middle - 11], [at, middle + 11]);
  ctx.strokeStyle = ink;
  ctx.lineWidth = 3;
  line(ctx, [at, middle - 10], [at, middle + 10]);
}
