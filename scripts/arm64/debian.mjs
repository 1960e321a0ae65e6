// The guest's Debian packages: chosen and checked by apt, in a state folder of its own, so that this machine's packages
// are not touched.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Failure } from '../shared/failure.mjs';
import { privateApt } from '../shared/apt.mjs';

/** What the guest needs; apt adds what these depend on. */
const PACKAGES = ['busybox-static', 'libstdc++6', 'libseccomp2', 'runc', 'crun', 'strace', 'util-linux'];
const KERNEL = 'linux-image-cloud-arm64';
/** The list of packages is read anew after that. */
const FRESH_MS = 24 * 3600_000;

/**
 * The package files in the cache, each with the SHA-256 that apt's signed lists give it; missing ones are fetched.
 * @returns {{ kernel: string, others: string[], versions: string[] }} absolute paths, and `name_version` of each
 */
export function fetchPackages(cache, say) {
  const folder = join(cache, 'debian');
  mkdirSync(folder, { recursive: true });
  const list = listed(cache, say);
  const missing = list.filter((file) => !isWhole(join(folder, file.name), file.sha256));
  if (missing.length > 0) {
    const bytes = missing.reduce((sum, file) => sum + file.bytes, 0);
    say(`fetching ${missing.length} packages, ${Math.round(bytes / 2 ** 20)} MiB`);
    for (const { name } of missing) rmSync(join(folder, name), { force: true });
    apt(cache, 'apt-get', ['-qq', 'download', ...missing.map(({ name }) => name.split('_')[0])], { cwd: folder });
  }
  const wrong = list.filter((file) => !isWhole(join(folder, file.name), file.sha256));
  if (wrong.length > 0) {
    rmSync(listFile(cache), { force: true });
    throw new Failure(
      1,
      `SHA-256 differs from the recorded one: ${wrong.map(({ name }) => name).join(', ')}`,
      'Run it again: the list of packages is then read anew.',
    );
  }
  // What an older list named is of no more use.
  for (const name of readdirSync(folder)) if (!list.some((file) => file.name === name)) rmSync(join(folder, name));
  const path = ({ name }) => join(folder, name);
  return {
    kernel: path(list.find(isKernel)),
    others: list.filter((file) => !isKernel(file)).map(path),
    versions: list.map(({ name }) => decodeURIComponent(name).replace(/_(?:arm64|all)\.deb$/, '')),
  };
}

const isKernel = ({ name }) => name.startsWith('linux-image-');
const listFile = (cache) => join(cache, 'debian.json');

function isWhole(path, sha256) {
  return existsSync(path) && createHash('sha256').update(readFileSync(path)).digest('hex') === sha256;
}

/** Names, sizes and checksums; an old list serves where the package server cannot be reached. */
function listed(cache, say) {
  const kept = existsSync(listFile(cache)) ? JSON.parse(readFileSync(listFile(cache), 'utf8')) : null;
  if (kept !== null && Date.now() - statSync(listFile(cache)).mtimeMs < FRESH_MS) return kept;
  try {
    const list = readLists(cache);
    writeFileSync(listFile(cache), `${JSON.stringify(list, null, 1)}\n`);
    return list;
  } catch (error) {
    if (kept === null) throw error;
    say(`the package lists cannot be read anew, so those of the last time serve: ${error.message}`);
    return kept;
  }
}

function readLists(cache) {
  const state = aptFolder(cache);
  rmSync(state, { recursive: true, force: true });
  for (const part of ['state/lists/partial', 'cache/archives/partial', 'sources'])
    mkdirSync(join(state, part), { recursive: true });
  writeFileSync(join(state, 'status'), '');
  copySources(join(state, 'sources'));
  const hint = "The packages come from this machine's own Debian sources, read for arm64: can it reach them?";
  apt(cache, 'apt-get', ['-qq', 'update'], { hint });
  const lines = (args) => apt(cache, 'apt-get', ['-qq', ...args], { hint }).split('\n');
  const needed = (names) =>
    lines(['install', '--yes', '--no-install-recommends', '--print-uris', ...names])
      .map((line) => /^'\S+' ([^\s_]+)_/.exec(line)?.[1])
      .filter((name) => name !== undefined);
  const names = [...needed([KERNEL]).filter((name) => /^linux-image-\d/.test(name)), ...needed(PACKAGES)];
  // Of all its commands this one alone prints a SHA-256.
  const list =
    names.length === 0
      ? []
      : lines(['download', '--print-uris', ...names])
          .map((line) => /^'\S+' (\S+) (\d+) SHA256:([0-9a-f]{64})$/.exec(line))
          .filter((found) => found !== null)
          .map(([, name, bytes, sha256]) => ({ name, bytes: Number(bytes), sha256 }));
  if (list.length !== names.length)
    throw new Failure(1, `apt-get names the SHA-256 of ${list.length} packages only, not of all ${names.length}`, hint);
  if (list.some(isKernel)) return list;
  throw new Failure(
    2,
    `${KERNEL} not found in the package sources of this machine`,
    'It is a package of Debian (main); on other systems run this in a Debian container.',
  );
}

/** Debian's own sources alone: what else a machine reads need not have arm64. */
function copySources(to) {
  const isDebian = (path) => /\bdebian(?:-security)?\/?\b/.test(readFileSync(path, 'utf8'));
  const parts = existsSync('/etc/apt/sources.list.d')
    ? readdirSync('/etc/apt/sources.list.d').map((name) => `/etc/apt/sources.list.d/${name}`)
    : [];
  const sources = [...parts, '/etc/apt/sources.list'].filter(
    (path) => /\.(?:list|sources)$/.test(path) && existsSync(path) && isDebian(path),
  );
  if (sources.length === 0)
    throw new Failure(
      2,
      'no Debian package sources in /etc/apt',
      'The guest is made of Debian packages: run this on Debian, or in a Debian container.',
    );
  for (const path of sources) cpSync(path, join(to, basename(path)));
}

const aptFolder = (cache) => join(cache, 'apt');

/** apt reading as an arm64 machine on which nothing is installed. */
const apt = (cache, command, args, options) =>
  privateApt({ at: aptFolder(cache), architecture: 'arm64', command }, args, options);
