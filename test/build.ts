import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
/** What dist/ is made of. */
const INPUTS = ['src', 'scripts/build.mjs', 'scripts/build', 'tsconfig.json', 'package.json'];
/** Written last. */
const OUTPUT = 'dist/THIRD-PARTY-LICENSES.txt';

/** Builds dist/ before the end-to-end tests where a source is newer, so that none of them tests an old build. */
export default function setup(): void {
  const built = changedAt(OUTPUT);
  if (built !== undefined && INPUTS.flatMap(filesIn).every((file) => (changedAt(file) ?? 0) <= built)) return;
  const { status } = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new Error(`The build ended with exit code ${status ?? 'none'}`);
}

function filesIn(path: string): readonly string[] {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path];
  return readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' }).map((file) => join(path, file));
}

function changedAt(path: string): number | undefined {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs;
}
