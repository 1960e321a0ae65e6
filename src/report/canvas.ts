import { createRequire } from 'node:module';
import type { Canvas } from '@napi-rs/canvas';
import type { Chart as ChartClass, ChartConfiguration } from 'chart.js';
import { registerFont } from 'canvas';
import { ChartJSNodeCanvas } from 'chartjs-node-canvas';
import { configure } from './charts/configure.js';
import { FONT, heightFor, PUBLISHED_WIDTH, type Theme } from './charts/look.js';
import type { ChartSpec } from './charts/spec.js';

const require = createRequire(import.meta.url);

// Plugins compare classes, so all must share one copy of Chart.js: the CommonJS one, which the error bars then find
// too.
const { Chart } = require('chart.js/auto') as { Chart: typeof ChartClass };
const { PointWithErrorBar, ScatterWithErrorBarsController } =
  require('chartjs-chart-error-bars') as typeof import('chartjs-chart-error-bars');
Chart.register(PointWithErrorBar, ScatterWithErrorBarsController);

/** The font files drawn with, by weight. */
export const FONT_FILES: Readonly<Record<'400' | '700', string>> = {
  400: require.resolve('@fontsource/carlito/files/carlito-latin-400-normal.woff2'),
  700: require.resolve('@fontsource/carlito/files/carlito-latin-700-normal.woff2'),
};
for (const [weight, file] of Object.entries(FONT_FILES)) registerFont(file, { family: FONT, weight });

/** Keeps chartjs-node-canvas from loading a copy of Chart.js for every picture. */
class SharedChartCanvas extends ChartJSNodeCanvas {
  protected override initialize(): typeof ChartClass {
    return Chart;
  }
}

/** One chart as files. */
export interface DrawnChart {
  readonly png: Buffer;
  readonly svg: Buffer;
  /** For a page: a third of the PNG, and not meant to be kept. */
  readonly webp: Buffer;
}

/** Letters are clean, and a gradient shows no steps. */
const WEBP_QUALITY = 82;

/** How a chart is drawn; 824 pixels wide on a light ground unless said otherwise. */
export interface DrawnAs {
  readonly width?: number;
  readonly theme?: Theme;
}

/** Draws a chart; the same chart gives the same bytes. */
export async function draw(
  spec: ChartSpec,
  { width = PUBLISHED_WIDTH, theme = 'light' }: DrawnAs = {},
): Promise<DrawnChart> {
  const look = { width, height: heightFor(spec, width), theme };
  let webp: Promise<Buffer> | undefined;
  const config = configure(spec, look);
  const png = await new SharedChartCanvas(look).renderToBuffer(
    whenDrawn(config, (canvas) => {
      webp ??= canvas.encode('webp', WEBP_QUALITY);
    }),
    'image/png',
  );
  // The types know two formats only; an SVG canvas always gives SVG.
  const svg = new SharedChartCanvas({ ...look, type: 'svg' }).renderToBufferSync(configure(spec, look), 'image/png');
  if (webp === undefined) throw new Error(`${spec.id} was not drawn`);
  return { png, svg, webp: await webp };
}

/** Shows the canvas when all is on it: afterwards Chart.js clears it. */
const whenDrawn = (config: ChartConfiguration, show: (canvas: Canvas) => void): ChartConfiguration => ({
  ...config,
  plugins: [
    ...(config.plugins ?? []),
    {
      id: 'whenDrawn',
      afterRender({ canvas }) {
        show(canvas as unknown as Canvas);
      },
    },
  ],
});
