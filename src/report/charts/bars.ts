import type { Chart, ChartConfiguration, Plugin } from 'chart.js';
import { tickText } from './axis.js';
import { FONT, PUBLISHED_WIDTH } from './look.js';
import type { Look } from './look.js';
import type { BarsSpec } from './spec.js';

const INK = '#404040';
const BAR = 'rgba(68, 114, 196, 0.85)';

/**
 * The published charts' look at any width: grey ground with a light spot, blue bars with the value inside, the axis
 * noted below.
 */
export function barsConfiguration(spec: BarsSpec, look: Look): ChartConfiguration<'bar'> {
  const scale = look.width / PUBLISHED_WIDTH;
  // Letters shrink less than the picture: they must be readable on a telephone.
  const letters = { family: FONT, size: Math.max(12, 20.5 * scale) };
  const noteSize = Math.max(11, 15.5 * scale);
  return {
    type: 'bar',
    data: {
      labels: spec.bars.map(({ label }) => label),
      datasets: [
        {
          data: spec.bars.map(({ value }) => value),
          backgroundColor: BAR,
          borderColor: 'rgba(255, 255, 255, 0.6)',
          borderWidth: 1,
          borderSkipped: false,
          categoryPercentage: 1,
          barPercentage: 0.606,
        },
      ],
    },
    options: {
      indexAxis: 'y',
      responsive: false,
      animation: false,
      // In a smaller picture the letters of the axis take a larger share: without more room they overlap the note.
      layout: { padding: { bottom: noteSize + 3 + 8 * Math.max(0, 1 - scale) } },
      scales: scalesOf(spec, scale, letters),
      plugins: {
        legend: { display: false },
        title: {
          display: true,
          text: spec.title,
          color: INK,
          font: { family: FONT, size: 41 * scale, weight: 'bold' },
          padding: { top: 17 * scale, bottom: 26 * scale },
        },
      },
    },
    plugins: [lightSpot, fadingGrid(scale), valueLabels(spec, letters.size), axisNote(spec.note, noteSize)],
  };
}

type Scales = NonNullable<NonNullable<ChartConfiguration<'bar'>['options']>['scales']>;

const scalesOf = (
  spec: BarsSpec,
  scale: number,
  letters: { readonly family: string; readonly size: number },
): Scales => ({
  x: {
    min: spec.axis.min,
    max: spec.axis.max,
    grid: { display: false },
    border: { display: false },
    afterFit(axis) {
      axis.paddingRight = 41 * scale;
      axis.height = letters.size + 24 * scale;
    },
    ticks: {
      stepSize: spec.axis.step,
      color: INK,
      padding: 6 * scale,
      maxRotation: 0,
      font: letters,
      callback: (value) => String(Number(tickText(Number(value), spec.axis))),
    },
  },
  y: {
    grid: { display: false },
    border: { display: false },
    afterFit(axis) {
      axis.width = Math.max(98 * scale, axis.width);
    },
    ticks: { color: INK, padding: 12 * scale, font: letters },
  },
});

/**
 * Grey ground with a white spot at the top, one disc per level of grey: SVG has no gradient whose focus lies outside
 * its circle.
 */
const lightSpot: Plugin = {
  id: 'lightSpot',
  beforeDraw({ ctx, width, height }) {
    const [darkest, levels, whiteAt] = [0xbf, 0xff - 0xbf, 0.61];
    ctx.save();
    for (let level = 0; level <= levels; level++) {
      const share = (whiteAt * level) / levels;
      const grey = darkest + level;
      ctx.fillStyle = `rgb(${grey}, ${grey}, ${grey})`;
      if (level === 0) ctx.fillRect(0, 0, width, height);
      else disc(ctx, [width / 2, height / 2 - 1.3 * height * share], (Math.hypot(width, height) / 2) * (1 - share));
    }
    ctx.restore();
  },
};

/** A disc of four curves; an arc would become a hundred in the SVG. */
function disc(ctx: Chart['ctx'], [x, y]: readonly [number, number], radius: number): void {
  // The handle's length that brings a cubic curve nearest to a quarter of a circle.
  const handle = 0.5523 * radius;
  ctx.beginPath();
  ctx.moveTo(x + radius, y);
  ctx.bezierCurveTo(x + radius, y + handle, x + handle, y + radius, x, y + radius);
  ctx.bezierCurveTo(x - handle, y + radius, x - radius, y + handle, x - radius, y);
  ctx.bezierCurveTo(x - radius, y - handle, x - handle, y - radius, x, y - radius);
  ctx.bezierCurveTo(x + handle, y - radius, x + radius, y - handle, x + radius, y);
  ctx.fill();
}

/** Upright grid lines, light at the top and dark at the bottom, and the strong line the bars stand on. */
const fadingGrid = (scale: number): Plugin => ({
  id: 'fadingGrid',
  beforeDatasetsDraw({ ctx, chartArea: area, scales }) {
    ctx.save();
    const fade = ctx.createLinearGradient(0, area.top, 0, area.bottom);
    fade.addColorStop(0, 'rgba(191, 191, 191, 0.36)');
    fade.addColorStop(0.6, 'rgba(126, 126, 126, 0.40)');
    fade.addColorStop(1, 'rgba(13, 13, 13, 0.42)');
    ctx.fillStyle = fade;
    const { x } = scales;
    for (const tick of x?.ticks.slice(1) ?? []) {
      const at = x?.getPixelForValue(tick.value) ?? 0;
      ctx.fillRect(Math.round(at) - 1, area.top, 2, area.bottom - area.top);
    }
    ctx.restore();
  },
  afterDatasetsDraw({ ctx, chartArea: area }) {
    ctx.save();
    ctx.fillStyle = INK;
    ctx.fillRect(area.left - 1.5 * scale, area.top, 3 * scale, area.bottom - area.top);
    ctx.restore();
  },
});

/** The value in white inside the bar's end, or in ink behind it where the bar is too short. */
const valueLabels = (spec: BarsSpec, size: number): Plugin => ({
  id: 'valueLabels',
  afterDatasetsDraw(chart) {
    const { ctx } = chart;
    ctx.save();
    ctx.font = `bold ${size}px ${FONT}`;
    ctx.textBaseline = 'middle';
    chart.getDatasetMeta(0).data.forEach((bar, index) => {
      const text = String(Number((spec.bars[index]?.value ?? 0).toFixed(3)));
      const fits = bar.x - chart.chartArea.left > ctx.measureText(text).width + 1.4 * size;
      ctx.fillStyle = fits ? '#ffffff' : INK;
      ctx.textAlign = fits ? 'right' : 'left';
      ctx.fillText(text, bar.x + (fits ? -0.7 : 0.4) * size, bar.y + size / 20);
    });
    ctx.restore();
  },
});

/** Says in small letters below the axis what the published charts leave unsaid: where it starts. */
const axisNote = (note: string, size: number): Plugin => ({
  id: 'axisNote',
  afterDraw({ ctx, width, height }) {
    ctx.save();
    ctx.font = `${size}px ${FONT}`;
    ctx.fillStyle = INK;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'alphabetic';
    ctx.fillText(note, width / 2, height - size / 2, width - size);
    ctx.restore();
  },
});
