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
  for (const { spec } of pictures) {
    try {
      const { png, svg, webp } = await draw(plainSpec(spec));
      images.set(spec.id, { type: 'image/webp', data: webp });
      files.set(`${spec.id}.png`, png);
      files.set(`${spec.id}.svg`, svg);
    } catch (error) {
      notDrawn.push(`${spec.id}: ${systemReason(error)}`);
    }
  }
  return { images, files, assets: readAssets(FONT_FILES), notDrawn };
}
