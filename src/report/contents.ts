import type { AnalysedRun } from '../model/analysis/analysis.js';
import type { NodeReport } from '../model/host/fleet.js';
import type { Sweep } from '../model/analysis/throughput.js';
import { plainSpec, type ChartSpec } from './charts/spec.js';
import { readAssets } from './page/assets.js';
import type { PageAssets } from './page/assets.js';
import { renderHtml } from './page/html.js';
import { renderMarkdown } from './run/markdown.js';
import { summaryOf } from './run/summary.js';
import { chartsOf, viewOf } from './run/view.js';

/** A whole report, not yet written. */
export interface ReportContents {
  /** By name: index.html, summary.md and every chart as PNG and SVG. */
  readonly files: ReadonlyMap<string, string | Buffer>;
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
  const { pictures, files, assets } = await drawn([...chartsOf(view).values()]);
  files.set('index.html', renderHtml(view, pictures, assets));
  files.set('summary.md', renderMarkdown(view));
  return { files, summaryFor: (names) => summaryOf(runs, names, sweeps) };
}

/** Charts of a report, drawn. */
export interface Drawn {
  /** PNG by the chart's id. */
  readonly pictures: ReadonlyMap<string, Buffer>;
  /** PNG and SVG by file name. */
  readonly files: Map<string, string | Buffer>;
  readonly assets: PageAssets;
}

/** Draws charts as PNG and SVG. */
export async function drawn(charts: readonly ChartSpec[]): Promise<Drawn> {
  const { draw, FONT_FILES } = await import('./canvas.js');
  const pictures = new Map<string, Buffer>();
  const files = new Map<string, string | Buffer>();
  for (const spec of charts) {
    const { png, svg } = await draw(plainSpec(spec));
    pictures.set(spec.id, png);
    files.set(`${spec.id}.png`, png);
    files.set(`${spec.id}.svg`, svg);
  }
  return { pictures, files, assets: readAssets(FONT_FILES) };
}
