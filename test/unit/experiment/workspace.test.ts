import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  allWorkspaces,
  makeWorkspace,
  noteRuntime,
  readOwner,
  removeWorkspace,
  workspaceParents,
} from '../../../src/experiment/session/workspace.js';
import { thisProcess } from '../../../src/process/identity.js';
import { nativePrograms } from '../payload/machine.js';

const OWN_TMPDIR = process.env['TMPDIR'];
let folder = '';
let parent = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-workspace-'));
  process.env['TMPDIR'] = folder;
  parent = join(folder, `seccomp-bench-${userInfo().uid}`);
});
afterEach(() => {
  if (OWN_TMPDIR === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = OWN_TMPDIR;
  rmSync(folder, { recursive: true });
});

/** Workspaces in this test's own folder; /var/tmp may hold those of real runs. */
const ours = (): readonly string[] => allWorkspaces(folder).filter((path) => path.startsWith(folder));

describe("a run's workspace", () => {
  it('is made where programs may run, for this user alone, and says whose it is', async (ctx) => {
    const workspace = await makeWorkspace('sb-1', folder, nativePrograms(ctx).payload);
    expect([workspace, statSync(workspace).mode & 0o777, readdirSync(workspace)]).toEqual([
      join(parent, 'sb-1'),
      0o700,
      ['owner.json'],
    ]);
    expect(readOwner(workspace)).toEqual({
      runId: 'sb-1',
      ...thisProcess(),
      runtime: null,
      locked: true,
    });
    noteRuntime(workspace, '/usr/sbin/runc');
    expect(readOwner(workspace)).toMatchObject({ runId: 'sb-1', runtime: '/usr/sbin/runc' });
    expect(ours()).toEqual([workspace]);
    removeWorkspace(workspace);
    expect(existsSync(parent)).toBe(false);
  });

  it('is looked for in the temporary folders and the current one, each once', () => {
    const name = `seccomp-bench-${userInfo().uid}`;
    expect(workspaceParents('/somewhere')).toEqual([parent, join('/var/tmp', name), join('/somewhere', name)]);
    expect(workspaceParents(folder)).toEqual([parent, join('/var/tmp', name)]);
  });

  it("is made elsewhere where the folder's known name was taken by others", async (ctx) => {
    mkdirSync(parent);
    chmodSync(parent, 0o777);
    const workspace = await makeWorkspace('sb-2', folder, nativePrograms(ctx).payload);
    removeWorkspace(workspace);
    expect([workspace.startsWith(folder), existsSync(join(parent, 'sb-2'))]).toEqual([false, false]);
  });

  it('says for every place why it cannot be made there', async () => {
    writeFileSync(join(folder, 'no-program'), 'x');
    await expect(makeWorkspace('sb-3', folder, join(folder, 'no-program'))).rejects.toThrow(
      /no folder for temporary files can run programs: .*seccomp-bench-.*; \/var\/tmp\/seccomp-bench-/,
    );
    expect(existsSync(parent)).toBe(false);
  });
});

const FORGED = { runId: 'sb-4', pid: 1, startTicks: 0, runtime: '/evil' };

describe('what bench clean may look into', () => {
  const forged = (): void => {
    mkdirSync(join(parent, 'sb-4'), { recursive: true });
    writeFileSync(join(parent, 'sb-4/owner.json'), JSON.stringify(FORGED));
  };

  it('is no folder that others may write to: its owner.json names a program to run', () => {
    forged();
    expect(ours()).toEqual([join(parent, 'sb-4')]);
    chmodSync(parent, 0o757);
    expect(ours()).toEqual([]);
  });

  it('is no folder of another user', (ctx) => {
    if (process.getuid?.() !== 0) ctx.skip('giving a folder away needs root');
    forged();
    chownSync(parent, 65534, 65534);
    expect(ours()).toEqual([]);
  });

  it('is no link to another folder', () => {
    mkdirSync(join(folder, 'elsewhere/sb-5'), { recursive: true });
    symlinkSync(join(folder, 'elsewhere'), parent);
    expect(ours()).toEqual([]);
  });

  it('may have an owner.json of an earlier version, without boot id and pid namespace', () => {
    forged();
    expect(readOwner(join(parent, 'sb-4'))).toEqual(FORGED);
  });

  it('has a whole owner.json', () => {
    mkdirSync(parent);
    for (const text of [
      '',
      'null',
      '[]',
      '{}',
      '{"runId":"","pid":1,"startTicks":1,"runtime":null}',
      '{"runId":"x","pid":"1","startTicks":1,"runtime":null}',
      '{"runId":"x","pid":1,"startTicks":1}',
      '{"runId":"x","pid":1,"startTicks":1,"runtime":null,"bootId":7}',
      '{"runId":"ID","pid":1,"startTicks":1,"runtime":null,"locked":1}',
      '{"runId":"ID","pid":1.5,"startTicks":1,"runtime":null}',
      '{"runId":"ID","pid":1,"startTicks":1,"runtime":"runc"}',
      '{"runId":"../../x","pid":1,"startTicks":1,"runtime":null}',
      `{"runId":"ID","pid":1,"startTicks":1,"runtime":null,"more":"${'x'.repeat(70_000)}"}`,
    ].map((each) => each.replace('ID', basename(parent)))) {
      writeFileSync(join(parent, 'owner.json'), text);
      expect([text, readOwner(parent)]).toEqual([text, undefined]);
    }
    writeFileSync(join(parent, 'owner.json'), JSON.stringify({ ...FORGED, runId: basename(parent) }));
    expect(readOwner(parent)).toMatchObject({ runtime: '/evil' });
    writeFileSync(join(parent, 'owner.json'), '');
    expect(readOwner(join(folder, 'nowhere'))).toBeUndefined();
    noteRuntime(parent, '/usr/sbin/runc');
    expect(readFileSync(join(parent, 'owner.json'), 'utf8')).not.toContain('runc');
  });
});
