import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultsOf, sectionsOf } from '../../scripts/release.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');
const { version } = JSON.parse(read('package.json')) as { readonly version: string };

describe('CHANGELOG.md', () => {
  const sections = sectionsOf(read('CHANGELOG.md'));

  it('begins with what is not released, and dates everything else', () => {
    const [unreleased, ...released] = sections;
    expect(unreleased).toMatchObject({ version: 'Unreleased', date: null });
    for (const { version: name, date } of released) {
      expect(name).toMatch(/^\d+\.\d+\.\d+(?:-rc\.\d+)?$/);
      expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
    expect(new Set(released.map((one) => one.version)).size).toBe(released.length);
  });

  it('has only the headings of Keep a Changelog within a release', () => {
    const headings = sections.flatMap(({ text }) => [...text.matchAll(/^### (.*)$/gm)].map(([, name]) => name));
    const known = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];
    expect(headings.filter((name) => !known.includes(name ?? ''))).toEqual([]);
  });

  it('has a section for the version of the package', () => {
    expect(sections.find((one) => one.version === version)?.text).toMatch(/^### Added$/m);
  });
});

describe('a release', () => {
  const changelog =
    '# Changelog\n\n## Unreleased\n\n- more\n\n## 1.2.3-rc.1 - 2026-01-02\n\n### Added\n\n- This.\n\n## 1.2.2\n';
  const versions = { 'package.json': '1.2.3-rc.1', 'sbom.cdx.json': '1.2.3-rc.1' };

  it('is possible where tag, versions and changelog agree', () => {
    expect(faultsOf('v1.2.3-rc.1', { versions, changelog })).toEqual([]);
    expect(sectionsOf(changelog)[1]).toEqual({
      version: '1.2.3-rc.1',
      date: '2026-01-02',
      text: '### Added\n\n- This.',
    });
  });

  it('is refused for another version, a tag without v, and a section that is missing or has no date', () => {
    expect(faultsOf('v1.2.3', { versions, changelog })).toEqual([
      'package.json has version 1.2.3-rc.1, and the tag is v1.2.3',
      'sbom.cdx.json has version 1.2.3-rc.1, and the tag is v1.2.3',
      'CHANGELOG.md has no section 1.2.3',
    ]);
    expect(faultsOf('1.2.3-rc.1', { versions, changelog })).toEqual(['the tag 1.2.3-rc.1 does not begin with v']);
    expect(faultsOf('v1.2.2', { versions: {}, changelog })).toEqual(['section 1.2.2 of CHANGELOG.md has no date']);
  });

  it('of this version has its section as text', () => {
    const release = (tag: string): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, [join(ROOT, 'scripts/release.mjs'), tag], { encoding: 'utf8' });
    expect(release(`v${version}`)).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('### Added') as string,
    });
    expect(release('v0.0.1')).toMatchObject({ status: 1, stdout: '' });
  });
});
