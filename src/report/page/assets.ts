import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../../errors.js';

/** What is inlined into a page. */
export interface PageAssets {
  /** The bundled script that draws the charts live. */
  readonly script: string;
  readonly fonts: readonly { readonly weight: string; readonly data: Buffer }[];
}

/** From the library's module, from the bundled command line, and from the sources. */
const SCRIPT_PLACES = ['../page.js', '../report/page.js', '../../../dist/report/page.js'];

/**
 * Reads the page's script and the font files (paths by weight); throws `environment` where the script was never built.
 */
export function readAssets(fontFiles: Readonly<Record<string, string>>): PageAssets {
  const places = SCRIPT_PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const script = places.find((place) => existsSync(place));
  if (script === undefined) {
    throw new BenchError('environment', `Expected the report page's script at ${places.join(' or ')}, got none`, {
      hint: 'Run npm run build, or install the package again.',
    });
  }
  const fonts = Object.entries(fontFiles).map(([weight, file]) => ({ weight, data: readFileSync(file) }));
  return { script: readFileSync(script, 'utf8'), fonts };
}
