import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BenchError } from '../errors.js';
import type { AnalysedRun } from '../model/analysis/analysis.js';
import type { NodeReport } from '../model/host/fleet.js';
import type { Sweep } from '../model/results/sweep.js';
import { readAssets } from './page/assets.js';
import { renderHtml } from './page/html.js';
import { renderMarkdown } from './run/markdown.js';
import { summaryOf } from './run/summary.js';
import { chartsOf, viewOf } from './run/view.js';

const SUMMARY_FILE = 'summary.json';

/**
 * Writes the report of one or several runs into `dir`: index.html, summary.md, summary.json and every chart as PNG and
 * SVG. A report
 * of the same name is replaced. Gives the names of the files. Chart libraries load here. Throws `input` for a folder of
 * anything else, `environment` for one that cannot be written.
 */
export async function writeReport(
  runs: readonly AnalysedRun[],
  dir: string,
  sweeps: readonly Sweep[] = [],
  nodes: readonly NodeReport[] = [],
): Promise<readonly string[]> {
  const view = viewOf(runs, sweeps, nodes);
  const { draw, FONT_FILES } = await import('./canvas.js');
  const assets = readAssets(FONT_FILES);
  const pictures = new Map<string, Buffer>();
  const files = new Map<string, string | Buffer>();
  for (const spec of chartsOf(view).values()) {
    const { png, svg } = await draw(spec);
    pictures.set(spec.id, png);
    files.set(`${spec.id}.png`, png);
    files.set(`${spec.id}.svg`, svg);
  }
  files.set('index.html', renderHtml(view, pictures, assets));
  files.set('summary.md', renderMarkdown(view));
  return replaceReport(dir, files, (names) => summaryOf(runs, names, sweeps));
}

/**
 * Puts the files of a report, and its summary.json, in the place of an earlier report; gives their names. Throws
 * `input` for a folder of something else.
 */
export function replaceReport(
  dir: string,
  files: ReadonlyMap<string, string | Buffer>,
  summaryFor: (names: readonly string[]) => object,
): readonly string[] {
  const names = [...files.keys(), SUMMARY_FILE].sort();
  clearOldReport(dir);
  mkdirSync(dir, { recursive: true });
  // Written first: if anything stops the rest, the next report knows which files belong to this one.
  writeFileSync(join(dir, SUMMARY_FILE), `${JSON.stringify(summaryFor(names), null, 2)}\n`);
  for (const [name, content] of files) writeFileSync(join(dir, name), content);
  return names;
}

/** Removes the files that an earlier report says are its own; refuses a folder that holds something else only. */
function clearOldReport(dir: string): void {
  const present = filesIn(dir);
  if (present.length === 0) return;
  const owned = ownedFiles(join(dir, SUMMARY_FILE));
  if (owned === null) {
    throw new BenchError(
      'input',
      `${dir}: Expected no folder, an empty one or an earlier report (with ${SUMMARY_FILE}), got a folder of something else`,
      { hint: 'Give another --name or --reports.' },
    );
  }
  for (const name of owned) if (present.includes(name)) rmSync(join(dir, name));
}

function filesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new BenchError(
      'input',
      `${dir}: Expected a folder to write the report into, got an error: ${error instanceof Error ? error.message : String(error)}`,
      { hint: 'Give another --reports folder.', cause: error },
    );
  }
}

/** Plain file names only: a summary of foreign origin must not lead out of its folder. */
function ownedFiles(summary: string): readonly string[] | null {
  try {
    const { files } = JSON.parse(readFileSync(summary, 'utf8')) as { files?: unknown };
    return Array.isArray(files)
      ? files.filter(
          (name): name is string =>
            typeof name === 'string' && name === basename(name) && name !== '..' && name !== '.',
        )
      : null;
  } catch {
    return null;
  }
}
