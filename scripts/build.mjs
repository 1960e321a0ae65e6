// Builds dist/ next to it and puts it in its place at once, so that a bench that runs never sees half of it:
//   node scripts/build.mjs               builds
//   node scripts/build.mjs --if-changed  builds only where dist/ is not what the sources give (npm ci, npm install)
//   node scripts/build.mjs --check       builds nothing; exit code 1 where dist/ is not what they give (npm pack)
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
/** SHA-256 of what the build is made of; written last. */
const MARK = 'SOURCES.sha256';
const SOURCES = ['src', 'scripts/build.mjs', 'scripts/build', 'tsconfig.json', 'package.json', 'package-lock.json'];
/** Of a build that was killed; a younger one may still go on. */
const DRAFT = /^\.dist-[0-9a-f]{12}$/;
const OLD_MS = 3_600_000;

function filesIn(/** @type {string} */ path) {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path];
  const entries = readdirSync(join(ROOT, path), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));
}

function sourcesHash() {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap(filesIn).sort()) {
    const content = readFileSync(join(ROOT, file));
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

function isCurrent() {
  const mark = join(DIST, MARK);
  return existsSync(mark) && readFileSync(mark, 'utf8').trim() === sourcesHash();
}

const draftName = () => join(ROOT, `.dist-${randomBytes(6).toString('hex')}`);

async function build() {
  for (const name of readdirSync(ROOT).filter((one) => DRAFT.test(one)))
    if (Date.now() - statSync(join(ROOT, name)).mtimeMs > OLD_MS) rmSync(join(ROOT, name), { recursive: true });
  // A source that changes meanwhile makes the build an old one.
  const hash = sourcesHash();
  const draft = draftName();
  try {
    const { buildInto } = await import('./build/all.mjs');
    await buildInto(draft);
    writeFileSync(join(draft, MARK), `${hash}\n`);
    putInPlace(draft);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function putInPlace(/** @type {string} */ draft) {
  const old = draftName();
  if (existsSync(DIST)) renameSync(DIST, old);
  renameSync(draft, DIST);
  rmSync(old, { recursive: true, force: true });
}

const [mode] = process.argv.slice(2);
if (mode === '--check') {
  if (!isCurrent()) {
    process.stderr.write('dist/ is not what the sources give: npm run build\n');
    process.exitCode = 1;
  }
} else if (mode !== '--if-changed' || !isCurrent()) {
  try {
    await build();
  } catch (error) {
    if (!(error instanceof Error) || !('exitCode' in error)) throw error;
    process.exitCode = Number(error.exitCode);
  }
}
