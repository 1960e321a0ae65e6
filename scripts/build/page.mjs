import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles the script of the report page into a build's folder; gives the files it is made of, from the root. */
export async function buildPage(/** @type {string} */ dist) {
  const { metafile } = await build({
    absWorkingDir: join(import.meta.dirname, '../..'),
    entryPoints: ['src/report/page/live/main.ts'],
    outfile: join(dist, 'report/page.js'),
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  return Object.keys(metafile.inputs);
}
