import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles the script of the report page into dist/; gives the files that went into it, from the repository's root. */
export async function buildPage() {
  const { metafile } = await build({
    absWorkingDir: join(import.meta.dirname, '../..'),
    entryPoints: ['src/report/page/main.ts'],
    outfile: 'dist/report/page.js',
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
