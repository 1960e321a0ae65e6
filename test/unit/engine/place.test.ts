import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { placeText } from '../../../src/engine/namespaces/place.js';
import type { PlaceWish } from '../../../src/engine/namespaces/place.js';
import { assertPlaces, composeRoot } from '../../../src/engine/program-root.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-place-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The steps, each its letter and its words. */
function steps(wish: Partial<PlaceWish> = {}): readonly (readonly string[])[] {
  const WORDS: Readonly<Record<string, number>> = { m: 5, r: 2, d: 1, f: 1, p: 1, w: 1, l: 2, c: 1 };
  const words = placeText({ root: { folder: '/r', binds: [] }, cwd: '/', bare: true, rootless: false, ...wish })
    .split('\0')
    .slice(0, -1);
  const found: string[][] = [];
  for (let at = 0; at < words.length;) {
    const step = words.slice(at, at + 1 + (WORDS[words[at] ?? ''] ?? 0));
    found.push(step);
    at += step.length;
  }
  return found;
}

const DOCKERS = '11010001111001000010000000010100000000000'.length;

describe('the place of a container of the built-in engine', () => {
  it("is the payload's root alone, read-only, with 14 of 41 capabilities and no core files", () => {
    const [bind, again, root, core, capabilities] = steps();
    expect([bind, again, root, core]).toEqual([
      ['m', '/r', '/r', '', '4096', ''],
      ['r', '/r', '7'],
      ['p', '/r'],
      ['l', '4', '0'],
    ]);
    const bits = capabilities?.[1] ?? '';
    expect([capabilities?.[0], bits.length, bits.replaceAll('0', '').length]).toEqual(['c', DOCKERS, 14]);
    // CAP_SYS_ADMIN is number 21, CAP_CHOWN number 0.
    expect([bits[0], bits[21]]).toEqual(['1', '0']);
  });

  it('is limited in processes by setrlimit where it has a user namespace of its own', () => {
    expect(steps({ rootless: true }).filter(([letter]) => letter === 'l')).toEqual([
      ['l', '4', '0'],
      ['l', '6', expect.stringMatching(/^\d+$/)],
    ]);
  });

  it('has /proc with /proc/sys read-only before anything else is mounted, and a scratch space before what is in it', () => {
    const data = join(folder, 'data');
    mkdirSync(data);
    writeFileSync(join(folder, 'file'), '');
    const binds = [
      { source: data, target: '/tmp/deep/data' },
      { source: join(folder, 'file'), target: '/tmp/file' },
    ];
    const all = steps({ root: { folder: '/r', binds }, cwd: '/tmp', bare: false });
    const at = (...start: readonly string[]): number =>
      all.findIndex((step) => start.every((word, index) => step[index] === word));
    const order = [
      at('m', 'proc', '/r/proc', 'proc'),
      at('m', '/proc/sys'.replace('/proc', '/r/proc'), '/r/proc/sys'),
      at('r', '/r/proc/sys', '1'),
      at('m', 'tmpfs', '/r/tmp', 'tmpfs'),
      at('d', '/r/tmp/deep'),
      at('d', '/r/tmp/deep/data'),
      at('f', '/r/tmp/file'),
      at('m', data, '/r/tmp/deep/data'),
      at('r', '/r/tmp/deep/data', '7'),
      at('m', join(folder, 'file'), '/r/tmp/file'),
      at('r', '/r', '7'),
      at('p', '/r'),
      at('w', '/tmp'),
    ];
    expect([order.includes(-1), order]).toEqual([false, order.toSorted((a, b) => a - b)]);
  });
});

describe('a root made for a program', () => {
  it('refuses a bind whose place would have to be made in another bind', () => {
    const outer = { source: folder, target: '/data' };
    mkdirSync(join(folder, 'there'));
    expect(() => {
      assertPlaces([outer, { source: folder, target: '/data/there' }]);
    }).not.toThrow();
    expect(() => {
      assertPlaces([outer, { source: folder, target: '/data/new' }]);
    }).toThrow(`could not bind ${folder} to /data/new: ${folder} has no such place`);
  });

  it("refuses a bind whose place is behind a link that leads out of the caller's root", () => {
    const [rootfs, outside, made] = ['rootfs', 'outside', 'made'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    mkdirSync(rootfs);
    mkdirSync(outside);
    symlinkSync(outside, join(rootfs, 'link'));
    expect(() => composeRoot(made, { rootfs, binds: [{ source: rootfs, target: '/link/new' }] })).toThrow(
      `could not bind ${rootfs} to /link/new: a link there leads out`,
    );
  });
});
