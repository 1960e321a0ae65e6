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
import { FONT } from '../../charts/look.js';
import type { PageData } from '../data.js';
import { ArmChoice } from './arms.js';
import { drawWhenSeen, LiveChart, type ChartSettings } from './charts.js';
import { enhanceContents } from './contents.js';
import { copyButton, saveButton } from './copying.js';
import { element } from './dom.js';
import { enhancePrinting } from './printing.js';
import { samplesCsv } from './table-text.js';
import { enhanceTables } from './tables.js';

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

/** Makes the page live. Its facts are there without. */
async function start(): Promise<void> {
  const { charts: specs, arms, samples } = JSON.parse(document.getElementById('data')?.textContent ?? '{}') as PageData;
  enhanceContents();
  // A canvas does not wait for a font that is still being decoded.
  await Promise.all(['', 'bold '].map((weight) => document.fonts.load(`${weight}20px ${FONT}`)));
  const choose = (arm: string): void => {
    choice.choose(arm);
  };
  const charts = chartsOf(specs, { arms, choose });
  const choice = new ArmChoice(arms, (arm) => {
    for (const chart of charts) chart.isolate(arm);
  });
  drawWhenSeen(charts);
  enhanceTables();
  enhanceSamples(samples);
  enhancePrinting(charts);
}

const chartsOf = (specs: PageData['charts'], settings: ChartSettings): readonly LiveChart[] =>
  [...document.querySelectorAll<HTMLElement>('figure[data-chart]')].flatMap((figure) => {
    const spec = specs[figure.dataset['chart'] ?? ''];
    const box = figure.querySelector<HTMLElement>('.chart');
    return spec === undefined || box === null ? [] : [new LiveChart(box, spec, settings)];
  });

function enhanceSamples(samples: PageData['samples']): void {
  for (const place of document.querySelectorAll<HTMLElement>('[data-samples]')) {
    const own = samples[Number(place.dataset['samples'])];
    if (own === undefined) continue;
    const csv = (): string => samplesCsv(own);
    place.after(
      element('div', 'tools', copyButton('Copy CSV', csv), saveButton('Save CSV', `${own.run}-samples.csv`, csv)),
    );
  }
}

void start();
