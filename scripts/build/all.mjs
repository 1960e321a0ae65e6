// Builds what is in dist/, into any folder of the repository's:
// - the library with its types, one file per source, with tsc;
// - the command line as one bundle, split where a command is loaded on demand (dist/cli/), with esbuild;
// - dist/cli.js, which prints `bench --help` and loads the bundle for everything else;
// - the script of the report page (chart.js and the charts), with esbuild.
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { buildPage } from './page.mjs';

const ROOT = join(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);

/**
 * Stay in node_modules: native code, the Docker client (it has some), the client of CRI, the chart libraries (bundled
 * by npm), fonts.
 */
const EXTERNAL = [
  'koffi',
  'dockerode',
  '@grpc/*',
  '@napi-rs/canvas',
  'canvas',
  'chart.js',
  'chartjs-chart-error-bars',
  'chartjs-node-canvas',
  '@fontsource/*',
];

/** As src/cli/program.ts has it: no help is wider. */
const HELP_COLUMNS = 100;

/** Runs a program of Node's. Throws where it fails, with its exit code. */
function node(/** @type {readonly string[]} */ args) {
  const { status, stdout, error } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    // Without this terminal's width, colours and locale.
    env: { PATH: process.env['PATH'] ?? '' },
  });
  if (error !== undefined) throw error;
  if (status === 0) return stdout;
  process.stdout.write(stdout);
  throw Object.assign(new Error(`${args[0]} failed`), { exitCode: status ?? 1 });
}

/** The bundled commands; gives the files that went into them, from the repository's root. */
async function buildCommandLine(/** @type {string} */ dist) {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { main: 'src/cli.ts', 'load-worker': 'src/filter/load/load-worker.ts' },
    outdir: join(dist, 'cli'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: EXTERNAL,
    chunkNames: '[name]-[hash]',
    keepNames: true,
    // Names stay, for traces of errors.
    minifyWhitespace: true,
    minifySyntax: true,
    // The licences have a file of their own.
    legalComments: 'none',
    // Libraries in CommonJS ask for Node's own modules with require, which a module does not have.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module';\nconst require = requireOf(import.meta.url);",
    },
    metafile: true,
    logLevel: 'warning',
  });
  return Object.keys(metafile.inputs);
}

/** dist/cli.js; the help in it is what the bundled command prints, which is at most HELP_COLUMNS wide. */
async function buildStart(/** @type {string} */ dist) {
  const file = join(dist, 'cli.js');
  const help = node([join(dist, 'cli/main.js'), '--help']);
  if (/[^\0-\x7f]/.test(help)) throw new Error('bench --help must be ASCII: it is printed in every locale');
  await build({
    entryPoints: [join(import.meta.dirname, 'start.mjs')],
    outfile: file,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    define: { HELP: JSON.stringify(help), HELP_COLUMNS: String(HELP_COLUMNS) },
    logLevel: 'warning',
  });
  chmodSync(file, 0o755);
}

/** The licences of the libraries whose code is in the bundles, each text once: all ask for a copy of it. */
function writeLicences(/** @type {string} */ dist, /** @type {readonly string[]} */ inputs) {
  const folders = new Set(
    inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.slice(0, 1) ?? []),
  );
  /** @type {Map<string, string[]>} */
  const names = new Map();
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(ROOT, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? `License: ${license}` : readFileSync(join(ROOT, folder, file), 'utf8').trim();
    names.set(text, [...(names.get(text) ?? []), `${name} ${version}`]);
  }
  const parts = [...names].map(([text, packages]) => `${packages.join('\n')}\n\n${text}\n`);
  const intro = 'Code of these packages is part of dist/cli/ and dist/report/page.js.\n';
  writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), [intro, ...parts].join(`\n${'-'.repeat(80)}\n\n`));
}

/** Builds everything into a folder that is empty or does not exist. */
export async function buildInto(/** @type {string} */ dist) {
  const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  process.stdout.write(node([compiler, '-p', ROOT, '--outDir', dist]));
  const inputs = [...(await buildCommandLine(dist)), ...(await buildPage(dist))];
  await buildStart(dist);
  writeLicences(dist, inputs);
}
