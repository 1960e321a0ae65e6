// Gives the README of a package absolute links: npm's page of a package has no files that relative ones could lead to.
//   node scripts/readme.mjs --pack     writes them into README.md and keeps the original (npm pack, npm publish)
//   node scripts/readme.mjs --restore  puts the original back
// The field `repository` of package.json says where they lead. Without it they stay relative, and lead to the files
// that the package has.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const README = join(ROOT, 'README.md');
const ORIGINAL = join(ROOT, '.README.md.original');

/**
 * The web address of a repository in any form that npm takes; `null`: there is none, or it has no such address.
 *
 * @param {string | { readonly url?: string } | undefined} repository
 */
export function webAddress(repository) {
  const given = typeof repository === 'string' ? repository : (repository?.url ?? '');
  const short = /^(?:(github|gitlab):)?([\w.-]+\/[\w.-]+)$/.exec(given);
  if (short !== null) return `https://${short[1] ?? 'github'}.com/${short[2]}`;
  const [, host, path] =
    /^(?:git\+)?(?:https?|ssh|git):\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/(.+?)(?:\.git)?\/?(?:#.*)?$/.exec(given) ??
    /^[^@/]+@([^:/]+):(.+?)(?:\.git)?$/.exec(given) ??
    [];
  return host === undefined ? null : `https://${host}/${path}`;
}

/**
 * Markdown whose links to files of the repository are absolute: pictures as raw files, everything else as pages, at a
 * tag. Links to headings of the same page and to other sites stay.
 *
 * @param {string} markdown
 * @param {{ readonly address: string, readonly tag: string }} place
 */
export function absoluteLinks(markdown, { address, tag }) {
  const between = /^https:\/\/gitlab\b/.test(address) ? '/-' : '';
  const absolute = (/** @type {string} */ kind, /** @type {string} */ target) =>
    /^(?:[a-z]+:|#|\/)/.test(target) ? target : `${address}${between}/${kind}/${tag}/${posix.normalize(target)}`;
  return (
    markdown
      .replaceAll(/(!\[[^[\]]*\])\(([^()\s]+)\)/g, (_, text, target) => `${text}(${absolute('raw', target)})`)
      // What is a picture's is absolute by now.
      .replaceAll(/\]\(([^()\s]+)\)/g, (_, target) => `](${absolute('blob', target)})`)
  );
}

function restore() {
  if (existsSync(ORIGINAL)) renameSync(ORIGINAL, README);
}

function pack() {
  // Of a pack that was killed.
  restore();
  const { repository, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const address = webAddress(repository);
  if (address === null) return;
  const original = readFileSync(README, 'utf8');
  writeFileSync(ORIGINAL, original);
  writeFileSync(README, absoluteLinks(original, { address, tag: `v${version}` }));
}

const [mode] = process.argv.slice(2);
if (process.argv[1] === import.meta.filename) {
  if (mode === '--pack') pack();
  else if (mode === '--restore') restore();
  else throw new Error('expected --pack or --restore');
}
