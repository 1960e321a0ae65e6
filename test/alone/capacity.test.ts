import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import type { CapacityDocument } from '../../src/cli/output/documents.js';
import { JIT_LIMIT } from '../../src/experiment/capacity/limit.js';
import { cgroupsNamed } from '../../src/process/cgroup/cgroups.js';
import { thisProcess } from '../../src/process/identity.js';
import { CLI, needsRoot, PrivateSandbox, workspacesFolder } from '../e2e/bench.js';

const ENOTSUPP = 524;
const sandbox = new PrivateSandbox();
const limit = readLimit();
afterEach(() => {
  expect(readLimit()).toBe(limit);
  expect(running()).toEqual([]);
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

function readLimit(): number | null {
  try {
    return JIT_LIMIT.read();
  } catch {
    return null;
  }
}

/** Tests may lower the limit only as root of the machine itself. */
function needsLimit(context: TestContext): void {
  needsRoot(context);
  if (limit === null) context.skip('net.core.bpf_jit_limit cannot be read here');
}

/** Command lines of crowds, of this test alone. */
const running = (): readonly string[] => {
  const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes('/crowd ') && line.includes(sandbox.tmp));
};

describe('bench capacity', () => {
  it('measures the program that it predicts, and counts filters until the kernel refuses', (context) => {
    needsLimit(context);
    const { status, stdout, stderr } = sandbox.bench(['capacity', '--until-refused', '--tasks', '200', '--json']);
    expect([status, stderr]).toEqual([0, '']);
    const found = JSON.parse(stdout) as CapacityDocument;
    const { memory, room, counted } = found;
    if (memory.program.state !== 'measured' || memory.image.state !== 'measured' || room.state !== 'measured')
      throw new Error(stdout);
    expect(Math.round(memory.program.value.bytes / 4096) * 4096).toBe(memory.predictedProgram);
    expect(counted.map(({ crowd }) => crowd.refusal)).toEqual(counted.map(() => ({ step: 'load', errno: ENOTSUPP })));
    expect(room.value.limit).toBe(limit);
    expect(room.value.filters.low).toBeGreaterThan(1000);
    expect([found.stack.loaded, found.stack.refusal?.step]).toEqual([found.stack.predicted, 'load']);
    expect(found.stack.after).toEqual({ same: found.stack.refusal?.errno, smallest: 0 });
    expect([found.results.length, found.report?.endsWith('index.html')]).toEqual([1, true]);
    expect(cgroupsNamed((name) => name.endsWith('-memory') && name.startsWith('sb-'))).toEqual([]);
  });

  it('is run from a scenario file, and keeps results that are reported and exported again', (context) => {
    needsLimit(context);
    sandbox.clear();
    writeFileSync(
      join(sandbox.folder, 'memory.json'),
      JSON.stringify({ kind: 'capacity', title: 'Ours', profile: 'docker', tasks: 20 }),
    );
    const { status, stderr } = sandbox.bench(['run', 'memory.json', '--no-report']);
    expect([status, stderr]).toEqual([0, '']);
    const results = sandbox.results();
    const again = sandbox.bench(['report', results, '--json', '--export-csv', 'out.csv']);
    const { report, points, sentences } = JSON.parse(again.stdout) as CapacityDocument;
    expect([points.map(({ filters }) => filters), sentences.length > 2]).toEqual([[5, 10, 15, 20], true]);
    expect(readFileSync(join(sandbox.folder, report ?? ''), 'utf8')).toContain('<h1>Ours</h1>');
    expect(readFileSync(join(sandbox.folder, 'out.csv'), 'utf8').split('\r\n')[1]).toContain(',memory,0,5,5,');
    expect(sandbox.bench(['run', 'memory.json', '--engine', 'runc'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('bench: --engine cannot be combined with scenario memory\n') as string,
    });
    expect(sandbox.bench(['sequential', '--profile', 'none.json']).status).toBe(2);
    expect(sandbox.workspaces()).toEqual([]);
  });

  it('refuses to lower a limit that is read-only, and one in a user namespace', (context) => {
    needsLimit(context);
    const words = [process.execPath, CLI, 'capacity', '--until-refused'];
    const inside = (file: string, args: readonly string[]) =>
      spawnSync(file, [...args, ...words], { cwd: sandbox.folder, encoding: 'utf8' });
    const readOnly = 'mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys && exec "$@"';
    const mounted = inside('unshare', ['--mount', 'sh', '-c', readOnly, 'sh']);
    expect([mounted.status, mounted.stderr.split('\n')[0]]).toEqual([
      2,
      'bench: --until-refused requires the right to lower net.core.bpf_jit_limit; /proc/sys is read-only here',
    ]);
    const mapped = inside('unshare', ['--user', '--map-root-user']);
    if (mapped.stderr.startsWith('unshare:')) context.skip('no user namespaces here');
    expect([mapped.status, mapped.stderr.split('\n')[0]]).toEqual([
      2,
      'bench: --until-refused requires the right to lower net.core.bpf_jit_limit',
    ]);
    expect(sandbox.workspaces()).toEqual([]);
  });

  it('refuses a profile without seccomp, and a stack that no task can have', () => {
    sandbox.clear();
    writeFileSync(join(sandbox.folder, 'nothing.json'), '{}');
    const nothing = sandbox.bench(['capacity', 'nothing.json']);
    expect([nothing.status, nothing.stderr.split('\n')[0]]).toEqual([
      2,
      'bench: nothing.json disables seccomp: it has no default action and no rules',
    ]);
    const { status, stderr } = sandbox.bench(['capacity', '--stacked', '64', '--tasks', '10']);
    expect([status, stderr]).toEqual([
      2,
      'bench: the kernel refused to load the filter in task 1 (errno 12)\n' +
        '  One task may have filters of 32,768 instructions in all: choose a smaller --stacked.\n',
    ]);
    expect(sandbox.workspaces()).toEqual([]);
  });

  it('counts stacked filters one by one', (context) => {
    needsLimit(context);
    const { stdout } = sandbox.bench(['capacity', '--until-refused', '--tasks', '50', '--stacked', '4', '--json']);
    const { counted } = JSON.parse(stdout) as CapacityDocument;
    expect(counted.length).toBeGreaterThan(2);
    for (const { crowd } of counted) expect(Math.floor(crowd.filters / 4)).toBe(crowd.tasks);
  });

  it('restores the limit and ends all tasks where it is killed', async (context) => {
    needsLimit(context);
    for (const afterMs of [300, 700, 1500]) {
      const child = spawn(process.execPath, [CLI, 'capacity', '--until-refused', '--tasks', '50'], {
        env: { ...process.env, TMPDIR: sandbox.tmp },
        cwd: sandbox.folder,
        stdio: 'ignore',
      });
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      await until(() => readLimit() === limit && running().length === 0);
    }
    sandbox.bench(['clean']);
    expect(sandbox.workspaces()).toEqual([]);
    expect(cgroupsNamed((name) => name.endsWith('-memory') && name.startsWith('sb-'))).toEqual([]);
  });

  it('leaves a limit that both were killed under to bench clean', (context) => {
    needsLimit(context);
    if (limit === null) return;
    const lowered = limit - 4096;
    const runId = 'sb-ca9ac17e';
    const path = join(workspacesFolder(sandbox.tmp), runId);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const owner = { ...thisProcess(), runId, startTicks: 1, runtime: null, limit: { was: limit, lowered } };
    writeFileSync(join(path, 'owner.json'), JSON.stringify(owner));
    writeFileSync(JIT_LIMIT.path, String(lowered));
    try {
      const { stdout } = sandbox.bench(['clean']);
      expect(stdout).toContain('net.core.bpf_jit_limit');
      expect(readLimit()).toBe(limit);
    } finally {
      writeFileSync(JIT_LIMIT.path, String(limit));
    }
  });

  it('refuses to lower the limit where it may not, and measures memory without that', (context) => {
    needsRoot(context);
    const home = mkdtempSync(join(tmpdir(), 'bench-capacity-user-'));
    chmodSync(home, 0o777);
    const asUser = (args: readonly string[]) =>
      spawnSync('setpriv', ['--reuid', '65534', '--clear-groups', process.execPath, CLI, 'capacity', ...args], {
        cwd: home,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] },
      });
    const refused = asUser(['--until-refused']);
    expect([refused.status, refused.stderr.split('\n')[0]]).toEqual([
      2,
      'bench: --until-refused requires the right to lower net.core.bpf_jit_limit',
    ]);
    const { stdout } = asUser(['--tasks', '20', '--no-report']);
    rmSync(home, { recursive: true });
    const said = stdout.replace(/\s+/g, ' ');
    expect(said).toContain('The program was not measured: the kernel shows /proc/vmallocinfo to root only.');
  });

  it('says where a filter cannot be stacked', () => {
    const profile = join(sandbox.folder, 'no-seccomp.json');
    writeFileSync(
      profile,
      JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['seccomp'], action: 'SCMP_ACT_KILL' }] }),
    );
    const { status, stderr } = sandbox.bench(['capacity', profile, '--stacked', '2', '--tasks', '10']);
    expect([status, stderr]).toEqual([
      2,
      'bench: the filter ended task 1 as it was loaded once more\n  A filter can be stacked only where it allows seccomp(2).\n',
    ]);
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 50));
}
