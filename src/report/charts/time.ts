import type { ChartConfiguration, ChartDataset, Plugin } from 'chart.js';
import { tickText } from './axis.js';
import { frameOf } from './frame.js';
import type { Look, Palette } from './look.js';
import { armColour, armPoint } from './palette.js';
import { ground, line } from './row-plugins.js';
import type { Axis, Place, TimeSeries, TimeSpec } from './spec.js';

/** Shares of the height. */
const [LOWER, UPPER] = [2, 3];

/** All arms by block above, the paired changes below, on one axis of blocks; warm-up shaded. */
export function timeConfiguration(spec: TimeSpec, look: Look): ChartConfiguration<'scatter'> {
  const frame = frameOf(spec, look);
  const { palette, letters, axis, layout } = frame;
  const upright = uprightOf(frame);
  return {
    type: 'scatter',
    data: {
      datasets: [
        ...spec.arms.flatMap((arm) => setsOf(arm, 'y', spec.axis, styleOf(spec, palette))),
        ...spec.changes.flatMap((change) => setsOf(change, 'change', spec.changeAxis, styleOf(spec, palette))),
      ],
    },
    options: {
      responsive: false,
      animation: false,
      layout,
      scales: {
        x: {
          type: 'linear',
          min: spec.x.min,
          max: spec.x.max,
          ...axis(spec.xTitle),
          ticks: {
            color: palette.ink,
            font: letters,
            maxRotation: 0,
            callback: (value) => (Number(value) < 0 ? '' : Number(value).toLocaleString('en-US')),
          },
        },
        // The first of a stack lies at the bottom.
        change: upright(spec.changeAxis, spec.changeTitle, LOWER),
        y: upright(spec.axis, spec.yTitle, UPPER),
      },
      plugins: frame.plugins,
    },
    plugins: [ground(palette), shadedWarmup(spec, palette), estimates(spec, palette), spans(spec, palette)],
  };
}

/** Makes the axes of the two parts, one above the other. */
const uprightOf =
  ({ palette, letters, axis }: ReturnType<typeof frameOf>) =>
  (scale: Axis, title: string, weight: number) => ({
    type: 'linear' as const,
    position: 'left' as const,
    stack: 'run',
    stackWeight: weight,
    min: scale.min,
    max: scale.max,
    ...axis(title),
    ticks: {
      stepSize: scale.step,
      color: palette.ink,
      font: letters,
      autoSkip: false,
      // The topmost number of the lower part would stand on the lowest of the upper one.
      callback: (value: number | string) =>
        weight === LOWER && Number(value) === scale.max ? '' : tickText(Number(value), scale),
    },
  });

interface Style {
  readonly palette: Palette;
  readonly radius: number;
}

const styleOf = ({ arms }: TimeSpec, palette: Palette): Style => ({
  palette,
  radius: (arms[0]?.points.length ?? 0) > 250 ? 1.5 : 2.5,
});

/** Points step back behind the trend of their arm: two digits that make a colour see-through. */
const SEE_THROUGH = '99';

const located = (places: readonly Place[]) => places.map(([x, y]) => ({ x, y }));

/**
 * The points of an arm, its outliers as rings, those beyond the axis as triangles at its edge, and its trend, which
 * stands in the legend.
 */
function setsOf(
  arm: TimeSeries,
  yAxisID: string,
  axis: Axis,
  { palette, radius }: Style,
): readonly ChartDataset<'scatter'>[] {
  const colour = armColour(arm, palette);
  const shared = { yAxisID, borderColor: colour, backgroundColor: colour };
  return [
    {
      ...shared,
      label: '',
      data: located(arm.points),
      borderColor: `${colour}${SEE_THROUGH}`,
      backgroundColor: `${colour}${SEE_THROUGH}`,
      pointStyle: armPoint(arm),
      pointRadius: radius,
      borderWidth: 1,
    },
    {
      ...shared,
      label: '',
      data: located(arm.outliers),
      pointStyle: 'circle',
      pointRadius: 5,
      borderWidth: 1.5,
      backgroundColor: 'rgba(0, 0, 0, 0)',
    },
    {
      ...shared,
      label: '',
      data: located(arm.clipped),
      pointStyle: 'triangle',
      // The tip points to where the value is.
      pointRotation: arm.clipped.map(([, y]) => (y === axis.min ? 180 : 0)),
      pointRadius: 6,
      borderWidth: 1,
      clip: 8,
    },
    {
      ...shared,
      label: yAxisID === 'y' ? arm.label : '',
      data: located(arm.trend),
      showLine: true,
      pointStyle: armPoint(arm),
      pointRadius: 0,
      borderWidth: 2.5,
      borderDash: arm.role === 'control' ? [6, 4] : [],
    },
  ];
}

/** Everything before the first measured block. */
const shadedWarmup = (spec: TimeSpec, palette: Palette): Plugin => ({
  id: 'shadedWarmup',
  beforeDatasetsDraw({ ctx, scales: { x, y, change } }) {
    if (x === undefined || y === undefined || change === undefined || spec.x.min >= 0) return;
    ctx.save();
    ctx.fillStyle = palette.shade;
    for (const { top, bottom } of [y, change])
      ctx.fillRect(x.left, top, x.getPixelForValue(-0.25) - x.left, bottom - top);
    ctx.restore();
  },
});

/** The line of no change, and each estimate with its interval as a band. */
const estimates = (spec: TimeSpec, palette: Palette): Plugin => ({
  id: 'estimates',
  beforeDatasetsDraw({ ctx, scales: { x, change } }) {
    if (x === undefined || change === undefined) return;
    ctx.save();
    const level = (value: number): number => change.getPixelForValue(value);
    ctx.strokeStyle = palette.ink;
    ctx.lineWidth = 1.5;
    if (spec.changeAxis.min <= 0 && spec.changeAxis.max >= 0) line(ctx, [x.left, level(0)], [x.right, level(0)]);
    for (const one of spec.changes) {
      if (one.estimate === null) continue;
      const { value, low, high } = one.estimate;
      ctx.fillStyle = armColour(one, palette);
      ctx.globalAlpha = 0.25;
      ctx.fillRect(x.left, level(high), x.right - x.left, Math.max(2, level(low) - level(high)));
      ctx.globalAlpha = 1;
      ctx.strokeStyle = armColour(one, palette);
      ctx.lineWidth = 1.5;
      line(ctx, [x.left, level(value)], [x.right, level(value)]);
    }
    ctx.restore();
  },
});

/** From the smallest to the largest of the blocks in each point. */
const spans = (spec: TimeSpec, palette: Palette): Plugin => ({
  id: 'spans',
  beforeDatasetsDraw({ ctx, chartArea, scales: { x, y, change } }) {
    if (x === undefined || y === undefined || change === undefined) return;
    ctx.save();
    ctx.beginPath();
    ctx.rect(chartArea.left, chartArea.top, chartArea.right - chartArea.left, chartArea.bottom - chartArea.top);
    ctx.clip();
    ctx.globalAlpha = 0.35;
    ctx.lineWidth = 1;
    for (const [scale, axis, all] of [
      [y, spec.axis, spec.arms],
      [change, spec.changeAxis, spec.changes],
    ] as const)
      for (const one of all) {
        ctx.strokeStyle = armColour(one, palette);
        one.spans.forEach(([low, high], index) => {
          const at = x.getPixelForValue(one.points[index]?.[0] ?? 0);
          const [bottom, top] = [Math.max(low, axis.min), Math.min(high, axis.max)];
          if (bottom < top) line(ctx, [at, scale.getPixelForValue(bottom)], [at, scale.getPixelForValue(top)]);
        });
      }
    ctx.restore();
  },
});
