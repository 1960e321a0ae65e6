import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readOwner } from '../../src/experiment/session/workspace.js';
import { needs, needsRoot, PrivateSandbox, workspacesFolder } from './bench.js';

const sandbox = new PrivateSandbox();
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const WORKSPACES = workspacesFolder(sandbox.tmp);
const workspaces = (): readonly string[] => sandbox.workspaces().map((name) => join(WORKSPACES, name));

/** An OCI runtime as a shell script. */
function runtime(name: string, script: string): string {
  const path = join(sandbox.folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('a run whose runtime does not remove its containers', () => {
  it('says why the run ended first and what is left behind second, and leaves the folder for bench clean', () => {
    const mean = runtime(
      'mean',
      'case "$1 $3" in "--version "*) echo mean 1;; ' +
        '*" list") echo "[{\\"id\\":\\"left\\"}]";; *" run") echo mean failure >&2; exit 1;; esac',
    );
    const { status, stderr } = sandbox.bench([
      'sequential',
      '--engine',
      'oci',
      '--runtime',
      mean,
      '--count',
      '1',
      '--no-report',
    ]);
    const left = workspaces();
    rmSync(WORKSPACES, { recursive: true, force: true });
    expect([status, stderr.split('\n').filter((line) => line.startsWith('bench: '))]).toEqual([
      2,
      [
        'bench: oci could not start a container, even without seccomp: exit code 1: mean failure',
        'bench: oci did not remove left',
      ],
    ]);
    expect(left).toHaveLength(1);
  });
});

describe('a run killed after an engine was refused', () => {
  it('still has an owner by which bench clean knows it', async (context) => {
    needsRoot(context);
    needs(context, 'unshare');
    runtime('runc', 'echo "no cgroup" >&2; exit 1');
    runtime('crun', 'echo "no cgroup" >&2; exit 1');
    const { pid, end, stderr } = sandbox.start(['sequential', '--count', '100000', '--no-report'], {
      PATH: `${sandbox.folder}:${process.env['PATH'] ?? ''}`,
    });
    while (!stderr().includes('samples in')) await new Promise((resolve) => setTimeout(resolve, 20));
    process.kill(pid, 'SIGKILL');
    await end;
    expect(stderr()).toContain('engine namespaces');
    const mine = workspaces();
    expect(mine.map((path) => readOwner(path)?.pid)).toEqual([pid]);
    expect(sandbox.bench(['clean']).stdout).toContain(`removed ${mine[0] ?? ''}`);
    expect(workspaces()).toEqual([]);
    rmSync(join(sandbox.folder, 'results'), { recursive: true });
  });
});
