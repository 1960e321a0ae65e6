import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  ScatterController,
  SubTitle,
  Title,
  Tooltip,
} from 'chart.js';
import { PointWithErrorBar, ScatterWithErrorBarsController } from 'chartjs-chart-error-bars';
import { configure } from '../charts/configure.js';
import { FONT, heightFor } from '../charts/look.js';
import type { Theme } from '../charts/look.js';
import type { ChartSpec } from '../charts/spec.js';

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  ScatterController,
  SubTitle,
  Title,
  Tooltip,
  PointWithErrorBar,
  ScatterWithErrorBarsController,
);

/** A figure of the page and what is drawn in it now. */
interface Place {
  readonly figure: HTMLElement;
  readonly spec: ChartSpec;
  readonly words: string;
  chart: Chart | undefined;
  width: number;
}

const dark = window.matchMedia('(prefers-color-scheme: dark)');
const theme = (): Theme => (dark.matches ? 'dark' : 'light');

/** Replaces the figure's picture by a live chart of the figure's width. */
function draw(place: Place): void {
  const width = Math.max(240, Math.floor(place.figure.clientWidth));
  const height = heightFor(place.spec, width);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', place.words);
  place.chart?.destroy();
  place.figure.replaceChildren(canvas);
  place.width = place.figure.clientWidth;
  place.chart = new Chart(canvas, configure(place.spec, { width, height, theme: theme() }));
}

function placesOf(specs: Readonly<Record<string, ChartSpec>>): Place[] {
  return [...document.querySelectorAll<HTMLElement>('figure[data-chart]')].flatMap((figure) => {
    const spec = specs[figure.dataset['chart'] ?? ''];
    return spec === undefined
      ? []
      : [{ figure, spec, words: figure.querySelector('img')?.alt ?? '', chart: undefined, width: 0 }];
  });
}

async function start(): Promise<void> {
  // A canvas does not wait for a font that is still being decoded.
  await Promise.all(['', 'bold '].map((weight) => document.fonts.load(`${weight}20px ${FONT}`)));
  const places = placesOf(
    JSON.parse(document.getElementById('charts')?.textContent ?? '{}') as Record<string, ChartSpec>,
  );
  places.forEach(draw);
  dark.addEventListener('change', () => {
    places.forEach(draw);
  });
  const watcher = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const place = places.find(({ figure }) => figure === target);
      if (place !== undefined && place.figure.clientWidth !== place.width) draw(place);
    }
  });
  for (const { figure } of places) watcher.observe(figure);
}

void start();
