import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { findStrace, straceFilters } from '../../../src/tracing/index.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-strace-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const leftTraces = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('seccomp-bench-strace-'));

function realStrace(ctx: TestContext): string {
  const strace = findStrace(process.env['PATH'] ?? '');
  return strace ?? ctx.skip('strace is not installed');
}

function script(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('finding strace', () => {
  it('finds the first executable file in the search path', () => {
    for (const name of ['a', 'b', 'c', 'd']) mkdirSync(join(folder, name));
    mkdirSync(join(folder, 'a/strace'));
    writeFileSync(join(folder, 'b/strace'), '');
    const [first, second] = [script('c/strace', 'true'), script('d/strace', 'true')];
    expect(findStrace(['a', 'b', 'c', 'd'].map((name) => join(folder, name)).join(':'))).toBe(first);
    expect(findStrace(join(folder, 'd'))).toBe(second);
    expect(findStrace(`:${join(folder, 'nowhere')}`)).toBeNull();
  });
});

describe('tracing filters', () => {
  it('has the seccomp calls of descendants, and passes on output and exit code', async (ctx) => {
    const strace = realStrace(ctx);
    const child = script('child', 'setpriv --no-new-privs true; echo out; echo err >&2; exit 3');
    const { trace, command } = await straceFilters(strace, child, []);
    expect(command).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
    expect(trace).toMatch(/prctl\(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0\) += 0/);
    expect(trace).not.toContain('execve');
  });

  it('leaves no file behind, also where it fails', async (ctx) => {
    const strace = realStrace(ctx);
    await straceFilters(strace, '/bin/true', []);
    await expect(straceFilters(strace, join(folder, 'nowhere'), [])).rejects.toThrow('strace wrote no trace');
    expect(leftTraces()).toEqual([]);
  });

  it('fails where nothing could be traced', async () => {
    const refused = script('strace', 'echo "attach: ptrace(PTRACE_SEIZE, 7): Operation not permitted" >&2; exit 1');
    await expect(straceFilters(refused, '/bin/true', [])).rejects.toMatchObject({
      code: 'environment',
      message: 'strace wrote no trace (exit code 1): attach: ptrace(PTRACE_SEIZE, 7): Operation not permitted',
    });
  });
});
