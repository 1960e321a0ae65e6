import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { FAKE, Sandbox } from './bench.js';

const sandbox = new Sandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const fake = (args: readonly string[], env: Record<string, string> = {}) =>
  sandbox.bench(['sequential', '--engine', 'oci', '--runtime', FAKE, '--no-report', '--warmup', '1', ...args], env);

describe('bench sequential on a runtime that misbehaves', () => {
  it('measures every arm once per block, in an order that the seed decides', () => {
    expect(fake(['--count', '3', '--seed', '7']).status).toBe(0);
    const order = sandbox
      .containers()
      .map((sample) => `${sample.warmup ? 'w' : 'b'}${sample.block}.${sample.position} ${sample.arm} ${sample.state}`);
    sandbox.clear();
    fake(['--count', '3', '--seed', '7']);
    expect(
      sandbox
        .containers()
        .map(
          (sample) => `${sample.warmup ? 'w' : 'b'}${sample.block}.${sample.position} ${sample.arm} ${sample.state}`,
        ),
    ).toEqual(order);
    expect(order).toHaveLength(12);
    for (const block of ['w0', 'b0', 'b1', 'b2']) {
      expect(
        order
          .filter((line) => line.startsWith(`${block}.`))
          .map((line) => line.split(' ')[1])
          .sort(),
      ).toEqual(['after', 'before', 'control']);
    }
    expect(new Set(order.map((line) => line.split(' ')[2]))).toEqual(new Set(['ok']));
  });

  it('prints seed, total and expected time before the first measured container', () => {
    const { stderr } = fake(['--count', '3', '--seed', '7']);
    expect(stderr).toMatch(
      /sequential-3: 9 containers \(3 blocks of one container per arm; arms before, after, control\) and 3 to warm up, .*expected/,
    );
    expect(stderr).toMatch(/Fewer than 20 blocks: no verdict\.\nseed 7 /);
  });

  it('counts a failed container by arm and cause, never times it, and exits with 1', () => {
    const { status, stdout } = fake(['--count', '4', '--seed', '1'], { FAKE_FAIL: '*-b2-1-*' });
    expect(status).toBe(1);
    const failed = sandbox.containers().filter((sample) => sample.state !== 'ok');
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({
      block: 2,
      position: 1,
      state: 'failed',
      cause: 'exit code 1',
      stderr: 'fake-runtime: cannot create the cgroup',
    });
    expect(failed[0]).not.toHaveProperty('wallNs');
    expect(stdout).toMatch(/exit code 1/);
  });

  it('sees a runtime that exits with 0 without running anything', () => {
    expect(fake(['--count', '2'], { FAKE_FAIL: '*-b1-0-*', FAKE_HOW: 'silent' }).status).toBe(1);
    expect(sandbox.containers().filter((sample) => sample.state === 'failed')).toMatchObject([
      { cause: "exit code 0, but the payload's output is missing" },
    ]);
  });

  it('names the signal that killed a runtime', () => {
    fake(['--count', '2'], { FAKE_FAIL: '*-b1-0-*', FAKE_HOW: 'signal' });
    expect(sandbox.containers().filter((sample) => sample.state === 'failed')).toMatchObject([
      { cause: 'killed by SIGSEGV' },
    ]);
  });

  it('stops a container that hangs, counts it as timed out, and goes on', () => {
    const { status } = fake(['--count', '3', '--timeout', '1'], { FAKE_FAIL: '*-b1-0-*', FAKE_HOW: 'hang' });
    expect(status).toBe(1);
    expect(sandbox.containers().filter((sample) => sample.state !== 'ok')).toMatchObject([
      { block: 1, position: 0, state: 'timedOut', cause: 'no end within 1 s' },
    ]);
    expect(sandbox.containers().filter((sample) => sample.block === 2 && !sample.warmup)).toHaveLength(3);
  });

  it('counts a failure during warm-up too', () => {
    expect(fake(['--count', '2'], { FAKE_FAIL: '*-w0-0-*' }).status).toBe(1);
  });

  it('says so when a container of an arm cannot start at all, and writes no results', () => {
    const { status, stderr } = fake(['--count', '2'], { FAKE_FAIL: '*-first-after' });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /a container of arm after did not start: exit code 1: fake-runtime: cannot create the cgroup/,
    );
    expect(existsSync(join(sandbox.folder, 'results'))).toBe(false);
  });

  it('finds out what a runtime that does not say so can load, and records what was left out', () => {
    const { status, stderr } = fake(['--count', '2'], {
      FAKE_KNOWS: 'SCMP_ARCH_X86_64 SCMP_ARCH_X86 SCMP_ARCH_X32 SCMP_ARCH_AARCH64 SCMP_ARCH_ARM',
    });
    expect(status).toBe(0);
    expect(stderr).toMatch(/left out: mipsel64 \(oci refused it: unknown architecture SCMP_ARCH_MIPSEL64\)/);
    const spec = JSON.parse(readFileSync(join(sandbox.results(), 'specs/before.json'), 'utf8')) as {
      architectures: string[];
    };
    expect([...spec.architectures].sort()).toEqual([
      'SCMP_ARCH_AARCH64',
      'SCMP_ARCH_ARM',
      'SCMP_ARCH_X32',
      'SCMP_ARCH_X86',
      'SCMP_ARCH_X86_64',
    ]);
  });

  it('gives before and its control the same bytes in files of their own', () => {
    fake(['--count', '1']);
    const spec = (arm: string): string => readFileSync(join(sandbox.results(), `specs/${arm}.json`), 'utf8');
    expect(spec('control')).toBe(spec('before'));
    expect(spec('after')).not.toBe(spec('before'));
  });

  it('stops where a profile with explicit architectures cannot make before and after differ', () => {
    writeFileSync(
      join(sandbox.folder, 'explicit.json'),
      JSON.stringify({
        defaultAction: 'SCMP_ACT_ALLOW',
        architectures: ['SCMP_ARCH_X86_64'],
        syscalls: [{ names: ['kexec_load'], action: 'SCMP_ACT_ERRNO' }],
      }),
    );
    const { status, stderr } = fake(['--count', '2', '--profile', 'explicit.json']);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /explicit\.json lists its architectures explicitly, so the policies "all" and "host" copy the same ones/,
    );
  });

  it('stops where two arms come out with the same spec and filter', () => {
    writeFileSync(
      join(sandbox.folder, 'bare.json'),
      JSON.stringify({
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['kexec_load'], action: 'SCMP_ACT_ERRNO' }],
      }),
    );
    const { status, stderr } = fake(['--count', '2', '--profile', 'bare.json']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/arms after and before have the same spec \(\d+ bytes\) and load the same filter/);
  });

  it('runs the batches of a parallel scenario and keeps makespan and latencies', () => {
    const { status } = sandbox.bench(
      [
        'parallel',
        '--engine',
        'oci',
        '--runtime',
        FAKE,
        '--no-report',
        '--warmup',
        '0',
        '--count',
        '6',
        '--concurrency',
        '3',
        '--rounds',
        '2',
      ],
      { FAKE_FAIL: '*-b1-0-4' },
    );
    expect(status).toBe(1);
    const batches = sandbox.samples().filter((sample) => sample.kind === 'batch');
    expect(
      batches.map(({ block, position, planned, ok, failed }) => ({ block, position, planned, ok, failed })),
    ).toEqual([
      { block: 0, position: 0, planned: 6, ok: 6, failed: 0 },
      { block: 0, position: 1, planned: 6, ok: 6, failed: 0 },
      { block: 0, position: 2, planned: 6, ok: 6, failed: 0 },
      { block: 1, position: 0, planned: 6, ok: 5, failed: 1 },
      { block: 1, position: 1, planned: 6, ok: 6, failed: 0 },
      { block: 1, position: 2, planned: 6, ok: 6, failed: 0 },
    ]);
    expect(batches.map((batch) => batch.makespanNs === undefined)).toEqual([false, false, false, true, false, false]);
    expect(sandbox.containers()).toHaveLength(36);
  });

  it('rejects a runtime that is not there, with what to do', () => {
    const { status, stderr } = sandbox.bench(['sequential', '--engine', 'oci', '--runtime', '/nowhere/runtime']);
    expect([status, stderr]).toEqual([
      2,
      'bench: could not run /nowhere/runtime: no such file, or not executable\n' +
        '  Give --runtime the path of an OCI runtime.\n',
    ]);
  });

  it('rejects nonsense on the command line with exit code 2 and makes nothing', () => {
    for (const args of [
      ['sequential', '--count', 'many'],
      ['sequential', '--count', '0'],
      ['parallel', '--concurrency', '0'],
      ['sequential', '--timeout', '-1'],
      ['sequential', '--margin', 'much'],
      ['sequential', '--engine', 'docker2'],
      ['sequential', '--arms', 'before,what'],
      ['sequential', '--arm', 'x=y'],
      ['run', 'no-such-scenario'],
      ['nothing'],
    ]) {
      const { status, stdout, stderr } = sandbox.bench(args);
      expect([args, status, stdout, stderr.startsWith('bench: ')]).toEqual([args, 2, '', true]);
    }
    expect(readdirSync(sandbox.folder).filter((name) => name === 'results' || name === 'reports')).toEqual([]);
  });
});
