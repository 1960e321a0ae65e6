import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, mkdirSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cachedFilterOf, SharedFilterCache } from '../../../src/engine/oci/shared-filter-cache.js';
import { compiledFiltersIn } from '../../../src/engine/oci/filter-cache.js';

let root = '';
let monitor: ChildProcess | null = null;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'state-'));
});
afterEach(async () => {
  if (monitor !== null && monitor.exitCode === null) {
    monitor.stdin?.end();
    await once(monitor, 'exit');
  }
  monitor = null;
  rmSync(root, { recursive: true, force: true });
});

const fileOf = (name: string): string => join(compiledFiltersIn(root), name);

/** A container below the state folder, whose filter is the named one of the cache. */
function container(id: string, name: string | null): string {
  const own = join(root, id, 'seccomp.bpf');
  mkdirSync(dirname(own), { recursive: true });
  if (name === null) writeFileSync(own, 'its own');
  else linkSync(fileOf(name), own);
  return own;
}

/** A process whose parent is a monitor with these arguments and in this folder. */
async function runningUnder(args: readonly string[], cwd = root): Promise<number> {
  monitor = spawn('sh', ['-c', 'sleep 60 & echo $!; read line; kill $!', 'conmon', ...args], {
    cwd,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const [text] = (await once(monitor.stdout!, 'data')) as [Buffer];
  return Number(text.toString());
}

beforeEach(() => {
  mkdirSync(compiledFiltersIn(root), { recursive: true });
  for (const name of ['one', 'two']) writeFileSync(fileOf(name), name);
});

describe('the compiled filter of a running container', () => {
  it("is found below the state folder that Podman's monitor names", async () => {
    container('id', 'two');
    const pid = await runningUnder(['--runtime-arg', `--root=${root}`]);
    expect(cachedFilterOf({ id: 'id', pid })?.path).toBe(fileOf('two'));
  });

  it("is found below the state folder that a shim's options name, in the namespace of its bundle", async () => {
    const bundle = join(root, 'task', 'moby', 'id');
    mkdirSync(bundle, { recursive: true });
    writeFileSync(join(bundle, 'options.json'), JSON.stringify({ root: dirname(root) }));
    const pid = await runningUnder([], bundle);
    expect(cachedFilterOf({ id: 'id', pid })).toBeUndefined();
    writeFileSync(join(bundle, 'options.json'), JSON.stringify({ root: join(root, 'runtime') }));
    const moby = join(root, 'runtime', 'moby');
    mkdirSync(compiledFiltersIn(moby), { recursive: true });
    mkdirSync(join(moby, 'id'));
    writeFileSync(join(compiledFiltersIn(moby), 'three'), 'three');
    linkSync(join(compiledFiltersIn(moby), 'three'), join(moby, 'id', 'seccomp.bpf'));
    expect(cachedFilterOf({ id: 'id', pid })?.path).toBe(join(compiledFiltersIn(moby), 'three'));
  });

  it('is none where the container has a file of its own', async () => {
    container('id', null);
    const pid = await runningUnder(['--runtime-arg', `--root=${root}`]);
    expect(cachedFilterOf({ id: 'id', pid })).toBeUndefined();
  });
});

describe('a cache that all containers share', () => {
  it('counts from when the file of an arm is known, and only what leaves the file as it was', async () => {
    const cache = new SharedFilterCache();
    cache.watch('before', 'warm');
    cache.endedWell('before', 1);
    cache.look();
    expect(cache.evidenceOf('before')).toEqual({ state: 'warm', containers: 0, shown: 0, file: null });
    container('first', 'one');
    const pid = await runningUnder(['--runtime-arg', `--root=${root}`]);
    cache.learn('before', { id: 'first', pid });
    await sleep(12);
    unlinkSync(container('second', 'one'));
    cache.endedWell('before', 1);
    cache.look();
    expect(cache.evidenceOf('before')).toMatchObject({ containers: 1, shown: 1, file: { bytes: 3 } });
    rmSync(fileOf('one'));
    cache.endedWell('before', 1);
    cache.look();
    expect(cache.evidenceOf('before')).toMatchObject({ containers: 2, shown: 1 });
  });

  it('knows nothing of an arm that it does not watch', () => {
    const cache = new SharedFilterCache();
    cache.watch('before', undefined);
    cache.learn('before', { id: 'x', pid: process.pid });
    expect(cache.evidenceOf('before')).toBeUndefined();
  });
});
