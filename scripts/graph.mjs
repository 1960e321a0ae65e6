// The imports between the rooms of src/, with dependency-cruiser:
//   node scripts/graph.mjs            draws docs/architecture.svg (needs dot from Graphviz)
//   node scripts/graph.mjs --check    exits with 1 if the picture shows other imports than the sources have
//   node scripts/graph.mjs --circles  counts circles of files, imports of types included; exits with 1 if there are any
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cruise } from 'dependency-cruiser';

const ROOT = join(import.meta.dirname, '..');
const PICTURE = join(ROOT, 'docs/architecture.svg');
const ROOM = '^src/[^/]+';
/** Every room imports these: their arrows would hide all others. */
const EVERYWHERE = String.raw`^src/(?:model/|errors\.ts$)`;

const COLOURS = {
  'src/cli': '#cfe2ff',
  'src/(?:index|cli)\\.ts': '#cfe2ff',
  'src/(?:experiment|advise|fleet|reporting)': '#d1f0d6',
  'src/process': '#eeeeee',
};
const THEME = {
  replace: true,
  graph: { rankdir: 'TB', ranksep: '0.7', nodesep: '0.25', splines: 'true', fontname: 'Helvetica', bgcolor: 'white' },
  node: { shape: 'box', style: 'rounded,filled', fillcolor: '#fff3cd', fontname: 'Helvetica', fontsize: '12' },
  edge: { color: '#00000066', arrowsize: '0.7', penwidth: '1.2' },
  modules: Object.entries(COLOURS).map(([source, fillcolor]) => ({
    criteria: { source: `^${source}$` },
    attributes: { fillcolor },
  })),
  dependencies: [],
};

/** @param {import('dependency-cruiser').ICruiseOptions} options */
async function imports(options) {
  process.chdir(ROOT);
  const { output } = await cruise(['src'], {
    includeOnly: '^src/',
    // Imports of types count.
    tsPreCompilationDeps: true,
    ...options,
  });
  return output;
}

/** `src/cli` and so on: [from, to] of every import between rooms that the picture shows. */
async function arrows() {
  const { modules } = /** @type {import('dependency-cruiser').ICruiseResult} */ (
    await imports({ collapse: ROOM, exclude: EVERYWHERE })
  );
  return modules.flatMap(({ source, dependencies }) => dependencies.map(({ resolved }) => `${source}->${resolved}`));
}

async function draw() {
  const dot = await imports({
    collapse: ROOM,
    exclude: EVERYWHERE,
    outputType: 'dot',
    reporterOptions: { dot: { theme: THEME, showMetrics: false } },
  });
  const { status, stdout, error } = spawnSync('dot', ['-T', 'svg'], { input: String(dot), encoding: 'utf8' });
  if (error !== undefined || status !== 0) {
    process.stderr.write(`graph: dot: ${error?.message ?? `exit code ${status}`}; Debian's package is graphviz\n`);
    return 2;
  }
  writeFileSync(PICTURE, stdout);
  return 0;
}

async function check() {
  const svg = readFileSync(PICTURE, 'utf8').replaceAll('&#45;', '-').replaceAll('&gt;', '>');
  const drawn = new Set([...svg.matchAll(/<title>(src\/[^<]*->[^<]*)<\/title>/g)].map(([, arrow]) => arrow));
  const real = new Set(await arrows());
  const missing = [...real].filter((arrow) => !drawn.has(arrow));
  const gone = [...drawn].filter((arrow) => !real.has(arrow));
  for (const arrow of missing) process.stdout.write(`not in the picture: ${arrow}\n`);
  for (const arrow of gone) process.stdout.write(`no longer in the sources: ${arrow}\n`);
  if (missing.length + gone.length === 0) process.stdout.write(`the picture shows all ${real.size} arrows\n`);
  return missing.length + gone.length === 0 ? 0 : 1;
}

async function countCircles() {
  const circular = /** @type {const} */ ({ name: 'circle', severity: 'error', from: {}, to: { circular: true } });
  const { summary } = /** @type {import('dependency-cruiser').ICruiseResult} */ (
    await imports({ validate: true, ruleSet: { forbidden: [circular] } })
  );
  const circles = new Set(
    summary.violations.map(({ cycle = [] }) => [...cycle.map(({ name }) => name)].sort().join('\n  ')),
  );
  for (const circle of circles) process.stdout.write(`circle:\n  ${circle}\n`);
  process.stdout.write(`${circles.size} circles of files in ${summary.totalCruised} files\n`);
  return circles.size === 0 ? 0 : 1;
}

const { values } = parseArgs({ options: { check: { type: 'boolean' }, circles: { type: 'boolean' } } });
process.exitCode = await (values.circles ? countCircles() : values.check ? check() : draw());
