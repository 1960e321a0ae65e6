import { describe, expect, it } from 'vitest';
import { Child } from '../../../src/process/child.js';
import { childrenOf, isRunning } from '../../../src/process/processes.js';
import { openDescriptors, sh } from './commands.js';

describe('a child that is watched while it runs', () => {
  it('is seen to be ready, is killed, and is reaped', async () => {
    await using child = new Child(sh('echo ready; exec sleep 60'));
    expect(await child.until(() => child.output === 'ready\n', 10_000)).toBe(true);
    expect([isRunning(child.pid), childrenOf(process.pid).includes(child.pid)]).toEqual([true, true]);
    expect(await child.kill(10_000)).toEqual({ kind: 'signalled', signal: 9 });
    expect(childrenOf(process.pid)).not.toContain(child.pid);
  });

  it('says how it ended and what it wrote until then', async () => {
    await using child = new Child(sh('echo a; echo b >&2; exit 7'));
    expect(await child.end(10_000)).toEqual({ kind: 'exited', code: 7 });
    expect([child.output, child.takeErrors(), child.takeErrors()]).toEqual(['a\n', 'b\n', '']);
    expect(await child.kill(1)).toEqual({ kind: 'exited', code: 7 });
  });

  it('has written what a condition looks for even where it ended right after', async () => {
    await using child = new Child(sh('echo ready'));
    expect(await child.until(() => child.output.includes('ready'), 10_000)).toBe(true);
  });

  it('stops being waited for when it ends otherwise, or when the time is over', async () => {
    await using ended = new Child(sh('exit 1'));
    expect(await ended.until(() => false, 60_000)).toBe(false);
    await using slow = new Child(sh('exec sleep 60'));
    expect([await slow.until(() => false, 20), await slow.end(1)]).toEqual([false, undefined]);
  });

  it('is killed and reaped on disposal, and a second disposal does nothing', async () => {
    const child = new Child(sh('exec sleep 60'));
    await child[Symbol.asyncDispose]();
    expect(childrenOf(process.pid)).not.toContain(child.pid);
    await child[Symbol.asyncDispose]();
  });

  it('leaves no descriptor behind, not even where it could not be started', async () => {
    const start = async (): Promise<void> => {
      expect(() => new Child({ file: '/nonexistent/program', args: [], env: [] })).toThrow(
        'could not start /nonexistent/program: no such file or directory',
      );
      await using child = new Child(sh('true'));
      await child.end(10_000);
    };
    await start();
    const before = openDescriptors();
    for (let i = 0; i < 10; i += 1) await start();
    expect(openDescriptors()).toBe(before);
  });
});
