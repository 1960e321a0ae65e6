import { systemReason } from '../errors.js';
import type { AnalysedRun } from '../model/analysis/analysis.js';
import type { NodeReport } from '../model/host/fleet.js';
import type { Sweep } from '../model/analysis/throughput.js';
import { plainSpec } from './charts/spec.js';
import type { Picture } from './charts/picture.js';
import { readAssets } from './page/assets.js';
import type { PageAssets } from './page/assets.js';
import type { Image, Images } from './page/figure.js';
import { renderHtml } from './page/report-page.js';
import { embeddedSamples } from './page/samples.js';
import { renderMarkdown } from './run/markdown.js';
import { summaryOf } from './run/summary.js';
import { picturesIn, viewOf } from './run/view.js';

/** A whole report, not yet written. */
export interface ReportContents {
  /** By name: index.html, summary.md and every chart as PNG and SVG. */
  readonly files: ReadonlyMap<string, string | Buffer>;
  /** Charts that could not be drawn, each with why. */
  readonly notDrawn: readonly string[];
  /** summary.json; `names` are all files of the report, itself included. */
  readonly summaryFor: (names: readonly string[]) => object;
}

/** Makes the report of one or several runs. Chart libraries load here. */
export async function reportContents(
  runs: readonly AnalysedRun[],
  sweeps: readonly Sweep[] = [],
  nodes: readonly NodeReport[] = [],
): Promise<ReportContents> {
  const view = viewOf(runs, sweeps, nodes);
  const { images, files, assets, notDrawn } = await drawn([...picturesIn(view).values()]);
  files.set('index.html', renderHtml(view, images, assets, embeddedSamples(runs)));
  files.set('summary.md', renderMarkdown(view));
  return { files, notDrawn, summaryFor: (names) => summaryOf(runs, names, sweeps) };
}

/** Charts of a report, drawn. */
export interface Drawn {
  /** For a page. */
  readonly images: Images;
  /** PNG and SVG by file name. */
  readonly files: Map<string, string | Buffer>;
  readonly assets: PageAssets;
  /** Charts that could not be drawn, each with why. */
  readonly notDrawn: readonly string[];
}

/** Draws charts as PNG and SVG. One that cannot be drawn costs no other. */
export async function drawn(pictures: readonly Picture[]): Promise<Drawn> {
  const { draw, FONT_FILES } = await import('./canvas.js');
  const images = new Map<string, Image>();
  const files = new Map<string, string | Buffer>();
  const notDrawn: string[] = [];
  const results = await inLanes(pictures, async ({ spec }) => {
    try {
      return await draw(plainSpec(spec));
    } catch (error) {
      return systemReason(error);
    }
  });
  results.forEach((result, index) => {
    const id = pictures[index]?.spec.id ?? '';
    if (typeof result === 'string') {
      notDrawn.push(`${id}: ${result}`);
      return;
    }
    images.set(id, { type: 'image/webp', data: result.webp });
    files.set(`${id}.png`, result.png);
    files.set(`${id}.svg`, result.svg);
  });
  return { images, files, assets: readAssets(FONT_FILES), notDrawn };
}

/** Pictures on their way at the same time: while one is compressed in another thread, the next is drawn. */
const LANES = 3;

/** Does so with every value, a few at a time; the results are in the order of the values. */
async function inLanes<Value, Result>(
  values: readonly Value[],
  act: (value: Value) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Array<Result>(values.length);
  const waiting = values.entries();
  // All lanes take from the same values.
  const lane = async (): Promise<void> => {
    for (const [index, value] of waiting) results[index] = await act(value);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}
