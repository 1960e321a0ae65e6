import type { ChartConfiguration, Plugin } from 'chart.js';
import type {} from 'chartjs-chart-error-bars';
import { tickText } from './axis.js';
import { frameOf } from './frame.js';
import { FONT } from './look.js';
import type { Look, Palette } from './look.js';
import { ground } from './row-plugins.js';
import type { CurvePoint, CurveSpec } from './spec.js';

/** So many places on a line, evenly on the logarithmic axis: a straight price is a bent curve there. */
const STEPS = 60;

/** Curves over a logarithmic axis of rates, with measured points and their intervals on them. */
export function curveConfiguration(spec: CurveSpec, look: Look): ChartConfiguration {
  const { palette, letters, axis, layout, plugins } = frameOf(spec, look);
  return {
    type: 'line',
    data: {
      datasets: [
        ...spec.lines.map((line, index) => lineSet(line, index, spec, palette)),
        ...spec.points.map((point) => pointSet(point, palette)),
      ] as never[],
    },
    options: {
      responsive: false,
      animation: false,
      layout,
      scales: {
        x: {
          type: 'logarithmic',
          min: spec.x.min,
          max: spec.x.max,
          ...axis(spec.xTitle),
          // Powers of ten alone: the places between would stand on each other.
          ticks: {
            color: palette.ink,
            font: letters,
            maxRotation: 0,
            autoSkip: false,
            callback: (value) => powerText(Number(value)),
          },
        },
        y: {
          type: 'linear',
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
      plugins,
    },
    plugins: [ground(palette), pointWords(spec, palette, letters.size)],
  };
}

/** `1,000`, `1 M` for powers of ten; nothing between. */
export function powerText(value: number): string {
  const power = Math.log10(value);
  if (Math.abs(power - Math.round(power)) > 1e-9) return '';
  return value >= 1e6
    ? `${Math.round(value / 1e6).toLocaleString('en-US')} M`
    : Math.round(value).toLocaleString('en-US');
}

/** Colours distinguish the kinds of calls, dashes the arms; each arm has one line per kind. */
const DASHES: readonly (readonly number[])[] = [[], [9, 5], [2, 4], [14, 4, 2, 4]];

function lineSet(
  { label, kind, percentPerCall }: CurveSpec['lines'][number],
  index: number,
  { x, axis }: CurveSpec,
  palette: Palette,
) {
  const colour = kind === 'cached' ? palette.roles.compared : palette.roles.baseline;
  const data = Array.from({ length: STEPS + 1 }, (_, step) => {
    const rate = x.min * (x.max / x.min) ** (step / STEPS);
    return { x: rate, y: rate * percentPerCall };
  }).filter(({ y }) => y <= axis.max);
  return {
    type: 'line',
    label,
    data,
    borderColor: colour,
    backgroundColor: colour,
    borderWidth: 2.5,
    borderDash: [...(DASHES[Math.floor(index / 2) % DASHES.length] ?? [])],
    pointRadius: 0,
    pointStyle: 'line',
    tension: 0,
  };
}

function pointSet({ label, role, x, y, low, high }: CurvePoint, palette: Palette) {
  const colour = role === 'predicted' ? palette.ink : palette.published;
  return {
    type: 'scatterWithErrorBars',
    label,
    data: [{ x, y, ...(low === null || high === null ? {} : { yMin: low, yMax: high }) }],
    backgroundColor: role === 'predicted' ? palette.ground : colour,
    borderColor: colour,
    pointStyle: 'circle',
    ...({ radius: 7, hoverRadius: 9, borderWidth: 2.5 } as object),
    errorBarColor: colour,
    errorBarWhiskerColor: colour,
    errorBarLineWidth: 2.5,
    errorBarWhiskerLineWidth: 2.5,
    errorBarWhiskerSize: 14,
    errorBarWhiskerRatio: 0,
  };
}

/** The figures of each point, right of it, or left of it near the right edge. */
const pointWords = (spec: CurveSpec, palette: Palette, size: number): Plugin => ({
  id: 'pointWords',
  afterDatasetsDraw({ ctx, chartArea: area, scales: { x, y } }) {
    if (x === undefined || y === undefined) return;
    ctx.save();
    ctx.font = `bold ${size}px ${FONT}`;
    ctx.fillStyle = palette.ink;
    ctx.strokeStyle = palette.ground;
    ctx.lineWidth = 5;
    ctx.lineJoin = 'round';
    // Points at one rate are near each other: their words stand together above the highest.
    const above = y.getPixelForValue(Math.min(spec.axis.max, Math.max(...spec.points.map((point) => point.y)))) - 12;
    spec.points.forEach((point, index) => {
      const at = x.getPixelForValue(point.x);
      const isRight = at > (area.left + area.right) / 2;
      ctx.textAlign = isRight ? 'right' : 'left';
      const place = [at + (isRight ? -14 : 14), above - (spec.points.length - 1 - index) * (size + 5)] as const;
      // The ground around the letters keeps curves from crossing them.
      ctx.strokeText(point.words, ...place);
      ctx.fillText(point.words, ...place);
    });
    ctx.restore();
  },
});
