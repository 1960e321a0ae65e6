import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { buildPage } from '../scripts/build/page.mjs';

const ROOT = resolve(import.meta.dirname, '..');

/**
 * Reports inline the script of their page, which the sources have only as modules: it is bundled before the tests. A
 * build of these sources has it already, and stays as it is.
 */
export default async function setup(): Promise<void> {
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs', '--check'], { cwd: ROOT, stdio: 'ignore' });
  if (status !== 0) await buildPage(join(ROOT, 'dist'));
}
