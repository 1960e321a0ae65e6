// `npm test`: the unit tests, of the sources alone; then the build, what check.mjs checks, and the tests of the build.
// All of it runs to its end, unless there is no build. The last line is the sum of both runs.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
/** The reporter of the tests adds a line for every run: `[passed, failed, skipped]`. */
const COUNTS = join(folder, 'counts');

/** Runs a script of package.json or a program of Node's; gives whether it succeeded. */
function succeeds(/** @type {string} */ file, /** @type {readonly string[]} */ args) {
  const { status, error } = spawnSync(file, args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, BENCH_TEST_COUNTS: COUNTS },
  });
  if (error !== undefined) throw error;
  return status === 0;
}

/** The sum of all runs so far. */
function counted() {
  const sum = [0, 0, 0];
  for (const line of readFileSync(COUNTS, 'utf8').split('\n').filter(Boolean))
    for (const [index, count] of JSON.parse(line).entries()) sum[index] += count;
  return sum;
}

try {
  writeFileSync(COUNTS, '');
  const units = succeeds('npm', ['run', 'test:unit']);
  const built = succeeds('npm', ['run', 'build']);
  const checked = built && succeeds(process.execPath, [join(ROOT, 'scripts/check.mjs')]);
  const ran = built && succeeds('npm', ['run', 'test:e2e']);
  const [passed, failed, skipped] = counted();
  if (!built) console.log('There is no build, so nothing else was checked.');
  else if (!checked) console.log('ESLint, Prettier, knip or the types found something: see above.');
  console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = units && built && checked && ran ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
