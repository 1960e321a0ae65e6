import { linkSync, mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compiledFiltersIn, FilterCacheFolders } from '../../../src/engine/oci/filter-cache.js';

let state = '';
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'state-'));
});
afterEach(() => {
  rmSync(state, { recursive: true, force: true });
});

/** What crun does at a start: it makes a file with the filter, or links the one that is there. */
function start(root: string, content = 'filter'): void {
  const folder = compiledFiltersIn(root);
  const [file, own] = [join(folder, 'sum'), join(root, 'own')];
  mkdirSync(folder, { recursive: true });
  try {
    linkSync(file, own);
  } catch {
    writeFileSync(own, content);
    linkSync(own, file);
  }
  unlinkSync(own);
}

/** One container of an arm, from its start to the look after its block. */
async function block(folders: FilterCacheFolders, arm: string, id: string, begin = start): Promise<void> {
  folders.use(arm, id);
  begin(folders.rootFor(arm, id));
  folders.endedWell(id);
  folders.look();
  // Time stamps of files are as coarse as the kernel's tick.
  await sleep(12);
}

const SHA256 = '7c3eb2c39c1fd74e0ca5e9b7bb5d2b8ee1e5d6cf1ee2b4fa32eaef3cd0cd05d4'.length;

describe('the state folders of a cold arm', () => {
  it('are new for each container, and each must hold a compiled filter', async () => {
    const folders = new FilterCacheFolders(state);
    folders.watch('cold', 'cold');
    await block(folders, 'cold', 'a');
    await block(folders, 'cold', 'b');
    expect(folders.rootFor('cold', 'a')).not.toBe(folders.rootFor('cold', 'b'));
    expect(folders.evidenceOf('cold')).toMatchObject({ state: 'cold', containers: 2, shown: 2, file: { bytes: 6 } });
    await block(folders, 'cold', 'c', () => undefined);
    expect(folders.evidenceOf('cold')).toMatchObject({ containers: 3, shown: 2 });
  });

  it('show nothing of a container that failed', () => {
    const folders = new FilterCacheFolders(state);
    folders.watch('cold', 'cold');
    folders.use('cold', 'a');
    folders.look();
    expect(folders.evidenceOf('cold')).toEqual({ state: 'cold', containers: 0, shown: 0, file: null });
  });
});

describe('the state folder of a warm arm', () => {
  it('is one for all containers; the first fills it, and the file is linked into every later one', async () => {
    const folders = new FilterCacheFolders(state);
    folders.watch('warm', 'warm');
    await block(folders, 'warm', 'a');
    expect(folders.evidenceOf('warm')).toMatchObject({ containers: 0, shown: 0, file: { bytes: 6 } });
    await block(folders, 'warm', 'b');
    await block(folders, 'warm', 'c');
    expect(folders.rootFor('warm', 'a')).toBe(folders.rootFor('warm', 'b'));
    const seen = folders.evidenceOf('warm');
    expect(seen).toMatchObject({ state: 'warm', containers: 2, shown: 2 });
    expect(seen?.file?.sha256).toHaveLength(SHA256);
  });

  it('shows nothing of a container that did not use the file', async () => {
    const folders = new FilterCacheFolders(state);
    folders.watch('warm', 'warm');
    await block(folders, 'warm', 'a');
    await block(folders, 'warm', 'b', () => undefined);
    expect(folders.evidenceOf('warm')).toMatchObject({ containers: 1, shown: 0 });
  });

  it('shows nothing of a container that made the file again, or found it gone', async () => {
    const folders = new FilterCacheFolders(state);
    folders.watch('warm', 'warm');
    await block(folders, 'warm', 'a');
    await block(folders, 'warm', 'b', (root) => {
      rmSync(compiledFiltersIn(root), { recursive: true });
      start(root, 'another filter');
    });
    await block(folders, 'warm', 'c', (root) => {
      rmSync(compiledFiltersIn(root), { recursive: true });
    });
    expect(folders.evidenceOf('warm')).toMatchObject({ containers: 2, shown: 0 });
  });

  it('starts anew where the arm is prepared again', async () => {
    const folders = new FilterCacheFolders(state);
    folders.watch('warm', 'warm');
    await block(folders, 'warm', 'a');
    await block(folders, 'warm', 'b');
    folders.watch('warm', 'warm');
    expect(folders.evidenceOf('warm')).toEqual({ state: 'warm', containers: 0, shown: 0, file: null });
  });
});

describe('an arm that is neither', () => {
  it('has a new state folder for each container, and nothing is looked at', async () => {
    const folders = new FilterCacheFolders(state);
    folders.watch('other', undefined);
    await block(folders, 'other', 'a');
    expect(folders.rootFor('other', 'a')).toBe(join(state, 'a'));
    expect(folders.evidenceOf('other')).toBeUndefined();
  });
});
