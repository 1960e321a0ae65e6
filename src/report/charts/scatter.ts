import type { ChartConfiguration, ChartDataset } from 'chart.js';
import type {} from 'chartjs-chart-error-bars';
import { tickText } from './axis.js';
import { frameOf } from './frame.js';
import type { Look, Palette } from './look.js';
import { armColour, armPoint } from './palette.js';
import { ground } from './row-plugins.js';
import type { Axis, ScatterSpec } from './spec.js';

type Kind = 'scatterWithErrorBars' | 'scatter';

/** Tells groups that are not arms apart without colour too. */
const POINTS = ['circle', 'rect', 'triangle', 'rectRot'] as const;

/** Points with upright intervals over a number, and the line fitted through them. */
export function scatterConfiguration(spec: ScatterSpec, look: Look): ChartConfiguration<Kind> {
  const { palette, letters, axis, layout, plugins } = frameOf(spec, look);
  const scale = (title: string, { min, max, step }: Axis) => ({
    type: 'linear' as const,
    min,
    max,
    ...axis(title),
    ticks: {
      stepSize: step,
      color: palette.ink,
      font: letters,
      maxRotation: 0,
      callback: (value: number | string) => tickText(Number(value), { min, max, step }),
    },
  });
  return {
    type: 'scatterWithErrorBars',
    data: {
      datasets: [...spec.groups.map((group, index) => pointsOf(group, index, palette)), ...lineOf(spec, palette)],
    },
    options: {
      responsive: false,
      animation: false,
      layout,
      scales: { x: scale(spec.xTitle, spec.xAxis), y: scale(spec.yTitle, spec.yAxis) },
      plugins,
    },
    plugins: [ground(palette)],
  };
}

function pointsOf(
  { label, apart, place, points }: ScatterSpec['groups'][number],
  index: number,
  palette: Palette,
): ChartDataset<'scatterWithErrorBars'> {
  const shape = place === undefined || apart ? POINTS[index % POINTS.length] : armPoint({ role: 'compared', place });
  const colour = apart ? palette.soft : armColour({ role: 'compared', place: place ?? index }, palette);
  return {
    label,
    data: points.map(({ x, y, low, high }) => ({
      x,
      y,
      ...(low === null || high === null ? {} : { yMin: low, yMax: high }),
    })) as never[],
    // The element is pointWithErrorBar: its options carry no "point" prefix, which the types do not know. The legend
    // reads the prefixed one.
    ...({ radius: 6, hoverRadius: 8, borderWidth: 2, pointStyle: shape } as object),
    clip: 10,
    backgroundColor: apart ? palette.ground : colour,
    borderColor: colour,
    errorBarColor: colour,
    errorBarWhiskerColor: colour,
    errorBarLineWidth: 2,
    errorBarWhiskerLineWidth: 2,
    errorBarWhiskerSize: 10,
    errorBarWhiskerRatio: 0,
  };
}

function lineOf({ line, lines = [], xAxis }: ScatterSpec, palette: Palette): readonly ChartDataset<'scatter'>[] {
  const own = lines.map(({ place, ...through }) =>
    stroke('', through, { xAxis, colour: armColour({ role: 'compared', place }, palette) }),
  );
  return line === null ? own : [...own, stroke(line.label, line, { xAxis, colour: palette.ink })];
}

function stroke(
  label: string,
  { intercept, slope }: { readonly intercept: number; readonly slope: number },
  { xAxis, colour }: { readonly xAxis: Axis; readonly colour: string },
): ChartDataset<'scatter'> {
  const at = (x: number): { x: number; y: number } => ({ x, y: intercept + slope * x });
  return {
    type: 'scatter',
    label,
    data: [at(xAxis.min), at(xAxis.max)],
    showLine: true,
    borderColor: colour,
    backgroundColor: colour,
    borderWidth: 1.5,
    borderDash: [8, 6],
    pointRadius: 0,
    pointStyle: 'line',
    clip: 0,
  };
}
