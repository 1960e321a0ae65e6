import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, type TestContext } from 'vitest';
import { CLI, needs, needsRoot, PrivateSandbox, workspacesFolder } from './bench.js';

const sandbox = new PrivateSandbox();
const SMALL = join(sandbox.folder, 'small');
afterEach(() => {
  spawnSync('umount', ['--lazy', SMALL], { stdio: 'ignore' });
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

/** A disk that holds this much, at `small`. */
function smallDisk(context: TestContext, size: string): void {
  needsRoot(context);
  mkdirSync(SMALL, { recursive: true });
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', SMALL]).status !== 0)
    context.skip('a tmpfs of its own is needed');
}

const STARTS = ['sequential', '--engine', 'oci', '--runtime', 'FAKE', '--warmup', '0'];

function starts(count: number, ...more: readonly string[]): ReturnType<PrivateSandbox['bench']> {
  const words = STARTS.map((word) => (word === 'FAKE' ? sandbox.runtime('') : word));
  return sandbox.bench([...words, '--count', String(count), ...more]);
}

describe('a disk that fills up in the middle of a run', () => {
  it('costs the samples that do not fit: ledger, checksums, summary, report and exports are made', (context) => {
    smallDisk(context, '120k');
    const { status, stdout, stderr } = starts(2000, '--results', 'small', '--export-csv', 'out.csv');
    const [name = ''] = readdirSync(SMALL);
    const folder = join(SMALL, name);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining(`bench: could not write ${join(folder, 'samples.jsonl')}: no space left on device`),
    ]);
    const { ended } = JSON.parse(readFileSync(join(folder, 'ledger.json'), 'utf8')) as { readonly ended: string };
    const sums = spawnSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' });
    expect([ended, sums.status, sums.stdout]).toEqual(['error', 0, '']);
    expect(existsSync(join(folder, '.reserve'))).toBe(false);
    const samples = readFileSync(join(folder, 'samples.jsonl'), 'utf8').trimEnd().split('\n');
    const blocks = new Set(samples.map((line) => (JSON.parse(line) as { readonly block: number }).block)).size;
    expect(stdout).toContain(` ${blocks} of 2,000 blocks`);
    expect(readFileSync(join(sandbox.folder, 'out.csv'), 'utf8').trimEnd().split('\n')).toHaveLength(
      samples.length + 1,
    );
    expect(existsSync(join(sandbox.folder, 'reports', name, 'index.html'))).toBe(true);
    expect(sandbox.bench(['report', folder, '--reports', 'again']).status).toBe(0);
    rmSync(join(sandbox.folder, 'again'), { recursive: true });
  });

  it('is said of every part that it costs', (context) => {
    smallDisk(context, '120k');
    const more = ['--results', 'small', '--reports', 'small/reports', '--export-csv', 'out.csv'];
    const { status, stderr } = starts(2000, ...more);
    const said = stderr.split('\n').filter((line) => line.startsWith('bench: '));
    expect([status, said]).toEqual([
      2,
      [
        expect.stringMatching(/^bench: could not write .*samples\.jsonl: no space left on device$/),
        expect.stringMatching(/^bench: could not (write|create) .*reports.*: no space left on device$/),
      ],
    ]);
    expect(existsSync(join(sandbox.folder, 'out.csv'))).toBe(true);
  });

  it('at its beginning ends the run before anything is measured', (context) => {
    smallDisk(context, '4k');
    const { status, stderr } = starts(20, '--results', 'small');
    expect([status, stderr]).toEqual([2, expect.stringMatching(/bench: could not create .*: no space left on device/)]);
  });
});

describe('a report or an export that cannot be written', () => {
  it('costs no other, nor the summary, and each is named', (context) => {
    smallDisk(context, '4k');
    const more = ['--export-csv', 'small/a.csv', '--export-gobench', 'small/b.txt', '--export-hyperfine', 'c.json'];
    const { status, stdout, stderr } = starts(20, ...more, '--reports', 'small');
    expect(stdout).toContain('20 blocks');
    expect([status, stderr]).toEqual([2, expect.stringContaining('bench: --export-csv: could not write')]);
    expect(stderr).toMatch(/bench: could not (write|create) .*small.*: no space left on device/);
    expect(existsSync(join(sandbox.folder, 'c.json'))).toBe(true);
    const [name = ''] = readdirSync(join(sandbox.folder, 'results'));
    expect(existsSync(join(sandbox.folder, 'results', name, 'SHA256SUMS'))).toBe(true);
  });
});

describe('bench clean and workspaces that cannot be removed', () => {
  const parent = workspacesFolder(sandbox.tmp);

  function workspace(id: string, script: string): string {
    const path = join(parent, id);
    mkdirSync(join(path, 'state'), { recursive: true, mode: 0o700 });
    chmodSync(parent, 0o700);
    const runtime = join(sandbox.folder, `${id}.sh`);
    writeFileSync(runtime, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    writeFileSync(join(path, 'owner.json'), JSON.stringify({ runId: id, pid: 1, startTicks: 1, runtime }));
    return path;
  }

  it('ends a runtime that hangs, removes the others, and names what stays with its reason', () => {
    const hanging = workspace('sb-00000001', 'case "$*" in *list*) sleep 600;; esac');
    const garbage = workspace('sb-00000002', 'echo garbage');
    const good = workspace('sb-00000003', 'echo null');
    for (const option of [['--dry-run'], []]) {
      const { status, stdout, stderr } = sandbox.bench(['clean', ...option]);
      const done = option.length > 0 ? 'would remove' : 'removed';
      expect([status, stdout]).toEqual([1, expect.stringContaining(`${done} ${good}: 0 containers, 0 processes\n`)]);
      expect(stderr).toContain(`  ${hanging}: ${join(sandbox.folder, 'sb-00000001.sh')} --root ${hanging}/state list`);
      expect(stderr).toMatch(/list --format json did not end within 10 s\n/);
      expect(stderr).toContain(
        `  ${garbage}: ${join(sandbox.folder, 'sb-00000002.sh')} could not list its containers: `,
      );
    }
    expect(readdirSync(parent)).toEqual(['sb-00000001', 'sb-00000002']);
    rmSync(parent, { recursive: true });
  });

  it('says where it looked where there is nothing', () => {
    const { status, stdout } = sandbox.bench(['clean']);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^nothing to clean\nlooked in .*seccomp-bench-\d+, /)]);
    expect(stdout).toContain(parent);
  });

  it('leaves a run alone that works in another pid namespace', async (context) => {
    needsRoot(context);
    needs(context, 'unshare');
    const words = ['sequential', '--engine', 'namespaces', '--count', '5000', '--no-report'];
    const inside = ['--pid', '--fork', '--mount-proc', '--kill-child', process.execPath, CLI, ...words];
    const env = { ...process.env, TMPDIR: sandbox.tmp };
    const run = spawn('unshare', inside, { cwd: sandbox.folder, env, stdio: 'ignore' });
    const end = once(run, 'close');
    while (sandbox.workspaces().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const [id = ''] = sandbox.workspaces();
    while (!existsSync(join(parent, id, 'owner.json'))) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(sandbox.bench(['clean']).stderr).toContain(`${id} belongs to a run that is still working`);
    run.kill('SIGKILL');
    await end;
    expect(sandbox.bench(['clean']).stdout).toContain(`removed ${join(parent, id)}: `);
  });
});
