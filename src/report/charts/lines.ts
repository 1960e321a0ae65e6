import type { ChartConfiguration, Plugin } from 'chart.js';
import { tickText } from './axis.js';
import { frameOf } from './frame.js';
import type { Look, Palette } from './look.js';
import { armColour, armPoint } from './palette.js';
import { ground, line as stroke } from './row-plugins.js';
import type { LinesSpec } from './spec.js';

/** Lines with points over equally spaced steps, and a legend. */
export function linesConfiguration(spec: LinesSpec, look: Look): ChartConfiguration<'line'> {
  const { palette, letters, axis, layout, plugins } = frameOf(spec, look);
  return {
    type: 'line',
    data: { labels: [...spec.labels], datasets: spec.lines.map((line) => dataset(line, palette)) },
    options: {
      responsive: false,
      animation: false,
      layout,
      scales: {
        x: {
          // Half a step of room: intervals at the ends stay whole.
          offset: true,
          ...axis(spec.xTitle),
          ticks: { color: palette.ink, font: letters },
        },
        y: {
          min: spec.axis.min,
          max: spec.axis.max,
          ...axis(spec.yTitle),
          ticks: {
            stepSize: spec.axis.step,
            color: palette.ink,
            font: letters,
            callback: (value) => tickText(Number(value), spec.axis),
          },
        },
      },
      plugins: isDashed(spec) ? withDashedLegend(plugins) : plugins,
    },
    plugins: [ground(palette), whiskers(spec, palette)],
  };
}

/** Whether lines of one arm differ in their dashes, which the legend then has to show. */
const isDashed = ({ lines }: LinesSpec): boolean => lines.some(({ dash }) => dash > 0);

const withDashedLegend = <Plugins extends ReturnType<typeof frameOf>['plugins']>(plugins: Plugins) => ({
  ...plugins,
  legend: { ...plugins.legend, labels: { ...plugins.legend.labels, pointStyle: 'line' as const, pointStyleWidth: 34 } },
});

function dataset({ label, role, place, dash, values }: Line, palette: Palette) {
  const colour = colourOf({ role, place }, palette);
  return {
    label,
    data: [...values],
    borderColor: colour,
    backgroundColor: role === 'control' ? palette.ground : colour,
    borderWidth: isGuide(role) ? 1.5 : 2.5,
    borderDash: isGuide(role) ? [8, 6] : [...(DASHES[dash % DASHES.length] ?? [])],
    pointRadius: isGuide(role) ? 0 : values.length > MANY_STEPS ? 2.5 : 5,
    pointStyle: isGuide(role) ? ('line' as const) : armPoint({ role, place }),
    spanGaps: false,
    tension: 0,
  };
}

/** Points of more steps would cover each other. */
const MANY_STEPS = 60;

type Line = LinesSpec['lines'][number];

/** A line that no arm was measured for. */
const isGuide = (role: Line['role']): role is 'ideal' | 'limit' => role === 'ideal' || role === 'limit';

/** Lines of one arm: solid, long, short. */
const DASHES: readonly (readonly number[])[] = [[], [9, 5], [2, 4]];

function colourOf({ role, place }: Pick<Line, 'role' | 'place'>, palette: Palette): string {
  if (role === 'ideal') return palette.ink;
  return role === 'limit' ? palette.published : armColour({ role, place }, palette);
}

/** Upright 95 % intervals, cut at the axes; those of several lines at one step stand next to each other. */
const whiskers = (spec: LinesSpec, palette: Palette): Plugin => ({
  id: 'whiskers',
  beforeDatasetsDraw(chart) {
    const { ctx, scales } = chart;
    const { x, y } = scales;
    if (x === undefined || y === undefined) return;
    const pixelOf = (value: number): number => Math.min(y.bottom, Math.max(y.top, y.getPixelForValue(value)));
    ctx.save();
    ctx.lineWidth = 2;
    spec.lines.forEach((line, index) => {
      if (!chart.isDatasetVisible(index)) return;
      ctx.strokeStyle = colourOf(line, palette);
      line.values.forEach((_, step) => {
        const [low, high] = [line.low[step] ?? null, line.high[step] ?? null];
        if (low === null || high === null) return;
        const at = x.getPixelForValue(step) + 3 * (index - (spec.lines.length - 1) / 2);
        stroke(ctx, [at, pixelOf(low)], [at, pixelOf(high)]);
        // An end outside the axes has no cross bar: it is not where the interval ends.
        for (const end of [low, high].filter((one) => one >= y.min && one <= y.max))
          stroke(ctx, [at - 4, pixelOf(end)], [at + 4, pixelOf(end)]);
      });
    });
    ctx.restore();
  },
});
