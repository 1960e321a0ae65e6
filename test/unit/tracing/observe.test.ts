import { describe, expect, it } from 'vitest';
import { observeCalls } from '../../../src/tracing/index.js';
import { needCommand } from '../payload/machine.js';

describe('observeCalls', () => {
  it('counts the calls of a command and its descendants, regardless of its exit code', async (ctx) => {
    needCommand(ctx, 'strace');
    const { calls, exitCode } = await observeCalls('/bin/true; /bin/true; exit 3', process.env);
    // The shell and two programs.
    expect(calls.find(({ name }) => name === 'execve')?.calls).toBe(3);
    expect(exitCode).toBe(3);
    expect((await observeCalls('kill -9 $$', process.env)).exitCode).toBe(null);
  });

  it('reports that strace is missing', async () => {
    await expect(observeCalls('true', { PATH: '/nowhere' })).rejects.toThrow('strace not found in PATH');
  });
});
