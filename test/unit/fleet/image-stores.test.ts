import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { idsInArchive } from '../../../src/engine/docker/swarm/image-ids.js';
import type { SwarmNode, SwarmTask } from '../../../src/engine/index.js';
import { OtherStores, withRemedy } from '../../../src/fleet/image-stores.js';
import type { FleetGroup } from '../../../src/fleet/plan.js';

const folder = mkdtempSync(join(tmpdir(), 'bench-stores-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const CONFIG = digest('config');
const MANIFEST = digest('manifest');

/** As `docker save` writes it, with a layer of 300 kB first, in chunks of a size that no file of it has. */
async function* archive(files: Readonly<Record<string, string>>): AsyncGenerator<Buffer> {
  const root = mkdtempSync(join(folder, 'a-'));
  mkdirSync(join(root, 'blobs'));
  writeFileSync(join(root, 'blobs/layer'), 'x'.repeat(300_000));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  const { stdout } = spawnSync('tar', ['-C', root, '-cf', '-', 'blobs', ...Object.keys(files)], { maxBuffer: 1 << 24 });
  for (let at = 0; at < stdout.length; at += 777) yield await Promise.resolve(stdout.subarray(at, at + 777));
}

describe('the ids of an image in its archive', () => {
  it('are those of its configuration and of its manifest', async () => {
    expect(
      await idsInArchive(
        archive({
          'index.json': JSON.stringify({ manifests: [{ digest: `sha256:${MANIFEST}` }] }),
          'manifest.json': JSON.stringify([{ Config: `blobs/sha256/${CONFIG}`, RepoTags: ['bench:1'] }]),
        }),
      ),
    ).toEqual({ config: `sha256:${CONFIG}`, manifest: `sha256:${MANIFEST}` });
  });

  it('lack the manifest where Docker before 25 saved it, and are unknown in anything else', async () => {
    expect(await idsInArchive(archive({ 'manifest.json': JSON.stringify([{ Config: `${CONFIG}.json` }]) }))).toEqual({
      config: `sha256:${CONFIG}`,
      manifest: null,
    });
    expect(await idsInArchive(archive({ 'manifest.json': 'not JSON' }))).toEqual({ config: null, manifest: null });
    expect(await idsInArchive(archive({}))).toEqual({ config: null, manifest: null });
  });
});

const node = (id: string): SwarmNode => ({ id, name: id }) as SwarmNode;
const GROUP: FleetGroup = {
  arch: 'x86_64',
  imageId: `sha256:${CONFIG}`,
  imageName: 'bench:1',
  nodes: [node('one'), node('two')],
};
const task = (
  id: string,
  nodeId: string,
  words = `No such image: sha256:${CONFIG}`,
  state = 'rejected',
): SwarmTask => ({
  id,
  nodeId,
  state,
  words,
  exitCode: null,
});

describe('nodes whose image store has the image under another id', () => {
  const ids = { config: `sha256:${CONFIG}`, manifest: `sha256:${MANIFEST}` };

  it('get the job again with that id, once each', async () => {
    const started: string[] = [];
    let saved = 0;
    const stores = new OtherStores({
      swarm: {
        imageIds: () => {
          saved += 1;
          return Promise.resolve(ids);
        },
      },
      groups: [GROUP],
      start: ({ id }, imageId) => {
        started.push(`${id} ${imageId}`);
        return Promise.resolve();
      },
    });
    // Swarm makes a second task where one is rejected.
    expect(await Promise.all([stores.again(task('t1', 'one')), stores.again(task('t1b', 'one'))])).toEqual([
      true,
      true,
    ]);
    expect(await stores.again(task('t2', 'two'))).toBe(true);
    expect(started).toEqual([`one sha256:${MANIFEST}`, `two sha256:${MANIFEST}`]);
    expect(saved).toBe(1);
    // It is not there under the other id either.
    expect(await stores.again(task('t3', 'one', `No such image: sha256:${MANIFEST}`))).toBe(false);
    expect(started).toHaveLength(2);
  });

  it('are left as they are where the task failed for another reason, or no other id is known', async () => {
    const start = () => Promise.reject(new Error('not expected'));
    const failing = new OtherStores({
      swarm: { imageIds: () => Promise.reject(new Error('x')) },
      groups: [GROUP],
      start,
    });
    expect(await failing.again(task('t1', 'one'))).toBe(false);
    const stores = new OtherStores({ swarm: { imageIds: () => Promise.resolve(ids) }, groups: [GROUP], start });
    expect(await stores.again(task('t2', 'one', 'no space left on device'))).toBe(false);
    expect(await stores.again(task('t3', 'one', undefined, 'running'))).toBe(false);
    expect(await stores.again(task('t4', 'elsewhere'))).toBe(false);
  });

  it('are told how to load the image, and what else may be wrong where it is there', () => {
    const words = withRemedy(task('t', 'two'), [GROUP]);
    expect(words).toContain('docker save bench:1 | ssh NODE docker load');
    expect(words).toContain("that node's image store has it under another id");
    expect(withRemedy(task('t', 'two', 'no space left on device'), [GROUP])).toBe('no space left on device');
  });
});
