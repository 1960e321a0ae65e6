import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');

/** Builds dist/ before the end-to-end tests where a source has changed, so that none of them tests an old build. */
export default function setup(): void {
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs', '--if-changed'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`The build ended with exit code ${status ?? 'none'}`);
}
