// Checks that a tag can be released and prints the text of its release, the section of CHANGELOG.md:
//   node scripts/release.mjs v1.0.0
// The version of package.json, the lock file and the SBOM has to be the tag's, and the section has to have its date.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/**
 * The sections of a changelog: version, date (`null`: not released) and text.
 *
 * @param {string} changelog
 */
export function sectionsOf(changelog) {
  const [, ...parts] = changelog.split(/^## /m);
  return parts.map((part) => {
    const [heading = '', ...lines] = part.split('\n');
    const [version = '', date = null] = heading.split(' - ');
    return { version, date, text: lines.join('\n').trim() };
  });
}

/**
 * What stands in the way of releasing a tag; empty: nothing.
 *
 * @param {string} tag
 * @param {{ readonly versions: Readonly<Record<string, string>>, readonly changelog: string }} files
 */
export function faultsOf(tag, { versions, changelog }) {
  const version = tag.replace(/^v/, '');
  const faults = Object.entries(versions)
    .filter(([, own]) => own !== version)
    .map(([file, own]) => `${file} has version ${own}, and the tag is ${tag}`);
  if (!tag.startsWith('v')) faults.push(`the tag ${tag} does not begin with v`);
  const section = sectionsOf(changelog).find((one) => one.version === version);
  if (section === undefined) faults.push(`CHANGELOG.md has no section ${version}`);
  else if (!/^\d{4}-\d\d-\d\d$/.test(section.date ?? '')) faults.push(`section ${version} of CHANGELOG.md has no date`);
  return faults;
}

const read = (/** @type {string} */ name) => readFileSync(join(ROOT, name), 'utf8');

function main(/** @type {string} */ tag) {
  const lock = JSON.parse(read('package-lock.json'));
  const versions = {
    'package.json': JSON.parse(read('package.json')).version,
    'package-lock.json': lock.version,
    'the root of package-lock.json': lock.packages[''].version,
    'sbom.cdx.json': JSON.parse(read('sbom.cdx.json')).metadata.component.version,
  };
  const changelog = read('CHANGELOG.md');
  const faults = faultsOf(tag, { versions, changelog });
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
  else process.stdout.write(`${sectionsOf(changelog).find((one) => `v${one.version}` === tag)?.text ?? ''}\n`);
}

if (process.argv[1] === import.meta.filename) main(process.argv[2] ?? '');
