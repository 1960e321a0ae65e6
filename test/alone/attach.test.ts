import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AttachDocument } from '../../src/cli/output/documents.js';
import { JIT_ENABLE } from '../../src/experiment/capacity/limit.js';
import { CLI, needs, needsRoot, PrivateSandbox } from '../e2e/bench.js';

const sandbox = new PrivateSandbox();
const setting = join(sandbox.folder, 'bpf_jit_enable');
const own = jit();
beforeEach(() => {
  writeFileSync(setting, '1\n');
});
afterEach(() => {
  expect([jit(), running(), sandbox.workspaces()]).toEqual([own, [], []]);
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

function jit(): number | null {
  try {
    return JIT_ENABLE.read();
  } catch {
    return null;
  }
}

/** Process ids of programs that load filters for this test. */
function running(): readonly number[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter((line) => line.includes('/attach switch ') && line.includes(sandbox.tmp))
    .map((line) => Number.parseInt(line, 10));
}

const ATTACH = ['attach', '--switch-jit', '--rounds', '10', '--seed', '1', '--no-report', '--json'];
const BOUND = `mount --bind ${setting} ${JIT_ENABLE.path} && exec "$@"`;
const READ_ONLY = `mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys && exec "$@"`;
const words = (script: string, args: readonly string[]): readonly string[] => [
  ...['--mount', 'sh', '-c', script, 'sh'],
  ...[process.execPath, CLI, ...args],
];
const inside = (script: string, args: readonly string[]) =>
  spawnSync('unshare', words(script, args), {
    cwd: sandbox.folder,
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: sandbox.tmp },
  });
const read = (stdout: string): AttachDocument => JSON.parse(stdout) as AttachDocument;
const partsOf = ({ parts }: AttachDocument): readonly string[] => parts.map(({ part }) => part);

/** A run that switches, once its program loads filters. */
async function switching() {
  const child = spawn('unshare', words(BOUND, ['attach', '--switch-jit', '--rounds', '1000', '--no-report']), {
    cwd: sandbox.folder,
    env: { ...process.env, TMPDIR: sandbox.tmp },
    stdio: 'ignore',
  });
  await until(() => running().length > 0);
  return child;
}

describe('bench attach --switch-jit', () => {
  it('says that a kernel refuses to switch its JIT off, and measures the other parts', (context) => {
    needsRoot(context);
    if (own !== 1) context.skip('the JIT is off here, or its setting cannot be read');
    const { status, stdout, stderr } = sandbox.bench(ATTACH);
    expect([status, stderr]).toEqual([0, '']);
    const found = read(stdout);
    expect([null, 'alwaysOn']).toContain(found.notSwitched);
    expect(partsOf(found).includes('jit')).toBe(found.notSwitched === null);
    expect(partsOf(found)).toEqual(expect.arrayContaining(['copy', 'translate', 'walk']));
  });

  it('measures the other parts where the setting is read-only', (context) => {
    needsRoot(context);
    if (own !== 1) context.skip('the JIT is off here, or its setting cannot be read');
    const { status, stdout, stderr } = inside(READ_ONLY, ATTACH);
    expect([status, stderr]).toEqual([0, '']);
    expect([read(stdout).notSwitched, partsOf(read(stdout)).includes('jit')]).toEqual(['noRight', false]);
  });

  it('measures the JIT where the setting can be switched, and restores it', (context) => {
    needsRoot(context);
    const { status, stdout, stderr } = inside(BOUND, ATTACH);
    expect([status, stderr]).toEqual([0, '']);
    expect(read(stdout).notSwitched).toBeNull();
    expect(partsOf(read(stdout))).toEqual(expect.arrayContaining(['convert', 'jit']));
    expect(readFileSync(setting, 'utf8')).toBe('1\n');
  });

  it('measures the JIT where a scenario file says so', (context) => {
    needsRoot(context);
    writeFileSync(join(sandbox.folder, 'jit.json'), JSON.stringify({ kind: 'attach', rounds: 10, switchJit: true }));
    const { status, stdout, stderr } = inside(BOUND, ['run', 'jit', '--seed', '1', '--no-report', '--json']);
    expect([status, stderr]).toEqual([0, '']);
    expect([read(stdout).notSwitched, read(stdout).rounds]).toEqual([null, 10]);
    expect(partsOf(read(stdout))).toEqual(expect.arrayContaining(['convert', 'jit']));
    expect(readFileSync(setting, 'utf8')).toBe('1\n');
  });

  it('restores the setting where bench is killed', async (context) => {
    needsRoot(context);
    const child = await switching();
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    await until(() => running().length === 0);
    expect(readFileSync(setting, 'utf8')).toBe('1\n');
    inside(BOUND, ['clean']);
  });

  it('leaves a setting that its program was killed under to bench clean', async (context) => {
    needsRoot(context);
    const child = await switching();
    const ended = once(child, 'exit');
    const programs = running();
    child.kill('SIGKILL');
    for (const pid of programs) process.kill(pid, 'SIGKILL');
    await ended;
    await until(() => running().length === 0);
    // It may have been killed between two moments.
    writeFileSync(setting, '0\n');
    const { status, stdout } = inside(BOUND, ['clean']);
    expect([status, stdout.includes('net.core.bpf_jit_enable')]).toEqual([0, true]);
    expect(Number(readFileSync(setting, 'utf8'))).toBe(1);
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('bench attach --sample-jit', () => {
  it('tells the JIT from the conversion where perf may sample the kernel', (context) => {
    needsRoot(context);
    needs(context, 'perf');
    if (own !== 1) context.skip('the JIT is off here, or its setting cannot be read');
    const { status, stdout, stderr } = sandbox.bench([
      'attach',
      '--sample-jit',
      '--rounds',
      '10',
      '--no-report',
      '--json',
    ]);
    if (stderr.includes('perf could not sample')) context.skip(stderr);
    expect([status, stderr]).toEqual([0, '']);
    const { sampled, lines, parts } = read(stdout);
    expect(sampled?.inJit).toBeGreaterThan(0);
    expect(sampled?.inLoad).toBeGreaterThan(sampled?.inJit ?? 0);
    expect(parts.map(({ part }) => part)).toEqual(expect.arrayContaining(['convert', 'jit']));
    expect(lines.map(({ part }) => part)).toEqual(expect.arrayContaining(['convert', 'jit']));
  });

  it('says that perf is missing', () => {
    const { status, stderr } = sandbox.bench(['attach', '--sample-jit', '--rounds', '10', '--no-report'], {
      PATH: '/nowhere',
    });
    if (own !== 1) return;
    expect([status, stderr]).toEqual([2, expect.stringContaining('perf not found in PATH')]);
  });
});
