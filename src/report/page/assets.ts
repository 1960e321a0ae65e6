import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { notFound } from '../../errors.js';
import { packageRoot } from '../../package.js';

/** What is inlined into a page. */
export interface PageAssets {
  /** The bundled script that draws the charts live. */
  readonly script: string;
  readonly fonts: readonly { readonly weight: string; readonly data: Buffer }[];
}

/**
 * Reads the page's script and the font files (paths by weight); throws `environment` where the script was never built.
 */
export function readAssets(fontFiles: Readonly<Record<string, string>>): PageAssets {
  const script = join(packageRoot(), 'dist/report/page.js');
  if (!existsSync(script))
    throw notFound('page.js', dirname(script), { hint: 'Install the package again; in a clone, run npm run build.' });
  const fonts = Object.entries(fontFiles).map(([weight, file]) => ({ weight, data: readFileSync(file) }));
  return { script: readFileSync(script, 'utf8'), fonts };
}
