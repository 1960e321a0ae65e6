import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { argvOf, killProcess, listenersOf, processesOfRun } from '../../src/process/processes.js';
import { PrivateSandbox } from './bench.js';
import { ask, startDocker, startPodman } from './daemons.js';
import type { RealDaemon } from './daemons.js';

const sandbox = new PrivateSandbox();
afterAll(() => {
  sandbox[Symbol.dispose]();
});
beforeEach(() => {
  sandbox.clear();
});

const sleepers = (runId: string): readonly number[] =>
  processesOfRun(runId).filter((pid) => argvOf(pid).join(' ') === '/payload sleep');

/** Execs that would go on for long; gives the run once it measures. */
async function execsOn({ engine, host }: RealDaemon) {
  const run = await sandbox.startUntil(8, [
    'exec',
    ...['--engine', engine, '--host', host, '--blocks', '2000', '--arms', 'after', '--no-report'],
  ]);
  return { ...run, runId: `sb-${sandbox.plan().id}` };
}

const firstError = (stderr: string): string => stderr.split('\n').find((line) => line.startsWith('bench: ')) ?? stderr;

describe.each([
  ['docker', startDocker],
  ['podman', startPodman],
] as const)('execs on a real %s', (_, start) => {
  /** One that the test may end. */
  const daemonFor = async (context: TestContext) => {
    const here = await start();
    if ('missing' in here) return context.skip(here.missing);
    return { ...here, [Symbol.asyncDispose]: here.stop };
  };

  it('fail, are counted and end the run where their containers die', async (context) => {
    await using daemon = await daemonFor(context);
    const { end, stderr, runId } = await execsOn(daemon);
    for (const pid of sleepers(runId)) killProcess(pid);
    const { status } = await end;
    expect([status, firstError(stderr())]).toEqual([
      1,
      expect.stringMatching(/every exec of 3 blocks in a row failed with (docker|podman)/),
    ]);
    const failed = sandbox.containers().filter(({ state }) => state !== 'ok');
    expect(failed.length).toBeGreaterThan(0);
    // One that ran as its container died ended with it, or could not begin; the daemon refuses those that follow.
    for (const sample of failed) {
      expect(sample).toMatchObject({
        state: 'failed',
        cause: expect.stringMatching(/^(exit code (137|12[56])$|refused: HTTP \d+$)/) as string,
      });
      expect(sample).not.toHaveProperty('wallNs');
    }
    expect([sandbox.workspaces(), processesOfRun(runId)]).toEqual([[], []]);
    expect(await ask(daemon.host, '/containers/json?all=true')).toEqual([]);
  });

  it('fail, are counted and end the run where the daemon goes away, and bench clean removes what it left', async (context) => {
    await using daemon = await daemonFor(context);
    const { end, stderr, runId } = await execsOn(daemon);
    for (const pid of listenersOf(daemon.host.replace('unix://', ''))) killProcess(pid);
    const { status } = await end;
    expect(status, stderr()).toBe(1);
    expect(stderr()).toContain('did not remove its containers');
    expect(stderr()).toContain('bench clean tries again.');
    const failed = sandbox.containers().filter(({ state }) => state !== 'ok');
    expect(failed[0]).toMatchObject({
      state: 'failed',
      cause: expect.stringMatching(/^refused: E[A-Z]+/) as string,
    });
    expect(sandbox.workspaces()).toEqual([runId]);
    const without = sandbox.bench(['clean']);
    expect([without.status, without.stderr]).toEqual([1, expect.stringContaining('which does not answer')]);
    await daemon.again();
    const { status: cleaned, stdout } = sandbox.bench(['clean']);
    expect([cleaned, stdout.includes(runId)], stdout).toEqual([0, true]);
    expect(await ask(daemon.host, '/containers/json?all=true')).toEqual([]);
    for (let waitedMs = 0; waitedMs < 10_000 && processesOfRun(runId).length > 0; waitedMs += 50) await sleep(50);
    expect([sandbox.workspaces(), processesOfRun(runId)]).toEqual([[], []]);
  });
});
