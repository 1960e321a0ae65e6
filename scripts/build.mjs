// Builds dist/: the TypeScript sources with tsc, and the report page's script (chart.js and our charts) as one bundle.
import { chmodSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
rmSync(`${root}dist`, { recursive: true, force: true });
const tsc = spawnSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', `${root}tsconfig.json`], {
  stdio: 'inherit',
});
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
chmodSync(`${root}dist/cli.js`, 0o755);

const page = `${root}src/report/page/main.ts`;
if (existsSync(page)) {
  const { build } = await import('esbuild');
  mkdirSync(`${root}dist/report`, { recursive: true });
  await build({
    entryPoints: [page],
    outfile: `${root}dist/report/page.js`,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
  });
}
