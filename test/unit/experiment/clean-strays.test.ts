import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { cleanUp, type StrayEvent } from '../../../src/experiment/session/clean.js';
import { claimFolder } from '../../../src/process/files/owned-folder.js';
import { isRunning, RUN_VARIABLE } from '../../../src/process/processes.js';

const runId = `sb-${randomBytes(4).toString('hex')}`;
const children: ChildProcess[] = [];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-strays-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** The mount points of a hierarchy in which this process may make cgroups. */
function hierarchy(context: TestContext): string {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type = '']) => type.startsWith('cgroup'));
  const usable = mounts.map(([, path = '']) => path).find(mayMake);
  if (usable === undefined) context.skip('making cgroups needs root and a cgroup file system that is writable');
  return usable;
}

function mayMake(path: string): boolean {
  const probe = join(path, `bench-probe-${process.pid}`);
  try {
    mkdirSync(probe);
    rmdirSync(probe);
    return true;
  } catch {
    return false;
  }
}

async function clean(dryRun = false): Promise<StrayEvent | undefined> {
  const { strays } = await cleanUp(
    { dryRun },
    { env: {}, cwd: folder, signal: new AbortController().signal, notify: () => undefined },
  );
  return strays.find((event) => event.runId === runId);
}

/** A process of the run whose first argument is `name`. */
async function started(name = 'sleep'): Promise<number> {
  const child = spawn('/bin/sleep', ['60'], { argv0: name, env: { [RUN_VARIABLE]: runId }, stdio: 'ignore' });
  children.push(child);
  await new Promise((resolve) => child.on('spawn', resolve));
  return child.pid!;
}

describe('what is left of a run without a workspace', () => {
  it('is found by the names of its cgroups, at every depth, and removed', async (context) => {
    const top = hierarchy(context);
    const nested = join(top, `bench-parent-${process.pid}`);
    const cgroups = [join(top, `${runId}-a`), join(nested, `crun-${runId}-b.scope/inner`)];
    for (const cgroup of cgroups) mkdirSync(cgroup, { recursive: true });
    try {
      const counts = { runId, processes: 0, cgroups: 2 };
      expect(await clean(true)).toEqual({ ...counts, kind: 'found' });
      expect(cgroups.every((cgroup) => existsSync(cgroup))).toBe(true);
      expect(await clean()).toEqual({ ...counts, kind: 'removed' });
      expect(cgroups.some((cgroup) => existsSync(cgroup))).toBe(false);
    } finally {
      rmdirSync(nested);
    }
  });

  it('is ended where a process names a folder that is gone, with what runs in its cgroups', async (context) => {
    const cgroup = join(hierarchy(context), `${runId}-c`);
    mkdirSync(cgroup);
    const named = await started(join(folder, `seccomp-bench-${userInfo().uid}`, runId, 'state'));
    writeFileSync(join(cgroup, 'cgroup.procs'), String(named));
    expect(await clean()).toEqual({ runId, kind: 'removed', processes: 1, cgroups: 1 });
    expect([isRunning(named), existsSync(cgroup)]).toEqual([false, false]);
  });

  it('is left alone where its folder may be in another place, with its processes', async () => {
    const silent = await started();
    expect(await clean()).toEqual({ runId, kind: 'leftAlone', pids: [silent], workspace: null });
    const elsewhere = join(folder, 'elsewhere', `seccomp-bench-${userInfo().uid}`, runId);
    mkdirSync(elsewhere, { recursive: true });
    const named = await started(join(elsewhere, 'state'));
    expect(await clean()).toEqual({ runId, kind: 'leftAlone', pids: [silent, named], workspace: elsewhere });
    expect([isRunning(silent), isRunning(named)]).toEqual([true, true]);
  });

  it('is not what a working run has, even where its folder is in another place or was removed', async () => {
    const workspace = join(folder, 'other', runId);
    mkdirSync(workspace, { recursive: true });
    claimFolder(workspace, { runId, runtime: null });
    await started();
    expect(await clean()).toBeUndefined();
    rmSync(workspace, { recursive: true });
    expect(await clean()).toBeUndefined();
  });
});
