import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WorkspaceEvent } from '../../../src/experiment/session/clean-workspace.js';
import { cleanUp } from '../../../src/experiment/session/clean.js';
import type { WorkspaceOwner } from '../../../src/experiment/session/workspace.js';
import { thisProcess } from '../../../src/process/identity.js';
import { holdLock } from '../../../src/process/lock.js';
import { makeOwnedFolder, removeOwnedFolder } from '../../../src/process/files/owned-folder.js';
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
  rmSync(join(path, 'owner.json'), { force: true });
  writeFileSync(join(path, 'owner.json'), JSON.stringify(owner));
}

function workspace(name: string, owner: Partial<WorkspaceOwner> = {}): string {
  const path = join(parent, name);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(parent, 0o700);
  own(path, { ...DEAD, runId: name, ...owner });
  return path;
}

/** A program that does what the script says. */
function script(name: string, text: string, mode = 0o755): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode });
  return path;
}

/** A runtime that lists a container until it is deleted, and `stubborn` ones for ever. */
function runtime(stubborn: boolean): string {
  const list = `case "$*" in *" list "*) [ -e "$2/left" ] && echo '[{"id":"left"}]' || echo '[]';; *" delete "*) ${stubborn ? ':' : 'rm "$2/left"'};; esac`;
  return script(stubborn ? 'stubborn' : 'obedient', list);
}

const withContainer = (name: string, stubborn: boolean): string => withState(name, runtime(stubborn));

function withState(name: string, program: string): string {
  const path = workspace(name, { runtime: program });
  mkdirSync(join(path, 'state'));
  writeFileSync(join(path, 'state/left'), '');
  return path;
}

async function clean(dryRun = false): Promise<readonly WorkspaceEvent[]> {
  const told: unknown[] = [];
  const { workspaces, strays } = await cleanUp(
    { dryRun },
    { env: process.env, cwd: folder, signal: new AbortController().signal, notify: (event) => told.push(event) },
  );
  expect(told).toEqual([...workspaces, ...strays]);
  // /var/tmp may hold folders of real runs.
  return workspaces.filter((event) => event.workspace.startsWith(folder));
}

const NOTHING = { containers: 0, processes: 0, cgroups: 0, mounts: 0 };

describe('cleaning up after dead runs', () => {
  it('goes on with the others where one cannot be removed, and keeps that one', async () => {
    const [stubborn, obedient] = [withContainer('sb-a', true), withContainer('sb-b', false)];
    expect(await clean()).toEqual([
      { workspace: stubborn, kind: 'notRemoved', reason: `${join(folder, 'stubborn')} did not remove left` },
      { workspace: obedient, kind: 'removed', ...NOTHING, containers: 1 },
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
          if ('workspace' in event && event.workspace === path) seen.push(existsSync(path), isRunning(child.pid!));
        },
      },
    );
    expect(seen).toEqual([false, false]);
  });

  it('only looks with dryRun', async () => {
    const path = withContainer('sb-d', false);
    expect(await clean(true)).toEqual([{ workspace: path, kind: 'found', ...NOTHING, containers: 1 }]);
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
      { workspace: join(parent, 'sb-g'), kind: 'noOwner', reason: 'missing' },
    ]);
    expect([existsSync(alive), existsSync(elsewhere)]).toEqual([true, true]);
  });

  it('knows by its lock whether a run in another pid namespace still works', async () => {
    const path = workspace('sb-l', { pidNamespace: 'pid:[1]', pid: 7, locked: true });
    const lock = holdLock(join(path, 'owner.json'));
    expect(await clean()).toEqual([{ workspace: path, kind: 'alive', pid: 7 }]);
    lock[Symbol.dispose]();
    expect(await clean()).toEqual([{ workspace: path, kind: 'removed', ...NOTHING }]);
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
    own(folderOfTrace.path, { ...DEAD, runId: basename(folderOfTrace.path) });
    expect(await clean()).toEqual([{ workspace: folderOfTrace.path, kind: 'removed', ...NOTHING }]);
    expect(existsSync(folderOfTrace.path)).toBe(false);
  });
});

const isRoot = process.getuid?.() === 0;

describe('a bad workspace', () => {
  it('costs no other: its runtime cannot be run, says nonsense, or refuses to list', async () => {
    const bad = [
      withState('sb-1', script('no-program', '', 0o644)),
      withState('sb-2', script('garbage', 'echo garbage')),
      withState('sb-3', script('another', `echo '{"id":"x"}'`)),
      withState('sb-4', script('option', `echo '[{"id":"--all"}]'`)),
      withState('sb-5', script('refusing', 'case "$*" in *list*) echo no >&2; exit 3;; esac')),
    ];
    const good = withContainer('sb-6', false);
    const reasons = [
      `could not start ${join(folder, 'no-program')}: permission denied`,
      `${join(folder, 'garbage')} could not list its containers: it did not write a list of containers as JSON`,
      `${join(folder, 'another')} could not list its containers: it did not write a list of containers as JSON`,
      `${join(folder, 'option')} could not list its containers: it did not write a list of containers as JSON`,
      `${join(folder, 'refusing')} could not list its containers: no`,
    ];
    const failures = bad.map((path, index) => ({ workspace: path, kind: 'notRemoved', reason: reasons[index] }));
    const counts = { ...NOTHING, containers: 1 };
    expect(await clean(true)).toEqual([...failures, { workspace: good, kind: 'found', ...counts }]);
    expect(await clean()).toEqual([...failures, { workspace: good, kind: 'removed', ...counts }]);
    expect([...bad, good].map((path) => existsSync(join(path, 'state/left')))).toEqual([...bad.map(() => true), false]);
  });

  it('is removed where its runtime is gone, once no process of the run is left', async () => {
    const path = withState('sb-7', join(folder, 'gone'));
    const child = spawn('/bin/sleep', ['60'], { env: { [RUN_VARIABLE]: 'sb-7' }, stdio: 'ignore' });
    await new Promise((resolve) => child.on('spawn', resolve));
    expect(await clean()).toEqual([{ workspace: path, kind: 'removed', ...NOTHING, processes: 1 }]);
    expect(isRunning(child.pid!)).toBe(false);
  });

  it('is left alone where it is a link, a file, or a FIFO in the place of owner.json', async () => {
    mkdirSync(join(folder, 'elsewhere'));
    own(join(folder, 'elsewhere'), { ...DEAD, runId: 'sb-8' });
    const fifo = workspace('sb-a');
    rmSync(join(fifo, 'owner.json'));
    spawnSync('mkfifo', [join(fifo, 'owner.json')]);
    symlinkSync(join(folder, 'elsewhere'), join(parent, 'sb-8'));
    writeFileSync(join(parent, 'sb-9'), '');
    expect(await clean()).toEqual([
      { workspace: join(parent, 'sb-8'), kind: 'noOwner', reason: 'link' },
      { workspace: join(parent, 'sb-9'), kind: 'noOwner', reason: 'othersMayWrite' },
      { workspace: fifo, kind: 'noOwner', reason: 'invalid' },
    ]);
    expect(existsSync(join(folder, 'elsewhere/owner.json'))).toBe(true);
  });

  it('keeps its owner.json where a file in it cannot be removed, so that the next call can', async (context) => {
    const path = workspace('sb-b');
    writeFileSync(join(path, 'kept'), '');
    writeFileSync(join(path, 'other'), '');
    if (!isRoot || spawnSync('chattr', ['+i', join(path, 'kept')]).status !== 0)
      context.skip('an immutable file needs root, chattr and a file system that has them');
    const reason = `${join(path, 'kept')}: operation not permitted`;
    expect(await clean()).toEqual([{ workspace: path, kind: 'notRemoved', reason }]);
    expect(['other', 'owner.json'].map((name) => existsSync(join(path, name)))).toEqual([false, true]);
    spawnSync('chattr', ['-i', join(path, 'kept')]);
    expect(await clean()).toEqual([{ workspace: path, kind: 'removed', ...NOTHING }]);
  });

  it('loses its mounts first: what is mounted there belongs to others', async (context) => {
    const [path, source] = [workspace('sb-c'), join(folder, 'source')];
    mkdirSync(source);
    writeFileSync(join(source, 'of others'), 'x');
    mkdirSync(join(path, 'a b'));
    if (!isRoot || spawnSync('mount', ['--bind', source, join(path, 'a b')]).status !== 0)
      context.skip('a mount needs root');
    expect(await clean(true)).toEqual([{ workspace: path, kind: 'found', ...NOTHING, mounts: 1 }]);
    expect(() => {
      removeOwnedFolder(path);
    }).toThrow(`still mounted: ${join(path, 'a b')}`);
    expect(await clean()).toEqual([{ workspace: path, kind: 'removed', ...NOTHING, mounts: 1 }]);
    expect([existsSync(path), readFileSync(join(source, 'of others'), 'utf8')]).toEqual([false, 'x']);
  });

  it('is removed where a run was killed before it wrote owner.json, some time ago', async () => {
    mkdirSync(join(parent, 'sb-d'), { recursive: true, mode: 0o700 });
    writeFileSync(join(parent, 'sb-d/owner.json.new'), '');
    expect(await clean()).toEqual([{ workspace: join(parent, 'sb-d'), kind: 'noOwner', reason: 'missing' }]);
    utimesSync(join(parent, 'sb-d'), 1, 1);
    expect(await clean()).toEqual([{ workspace: join(parent, 'sb-d'), kind: 'removed', ...NOTHING }]);
  });

  it('is left to another bench clean that is at it', async () => {
    const path = workspace('sb-e', { locked: true });
    const lock = holdLock(join(path, 'owner.json'));
    expect(await clean()).toEqual([{ workspace: path, kind: 'beingCleaned' }]);
    lock[Symbol.dispose]();
    expect(await clean()).toEqual([{ workspace: path, kind: 'removed', ...NOTHING }]);
  });
});
