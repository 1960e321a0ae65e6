// Writes sbom.cdx.json: what an installed seccomp-bench consists of, by npm (CycloneDX), from package-lock.json alone:
//   node scripts/sbom.mjs
// Time, serial number and places are left out, so that the same lock file gives the same bytes.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const ARGS = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];

const read = (/** @type {string} */ name) => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));

/** npm's own list. With `--omit dev` npm also leaves out what both need, so it is given no tools at all. */
function listed() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-sbom-'));
  try {
    const { devDependencies, scripts, ...manifest } = read('package.json');
    const lock = read('package-lock.json');
    const { devDependencies: tools, ...root } = lock.packages[''];
    const packages = Object.fromEntries(Object.entries(lock.packages).filter(([, { dev }]) => dev !== true));
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    const kept = { ...lock, packages: { ...packages, '': root } };
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(kept));
    cpSync(join(ROOT, 'vendor'), join(folder, 'vendor'), { recursive: true });
    const { status, stdout, stderr } = spawnSync('npm', ARGS, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 });
    if (status !== 0) throw new Error(`npm sbom ended with exit code ${status}\n${stderr}`);
    return JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const { serialNumber, ...bom } = listed();
const { timestamp, tools, ...metadata } = bom.metadata;
/** What it is, with its licence and checksum; not where npm took it from or put it. */
const shortened = ({ properties, externalReferences, ...component }) => component;
const component = { ...shortened(metadata.component), name: read('package.json').name };
const components = bom.components.map(shortened);
writeFileSync(
  join(ROOT, 'sbom.cdx.json'),
  `${JSON.stringify({ ...bom, metadata: { ...metadata, component }, components }, null, 1)}\n`,
);
