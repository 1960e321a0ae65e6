import type { ChartConfiguration } from 'chart.js';
import { tickText } from './axis.js';
import { brokenAt, FONT, paletteOf } from './look.js';
import type { Look, Palette } from './look.js';
import { ground } from './row-plugins.js';
import type { LinesSpec } from './spec.js';

/** Tells several compared arms apart, which share a colour. */
const POINTS = ['circle', 'rect', 'triangle', 'rectRot', 'star', 'cross'] as const;

/** Lines with points over equally spaced steps, and a legend. */
export function linesConfiguration(spec: LinesSpec, look: Look): ChartConfiguration<'line'> {
  const palette = paletteOf(look);
  const narrow = look.width < 560;
  const [titleSize, smallSize] = narrow ? [20, 14] : [28, 16];
  const letters = { family: FONT, size: smallSize };
  const title = (text: string) => ({ display: true, text, color: palette.soft, font: letters });
  return {
    type: 'line',
    data: { labels: [...spec.labels], datasets: spec.lines.map((line, index) => dataset(line, index, palette)) },
    options: {
      responsive: false, animation: false,
      layout: { padding: { left: 20, right: 24, top: 4, bottom: 8 } },
      scales: {
        x: { title: title(spec.xTitle), ticks: { color: palette.ink, font: letters }, grid: { color: palette.grid }, border: { color: palette.ink } },
        y: {
          min: spec.axis.min, max: spec.axis.max, title: title(spec.yTitle), grid: { color: palette.grid }, border: { color: palette.ink },
          ticks: { stepSize: spec.axis.step, color: palette.ink, font: letters, callback: (value) => tickText(Number(value), spec.axis) },
        },
      },
      plugins: {
        legend: { position: 'bottom', labels: { color: palette.ink, font: letters, usePointStyle: true } },
        title: { display: true, text: spec.title, align: 'start', color: palette.ink, font: { family: FONT, size: titleSize, weight: 'bold' }, padding: { top: 8, bottom: 2 } },
        subtitle: { display: true, text: [...brokenAt(spec.subtitle, Math.floor((look.width - 44) / (smallSize * 0.48)))], align: 'start', color: palette.soft, font: letters, padding: { bottom: 10 } },
      },
    },
    plugins: [ground(palette)],
  };
}

function dataset({ label, role, values }: LinesSpec['lines'][number], index: number, palette: Palette) {
  const guide = role === 'ideal' || role === 'limit';
  const colour = guide ? (role === 'ideal' ? palette.ink : palette.published) : palette.roles[role];
  return {
    label, data: [...values], borderColor: colour, backgroundColor: role === 'control' ? palette.ground : colour,
    borderWidth: guide ? 1.5 : 2.5, borderDash: guide ? [8, 6] : [], pointRadius: guide ? 0 : 6,
    pointStyle: guide ? 'line' as const : POINTS[index % POINTS.length] ?? 'circle', spanGaps: false, tension: 0,
  };
}
