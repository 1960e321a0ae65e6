import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { needs, needsRoot, PrivateSandbox, workspacesFolder } from './bench.js';

const sandbox = new PrivateSandbox();
afterEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

async function until(condition: () => boolean): Promise<void> {
  for (let waitedMs = 0; waitedMs < 60_000; waitedMs += 20) {
    if (condition()) return;
    await sleep(20);
  }
  throw new Error('the condition was never met');
}

const measuredLines = (): number =>
  existsSync(join(sandbox.folder, 'results')) && existsSync(join(sandbox.results(), 'samples.jsonl'))
    ? sandbox.samples().length
    : 0;

describe.each(['runc', 'namespaces'] as const)('a run on %s that is stopped', (engine) => {
  it('keeps what was measured, removes its containers and exits with 130', async (context) => {
    needsRoot(context);
    needs(context, ...(engine === 'namespaces' ? ['unshare'] : [engine]));
    const { pid, end } = sandbox.start(['sequential', '--engine', engine, '--count', '5000', '--warmup', '0']);
    await until(
      () =>
        spawnSync('sh', ['-c', `cat results/*/samples.jsonl 2>/dev/null | wc -l`], {
          cwd: sandbox.folder,
          encoding: 'utf8',
        }).stdout.trim() > '5',
    );
    process.kill(pid, 'SIGINT');
    const { status, stdout, stderr } = await end;
    expect(status).toBe(130);
    expect(measuredLines()).toBeGreaterThan(5);
    expect(sandbox.containers().every((sample) => sample.state === 'ok' || sample.state === 'interrupted')).toBe(true);
    expect(stdout).toMatch(/\d+ of 5,?000 blocks/);
    expect(stderr).toMatch(
      /stopped; the results so far are kept: bench resume results\/\S+ continues the run, bench report results\//,
    );
    expect(sandbox.workspaces()).not.toContain(`sb-${sandbox.plan().id}`);
    expect(sandbox.bench(['report', sandbox.results()]).status).toBe(0);
  });
});

describe('bench clean', () => {
  it('removes what a killed run left behind, and leaves a live run alone', async (context) => {
    needsRoot(context);
    needs(context, 'runc');
    const dead = sandbox.start([
      'sequential',
      '--engine',
      'runc',
      '--count',
      '5000',
      '--warmup',
      '0',
      '--results',
      'dead',
    ]);
    const live = sandbox.start([
      'sequential',
      '--engine',
      'runc',
      '--count',
      '5000',
      '--warmup',
      '0',
      '--results',
      'live',
    ]);
    const idIn = (folder: string): string =>
      /"id":\s*"([0-9a-f]+)"/.exec(
        spawnSync('sh', ['-c', `cat ${folder}/*/plan.json 2>/dev/null`], { cwd: sandbox.folder, encoding: 'utf8' })
          .stdout,
      )?.[1] ?? '';
    await until(() => idIn('dead') !== '' && idIn('live') !== '');
    process.kill(dead.pid, 'SIGKILL');
    await dead.end;
    expect(sandbox.workspaces()).toContain(`sb-${idIn('dead')}`);

    const dry = sandbox.bench(['clean', '--dry-run']);
    expect(dry.stdout).toContain(`would remove ${join(workspacesFolder(sandbox.tmp), `sb-${idIn('dead')}`)}`);
    expect(sandbox.workspaces()).toContain(`sb-${idIn('dead')}`);

    const { status, stdout, stderr } = sandbox.bench(['clean']);
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining(`removed ${join(workspacesFolder(sandbox.tmp), `sb-${idIn('dead')}`)}`),
    ]);
    expect(stderr).toMatch(new RegExp(`left alone: .*sb-${idIn('live')} belongs to a run that is still working`));
    expect(sandbox.workspaces()).not.toContain(`sb-${idIn('dead')}`);
    expect(sandbox.workspaces()).toContain(`sb-${idIn('live')}`);

    process.kill(live.pid, 'SIGINT');
    expect((await live.end).status).toBe(130);
    for (const folder of ['dead', 'live']) spawnSync('rm', ['-r', join(sandbox.folder, folder)]);
  });
});
