// Packs the package, installs the tarball into an empty folder, checks the examples there with `tsc --strict` and runs
// them with few blocks. The last line is `N passed, N failed, N skipped`; the exit code is 0 only where nothing failed.
//
// node scripts/check-examples.mjs
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const EXAMPLES = join(ROOT, 'examples');
const LIMIT_MS = 300_000;

/** Arguments that keep an example short. An example that starts containers needs root and the kernel's namespaces. */
const RUNS = {
  'main-job': { args: ['3'], containers: true },
  'own-profile-against-none': { args: ['3'], containers: true },
  percall: { args: ['2'], containers: true },
  'one-container': { args: [], containers: true },
  'load-and-memory': { args: ['10'], containers: false },
  'compare-filters': { args: [], containers: false },
  'analyse-old-results': { args: [join(ROOT, 'results/example-x86_64-runc')], containers: false },
};

const counts = { passed: 0, failed: 0, skipped: 0 };

const say = (/** @type {string} */ line) => void process.stdout.write(`${line}\n`);

/** Runs a program; its output is shown only where it fails. */
function call(/** @type {string} */ file, /** @type {readonly string[]} */ args, /** @type {string} */ cwd) {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    cwd,
    encoding: 'utf8',
    timeout: LIMIT_MS,
    maxBuffer: 2 ** 26,
  });
  return { ok: status === 0, output: `${stdout ?? ''}${stderr ?? ''}${error === undefined ? '' : String(error)}` };
}

/** Counts and prints the outcome of a check; gives whether it passed. */
function check(/** @type {string} */ what, /** @type {{ ok: boolean, output: string }} */ { ok, output }) {
  counts[ok ? 'passed' : 'failed'] += 1;
  say(`${ok ? 'ok' : 'FAILED'}: ${what}`);
  if (!ok) say(output);
  return ok;
}

function skip(/** @type {string} */ what, /** @type {string} */ why) {
  counts.skipped += 1;
  say(`skipped: ${what}: ${why}`);
}

/** An empty folder with the packed package installed, the examples and a strict tsconfig.json. */
function prepare(/** @type {string} */ folder) {
  const app = join(folder, 'app');
  mkdirSync(app);
  const packed = call('npm', ['pack', '--json', '--pack-destination', folder], ROOT);
  if (!check('the package is packed', packed)) return null;
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'examples', private: true, type: 'module' }));
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  if (!check('the tarball is installed', call('npm', ['install', ...quiet, join(folder, tarball)], app))) return null;
  // A program brings its own types of Node: where no dependency has them, those of this repository stand for them.
  for (const name of ['@types/node', 'undici-types']) {
    const place = join(app, 'node_modules', name);
    if (existsSync(place)) continue;
    mkdirSync(join(place, '..'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), place);
  }
  cpSync(EXAMPLES, app, { recursive: true, filter: (path) => !path.endsWith('tsconfig.json') });
  const compilerOptions = {
    target: 'ES2022',
    module: 'NodeNext',
    lib: ['ES2023', 'ESNext.Disposable'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
  };
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const compiled = call(process.execPath, [compiler, '-p', app], app);
  return check('the examples compile under tsc --strict', compiled) ? app : null;
}

function run(/** @type {string} */ name, /** @type {string} */ app) {
  const { args, containers } = RUNS[/** @type {keyof typeof RUNS} */ (name)] ?? { args: [], containers: true };
  const what = `examples/${name}.ts runs`;
  if (containers && process.geteuid?.() !== 0) skip(what, 'it needs root');
  else check(what, call(process.execPath, [`${name}.js`, ...args], app));
}

const folder = mkdtempSync(join(tmpdir(), 'bench-examples-'));
try {
  const app = prepare(folder);
  const names = readdirSync(EXAMPLES).filter((name) => name.endsWith('.ts'));
  for (const file of names) {
    const name = file.replace(/\.ts$/, '');
    if (app === null) skip(`examples/${file} runs`, 'it is not compiled');
    else run(name, app);
  }
  for (const missing of Object.keys(RUNS).filter((name) => !names.includes(`${name}.ts`)))
    check(`examples/${missing}.ts exists`, { ok: false, output: '' });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
say(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed === 0 ? 0 : 1;
