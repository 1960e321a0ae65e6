import type { ChartConfiguration, Plugin } from 'chart.js';
import { frameOf } from './frame.js';
import { FONT } from './look.js';
import type { Look, Palette } from './look.js';
import { armColour } from './palette.js';
import { ground, line } from './row-plugins.js';
import type { PowerSpec } from './spec.js';

/** Falling lines over blocks, both axes logarithmic, with the place of the run on each. */
export function powerConfiguration(spec: PowerSpec, look: Look): ChartConfiguration<'scatter'> {
  const frame = frameOf(spec, look);
  const { palette, letters, axis, layout } = frame;
  const logarithmic = ({ min, max }: PowerSpec['x'], title: string, steps: readonly number[]) => ({
    type: 'logarithmic' as const,
    min,
    max,
    ...axis(title),
    ticks: {
      color: palette.ink,
      font: letters,
      maxRotation: 0,
      autoSkip: false,
      callback: (value: number | string) => (isStep(Number(value), steps) ? Number(value).toLocaleString('en-US') : ''),
    },
  });
  return {
    type: 'scatter',
    data: {
      datasets: [
        ...spec.lines.map((one) => ({
          label: one.label,
          data: one.points.map(([x, y]) => ({ x, y })),
          showLine: true,
          pointRadius: 0,
          pointHitRadius: 6,
          pointStyle: 'line' as const,
          borderWidth: 2.5,
          borderColor: armColour(one, palette),
          backgroundColor: armColour(one, palette),
        })),
        ...spec.here.map((one) => ({
          label: one.label,
          data: [{ x: one.at[0], y: one.at[1] }],
          pointRadius: 7,
          pointStyle: 'circle' as const,
          borderWidth: 2,
          borderColor: armColour(one, palette),
          backgroundColor: palette.ground,
        })),
      ],
    },
    options: {
      responsive: false,
      animation: false,
      layout,
      scales: { x: logarithmic(spec.x, spec.xTitle, [1]), y: logarithmic(spec.y, spec.yTitle, [1, 2, 5]) },
      plugins: frame.plugins,
    },
    plugins: [ground(palette), guides(spec, palette, letters.size)],
  };
}

/** Whether a value is one of these steps times a power of ten. */
const isStep = (value: number, steps: readonly number[]): boolean =>
  steps.some((step) => Math.abs(Math.log10(value / step) - Math.round(Math.log10(value / step))) < 1e-9);

/** Level lines with their words above them, at the right. */
const guides = (spec: PowerSpec, palette: Palette, size: number): Plugin => ({
  id: 'guides',
  afterDatasetsDraw({ ctx, chartArea: area, scales: { y } }) {
    if (y === undefined) return;
    ctx.save();
    ctx.strokeStyle = palette.soft;
    ctx.fillStyle = palette.soft;
    ctx.lineWidth = 1.5;
    ctx.setLineDash([8, 6]);
    ctx.font = `${size}px ${FONT}`;
    ctx.textAlign = 'right';
    ctx.textBaseline = 'bottom';
    for (const { label, y: value } of spec.guides) {
      if (value < spec.y.min || value > spec.y.max) continue;
      const at = y.getPixelForValue(value);
      line(ctx, [area.left, at], [area.right, at]);
      ctx.fillText(label, area.right - 6, at - 3);
    }
    ctx.restore();
  },
});
