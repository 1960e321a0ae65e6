import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { absoluteLinks, webAddress } from '../../scripts/readme.mjs';

describe('the web address of a repository', () => {
  it.each([
    ['owner/name', 'https://github.com/owner/name'],
    ['github:owner/name', 'https://github.com/owner/name'],
    ['gitlab:group/name', 'https://gitlab.com/group/name'],
    ['git+https://github.com/owner/name.git', 'https://github.com/owner/name'],
    ['https://gitlab.example.org/group/sub/name', 'https://gitlab.example.org/group/sub/name'],
    ['git@github.com:owner/name.git', 'https://github.com/owner/name'],
    ['git+ssh://git@example.org:2222/owner/name.git', 'https://example.org/owner/name'],
    [{ url: 'git://github.com/owner/name.git#main' }, 'https://github.com/owner/name'],
  ])('is read from %j', (repository, address) => {
    expect(webAddress(repository)).toBe(address);
  });

  it('is unknown without a repository, and of a folder of this machine', () => {
    expect([undefined, '', {}, '/srv/git/name', 'file:../name'].map((one) => webAddress(one))).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});

describe('the README of a package', () => {
  const README = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8');
  const place = { address: 'https://github.com/owner/name', tag: 'v1.2.3' };

  it('has absolute links to files, pictures and headings of other pages', () => {
    expect(
      absoluteLinks(
        '[a](docs/a.md#b), ![p](x/p.png), [![p](x/p.png)](./docs/), [c](#here), [d](https://d.org/)',
        place,
      ),
    ).toBe(
      '[a](https://github.com/owner/name/blob/v1.2.3/docs/a.md#b), ' +
        '![p](https://github.com/owner/name/raw/v1.2.3/x/p.png), ' +
        '[![p](https://github.com/owner/name/raw/v1.2.3/x/p.png)](https://github.com/owner/name/blob/v1.2.3/docs/), ' +
        '[c](#here), [d](https://d.org/)',
    );
    expect(absoluteLinks('[a](b.md)', { address: 'https://gitlab.com/g/n', tag: 'v1' })).toBe(
      '[a](https://gitlab.com/g/n/-/blob/v1/b.md)',
    );
  });

  it('keeps no relative link, and changes nothing else', () => {
    const absolute = absoluteLinks(README, place);
    const targets = [...absolute.matchAll(/\]\(([^)]*)\)/g)].map(([, target = '']) => target);
    expect(targets.length).toBeGreaterThan(20);
    expect(targets.filter((target) => !target.startsWith('https://') && !target.startsWith('#'))).toEqual([]);
    expect(absolute.replaceAll(/https:\/\/github\.com\/owner\/name\/(?:raw|blob)\/v1\.2\.3\//g, '')).toBe(README);
  });
});
