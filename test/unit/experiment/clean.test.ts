import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleanUp, type CleanEvent } from '../../../src/experiment/session/clean.js';
import type { WorkspaceOwner } from '../../../src/experiment/session/workspace.js';
import { thisProcess } from '../../../src/process/identity.js';
import { holdLock } from '../../../src/process/lock.js';
import { makeOwnedFolder } from '../../../src/process/owned-folder.js';
import { isRunning, RUN_VARIABLE } from '../../../src/process/processes.js';

const OWN_TMPDIR = process.env['TMPDIR'];
let folder = '';
let parent = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-clean-'));
  process.env['TMPDIR'] = folder;
  parent = join(folder, `seccomp-bench-${userInfo().uid}`);
});
afterEach(() => {
  if (OWN_TMPDIR === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = OWN_TMPDIR;
  rmSync(folder, { recursive: true, force: true });
});

const DEAD: WorkspaceOwner = { ...thisProcess(), runId: 'sb-dead', startTicks: 1, runtime: null };

/** As a process that is gone would have written it. */
function own(path: string, owner: WorkspaceOwner): void {
  writeFileSync(join(path, 'owner.json'), JSON.stringify(owner));
}

function workspace(name: string, owner: Partial<WorkspaceOwner> = {}): string {
  const path = join(parent, name);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(parent, 0o700);
  own(path, { ...DEAD, runId: name, ...owner });
  return path;
}

/** A runtime that lists a container until it is deleted, and `stubborn` ones for ever. */
function runtime(stubborn: boolean): string {
  const path = join(folder, stubborn ? 'stubborn' : 'obedient');
  const list = `case "$*" in *" list "*) [ -e "$2/left" ] && echo '[{"id":"left"}]' || echo '[]';; *" delete "*) ${stubborn ? ':' : 'rm "$2/left"'};; esac`;
  writeFileSync(path, `#!/bin/sh\n${list}\n`, { mode: 0o755 });
  return path;
}

function withContainer(name: string, stubborn: boolean): string {
  const path = workspace(name, { runtime: runtime(stubborn) });
  mkdirSync(join(path, 'state'));
  writeFileSync(join(path, 'state/left'), '');
  return path;
}

async function clean(dryRun = false): Promise<readonly CleanEvent[]> {
  const told: CleanEvent[] = [];
  const events = await cleanUp(
    { dryRun },
    { env: process.env, cwd: folder, signal: new AbortController().signal, notify: (event) => told.push(event) },
  );
  expect(told).toEqual(events);
  // /var/tmp may hold folders of real runs.
  return events.filter((event) => event.workspace.startsWith(folder));
}

describe('cleaning up after dead runs', () => {
  it('goes on with the others where one cannot be removed, and keeps that one', async () => {
    const [stubborn, obedient] = [withContainer('sb-a', true), withContainer('sb-b', false)];
    expect(await clean()).toEqual([
      { workspace: stubborn, kind: 'notRemoved', reason: `${join(folder, 'stubborn')} did not remove left` },
      { workspace: obedient, kind: 'removed', containers: 1, processes: 0 },
    ]);
    expect([existsSync(stubborn), existsSync(obedient)]).toEqual([true, false]);
  });

  it('tells that something is removed once it is gone', async () => {
    const path = workspace('sb-c');
    const child = spawn('/bin/sleep', ['60'], { env: { [RUN_VARIABLE]: 'sb-c' }, stdio: 'ignore' });
    await new Promise((resolve) => child.on('spawn', resolve));
    const seen: boolean[] = [];
    await cleanUp(
      { dryRun: false },
      {
        env: process.env,
        cwd: folder,
        signal: new AbortController().signal,
        notify: (event) => {
          if (event.workspace === path) seen.push(existsSync(path), isRunning(child.pid!));
        },
      },
    );
    expect(seen).toEqual([false, false]);
  });

  it('only looks with dryRun', async () => {
    const path = withContainer('sb-d', false);
    expect(await clean(true)).toEqual([{ workspace: path, kind: 'found', containers: 1, processes: 0 }]);
    expect(existsSync(join(path, 'state/left'))).toBe(true);
  });

  it('leaves runs alone that still work, or that another pid namespace or machine knows about', async () => {
    const own = thisProcess();
    const alive = workspace('sb-e', own);
    const elsewhere = workspace('sb-f', { pidNamespace: 'pid:[1]' });
    mkdirSync(join(parent, 'sb-g'));
    expect(await clean()).toEqual([
      { workspace: alive, kind: 'alive', pid: process.pid },
      { workspace: elsewhere, kind: 'cannotTell', pid: process.pid, hostname: own.hostname },
      { workspace: join(parent, 'sb-g'), kind: 'noOwner' },
    ]);
    expect([existsSync(alive), existsSync(elsewhere)]).toEqual([true, true]);
  });

  it('knows by its lock whether a run in another pid namespace still works', async () => {
    const path = workspace('sb-l', { pidNamespace: 'pid:[1]', pid: 7, locked: true });
    const lock = holdLock(join(path, 'owner.json'));
    expect(await clean()).toEqual([{ workspace: path, kind: 'alive', pid: 7 }]);
    lock[Symbol.dispose]();
    expect(await clean()).toEqual([{ workspace: path, kind: 'removed', containers: 0, processes: 0 }]);
  });

  it('leaves the workspace of a run whose daemon does not answer', async () => {
    const path = workspace('sb-h', { daemon: { host: 'unix:///nowhere/S', tlsDir: null } });
    expect(await clean()).toEqual([
      { workspace: path, kind: 'daemonSilent', host: 'unix:///nowhere/S', reason: 'ENOENT' },
    ]);
  });

  it('removes temporary folders of tracers whose bench was killed, and none of a living one', async () => {
    using folderOfTrace = makeOwnedFolder('strace');
    expect(await clean()).toEqual([{ workspace: folderOfTrace.path, kind: 'alive', pid: process.pid }]);
    own(folderOfTrace.path, DEAD);
    expect(await clean()).toEqual([{ workspace: folderOfTrace.path, kind: 'removed', containers: 0, processes: 0 }]);
    expect(existsSync(folderOfTrace.path)).toBe(false);
  });
});
