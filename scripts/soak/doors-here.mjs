// What comes from outside, read in this process: each door takes something hostile and says what is wrong with the end.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyseResults, loadScenario, writeReport } from '#built/index.js';
import { packEnd, packResult, unpackResults } from '#built/results/index.js';
import { endOf, readFile } from '../fuzz/read.mjs';
import { damaged, SAMPLES } from '../fuzz/samples.mjs';
import { hostileJson, hostileLines, oneOf } from '../fuzz/values.mjs';

const ROOT = join(import.meta.dirname, '../..');
const SCENARIOS = join(ROOT, 'scenarios');
const REPORT_EVERY = 8;

/** Folders with results of every kind that the repository has, and those that were made for this. */
const resultFolders = (made) => [
  ...['example-x86_64-runc', 'study-2026-runc-calls'].map((name) => join(ROOT, 'results', name)),
  ...made,
];

/** Lines of breaks.jsonl, which only a run that was disturbed has. */
const BREAKS = [
  { kind: 'paused', block: 3, warmup: false, attempt: 1, gapNs: 2_000_000_000 },
  { kind: 'resumed', block: 5, warmup: false, at: '2026-11-27T01:02:03.000Z', after: null },
];

const isDocument = (name) => /\.jsonl?$/.test(name);

/** Bytes changed at random, or a value of another kind in a document that stays one. */
function hostile(name, bytes, draw) {
  if (draw(0, 3) === 0) return damaged(bytes, SAMPLES[draw(0, SAMPLES.length - 1)].bytes, draw);
  const text = bytes.toString('utf8');
  return Buffer.from(name.endsWith('.jsonl') ? hostileLines(text, draw) : hostileJson(text, draw));
}

/** A damaged file of any form, or a damaged table. */
export function formDoor(isTable) {
  const samples = SAMPLES.filter((sample) => sample.isTable === isTable);
  return ({ draw, keep }) => {
    const sample = oneOf(samples, draw);
    const file = { isTable, bytes: damaged(sample.bytes, oneOf(SAMPLES, draw).bytes, draw) };
    keep(sample.name, file.bytes);
    return endOf(() => readFile(file));
  };
}

/** A scenario file. */
export function scenarioDoor({ draw, keep, folder }) {
  const name = oneOf(
    readdirSync(SCENARIOS).filter((file) => file.endsWith('.json') && !file.includes('schema')),
    draw,
  );
  const bytes = hostile(name, readFileSync(join(SCENARIOS, name)), draw);
  const path = join(folder, 'scenario.json');
  writeFileSync(path, bytes);
  keep(name, bytes);
  return endOf(() => loadScenario(path, { cwd: folder, packageRoot: ROOT }));
}

/** One document of a results folder, without the checksums that would find it out. */
export function resultsDoor(made) {
  const folders = resultFolders(made);
  return async ({ draw, keep, folder, index }) => {
    const target = copyOf(oneOf(folders, draw), join(folder, 'results'));
    const name = oneOf(readdirSync(target).filter(isDocument), draw);
    const bytes = hostile(name, readFileSync(join(target, name)), draw);
    writeFileSync(join(target, name), bytes);
    keep(name, bytes);
    if (index % REPORT_EVERY > 0) return endOf(() => analyseResults([target]));
    const error = await writeReport([target], { directory: join(folder, 'reports') }).catch((one) => one);
    return endOf(() => {
      if (error instanceof Error) throw error;
      findScript(join(folder, 'reports'));
    });
  };
}

/** Copies a results folder without its checksums, and with breaks. */
export function copyOf(source, target) {
  rmSync(target, { recursive: true, force: true });
  cpSync(source, target, { recursive: true });
  rmSync(join(target, 'SHA256SUMS'), { force: true });
  if (existsSync(join(target, 'samples.jsonl')) && !source.includes('calls'))
    writeFileSync(join(target, 'breaks.jsonl'), BREAKS.map((one) => `${JSON.stringify(one)}\n`).join(''));
  return target;
}

/** @throws where a page has a text from outside as markup */
function findScript(reports) {
  for (const name of readdirSync(reports).filter((one) => one !== 'index.html')) {
    const page = readFileSync(join(reports, name, 'index.html'), 'utf8');
    if (/<script>alert|<img src=x/.test(page)) throw new Error(`${name}: a hostile text is markup in index.html`);
  }
}

/** What a node's job prints: parcels of results. */
export function parcelDoor(made) {
  const [source] = resultFolders(made);
  const text = `words\n${packResult(source, 'a', 0)}${packEnd({ exitCode: 0, words: '', results: 1 })}`;
  return ({ draw, keep, folder }) => {
    const bytes = damagedParcel(text, draw);
    keep('parcel', bytes);
    const parent = join(folder, 'unpacked/inner');
    rmSync(join(folder, 'unpacked'), { recursive: true, force: true });
    mkdirSync(parent, { recursive: true });
    return endOf(() => {
      unpackResults(bytes.toString('utf8'), parent);
      const [inner, ...others] = readdirSync(join(folder, 'unpacked'));
      if (inner !== 'inner' || others.length > 0) throw new Error(`files outside the folder: ${others.join(', ')}`);
    });
  };
}

function damagedParcel(text, draw) {
  if (draw(0, 1) === 0) return damaged(Buffer.from(text), SAMPLES[0].bytes, draw);
  const lines = text.split('\n');
  const at = oneOf(
    lines.flatMap((line, index) => (/^seccomp-bench-(?:parcel|end) /.test(line) ? [index] : [])),
    draw,
  );
  const [mark = ''] = lines[at].split(' ');
  lines[at] = `${mark} ${hostileJson(lines[at].slice(mark.length + 1), draw)}`;
  return Buffer.from(lines.join('\n'));
}
