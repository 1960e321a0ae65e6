import type { ChartConfiguration } from 'chart.js';
import { tickText } from './axis.js';
import { frameOf } from './frame.js';
import type { Look, Palette } from './look.js';
import { ground } from './row-plugins.js';
import type { LinesSpec } from './spec.js';

/** Tells several compared arms apart, which share a colour. */
const POINTS = ['circle', 'rect', 'triangle', 'rectRot', 'star', 'cross'] as const;

/** Lines with points over equally spaced steps, and a legend. */
export function linesConfiguration(spec: LinesSpec, look: Look): ChartConfiguration<'line'> {
  const { palette, letters, axisTitle, layout, plugins } = frameOf(spec, look);
  return {
    type: 'line',
    data: { labels: [...spec.labels], datasets: spec.lines.map((line, index) => dataset(line, index, palette)) },
    options: {
      responsive: false,
      animation: false,
      layout,
      scales: {
        x: {
          title: axisTitle(spec.xTitle),
          ticks: { color: palette.ink, font: letters },
          grid: { color: palette.grid },
          border: { color: palette.ink },
        },
        y: {
          min: spec.axis.min,
          max: spec.axis.max,
          title: axisTitle(spec.yTitle),
          grid: { color: palette.grid },
          border: { color: palette.ink },
          ticks: {
            stepSize: spec.axis.step,
            color: palette.ink,
            font: letters,
            callback: (value) => tickText(Number(value), spec.axis),
          },
        },
      },
      plugins,
    },
    plugins: [ground(palette)],
  };
}

function dataset({ label, role, values }: LinesSpec['lines'][number], index: number, palette: Palette) {
  const guide = role === 'ideal' || role === 'limit';
  const colour = guide ? (role === 'ideal' ? palette.ink : palette.published) : palette.roles[role];
  return {
    label,
    data: [...values],
    borderColor: colour,
    backgroundColor: role === 'control' ? palette.ground : colour,
    borderWidth: guide ? 1.5 : 2.5,
    borderDash: guide ? [8, 6] : [],
    pointRadius: guide ? 0 : 6,
    pointStyle: guide ? ('line' as const) : (POINTS[index % POINTS.length] ?? 'circle'),
    spanGaps: false,
    tension: 0,
  };
}
