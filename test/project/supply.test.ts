import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RUN_FILES } from '../../scripts/shared/run-files.mjs';

const ROOT = resolve(import.meta.dirname, '../..');

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
  readonly resolved?: string;
}
const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
const { packages } = read('package-lock.json') as { readonly packages: Readonly<Record<string, Locked>> };
const manifest = read('package.json') as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};
/** Packages that npm fetches, by the path where it puts them. */
const fetched = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && link !== true);
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

describe('dependencies', () => {
  it('have exact versions, the ones that the lock file has', () => {
    const wanted = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(wanted.length).toBeGreaterThan(25);
    const loose = wanted.filter(
      ([name, version]) => version !== packages[`node_modules/${name}`]?.version && version !== 'file:vendor/canvas',
    );
    expect(loose).toEqual([]);
  });

  it('have a checksum each', () => {
    expect(fetched.length).toBeGreaterThan(300);
    expect(fetched.filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-')).map(([path]) => path)).toEqual(
      [],
    );
  });

  it('have no install script that SECURITY.md does not justify', () => {
    const rows = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8').split('### Install scripts')[1] ?? '';
    const justified = [...rows.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
    const scripted = fetched.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    expect([...new Set(scripted.map(([path]) => nameOf(path)))].sort()).toEqual([...justified].sort());
  });
});

describe('installing the package', () => {
  it('runs no script of its own', () => {
    const ran = ['preinstall', 'install', 'postinstall'].filter((name) => name in manifest.scripts);
    expect(ran).toEqual([]);
  });
});

describe('sbom.cdx.json', () => {
  const { components, metadata } = read('sbom.cdx.json') as {
    readonly metadata: { readonly component: { readonly name: string; readonly version: string } };
    readonly components: readonly {
      readonly name: string;
      readonly version: string;
      readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
    }[];
  };

  it('lists every package of an installation with its checksum: npm run sbom writes it', () => {
    const installed = fetched
      .filter(([, { dev }]) => dev !== true)
      .map(([path, { version = '', integrity = '' }]) => {
        const sha512 = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
        return `${nameOf(path)}@${version} ${sha512}`;
      });
    const listed = components
      .filter(({ hashes }) => hashes !== undefined)
      .map(({ name, version, hashes = [] }) => `${name}@${version} ${hashes[0]?.content ?? ''}`);
    expect([...new Set(listed)].sort()).toEqual([...new Set(installed)].sort());
    expect(components.filter(({ hashes }) => hashes === undefined).map(({ name }) => name)).toEqual(['canvas']);
  });

  it('is of this version, and the same wherever it is made', () => {
    const { name, version } = read('package.json') as { readonly name: string; readonly version: string };
    expect(metadata).toMatchObject({ component: { name, version } });
    expect(readFileSync(join(ROOT, 'sbom.cdx.json'), 'utf8')).not.toMatch(
      /timestamp|serialNumber|https?:\/\/(?!cyclone)/,
    );
  });
});

describe('the image of a fleet and the guest of the arm64 proof', () => {
  it('have every file that bench reads of its own package', () => {
    const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    const needed = sources.flatMap((name) =>
      [...readFileSync(join(ROOT, 'src', name), 'utf8').matchAll(/\bpackageRoot(?:\(\))?, '([^']+)'/g)].map(
        ([, path = '']) => path,
      ),
    );
    expect(needed.length).toBeGreaterThan(5);
    expect(needed.filter((path) => !RUN_FILES.some((part) => `${path}/`.startsWith(`${part}/`)))).toEqual([]);
  });
});
