import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import type { ArmEvidence } from '../../src/model/run/evidence.js';
import { processesOfRun } from '../../src/process/processes.js';
import { needs, needsRoot, PrivateSandbox } from './bench.js';

const sandbox = new PrivateSandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

function needsBwrap(context: TestContext): void {
  needsRoot(context);
  needs(context, 'bwrap');
}

const evidence = (): ReadonlyMap<string, ArmEvidence> =>
  new Map(
    (JSON.parse(readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8')) as ArmEvidence[]).map((arm) => [
      arm.arm,
      arm,
    ]),
  );

describe('bench with --engine bwrap', () => {
  it('compares plain, tree and built before, each with the filter that was predicted', (context) => {
    needsBwrap(context);
    const { status, stdout, stderr } = sandbox.bench([
      'sequential',
      ...['--engine', 'bwrap', '--count', '3', '--warmup', '0', '--no-report', '--arms', 'after,unconfined'],
      ...['--arm', 'tree=form=tree', '--arm', 'built=build=before', '--arm', 'built-tree=form=tree,build=before'],
    ]);
    expect([status, stderr.includes('unexpected')]).toEqual([0, false]);
    expect(sandbox.containers().map(({ state }) => state)).toEqual(Array.from({ length: 18 }, () => 'ok'));
    const arms = evidence();
    const hashes = ['after', 'tree', 'built', 'built-tree'].map((name) => {
      const { loaded, predicted } = arms.get(name)!;
      if (loaded.state !== 'seen' || predicted.state !== 'built') throw new Error(`nothing was seen of ${name}`);
      expect(loaded.programs.map(({ sha256 }) => sha256)).toEqual([predicted.sha256]);
      return predicted.sha256;
    });
    expect([hashes[0] === hashes[2], hashes[1] === hashes[3], hashes[0] === hashes[1]]).toEqual([true, true, false]);
    expect(arms.get('unconfined')?.loaded).toMatchObject({ state: 'seen', programs: [] });
    expect(stdout).toMatch(/^x86_64|^aarch64/m);
    expect(sandbox.plan().engine.version).toMatch(/^bubblewrap \d/);
    expect(sandbox.workspaces()).toEqual([]);
  });

  it('times calls under its filters', (context) => {
    needsBwrap(context);
    const { status, stdout } = sandbox.bench([
      'percall',
      ...['--engine', 'bwrap', '--blocks', '2', '--arms', 'unconfined,after,stacked-2', '--calls', 'getppid'],
      '--no-report',
    ]);
    expect([status, stdout]).toEqual([0, expect.stringContaining('stacked-2')]);
    expect(sandbox.workspaces()).toEqual([]);
  });

  it('refuses what bubblewrap cannot do, in one line, before any container', (context) => {
    needsBwrap(context);
    const profile = (name: string, more: object): string => {
      const path = join(sandbox.folder, name);
      writeFileSync(path, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', ...more }));
      return path;
    };
    const flags = profile('flags.json', { flags: ['SECCOMP_FILTER_FLAG_LOG'] });
    const notify = profile('notify.json', { syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }] });
    const refused = ([command = '', ...args]: readonly string[], words: RegExp): void => {
      const { status, stderr } = sandbox.bench([command, '--engine', 'bwrap', ...args]);
      expect([status, stderr]).toEqual([2, expect.stringMatching(words)]);
    };
    refused(
      ['sequential', '--arms', 'unconfined', '--arm', `mine=${flags}`],
      /^bench: arm mine: bwrap [\d.]+ does not load the flag SECCOMP_FILTER_FLAG_LOG$/m,
    );
    refused(
      ['sequential', '--arms', 'unconfined', '--arm', `mine=${notify}`],
      /^bench: arm mine: the profile has SCMP_ACT_NOTIFY, and bwrap [\d.]+ has no listener to answer it$/m,
    );
    refused(
      ['workload', '--bind-host', '--via', 'exec', '--', 'true'],
      /^bench: --engine bwrap cannot start \S+ in a running container$/m,
    );
    refused(['sequential', '--stages'], /^bench: .*bwrap/m);
    refused(['sequential', '--runtime', 'runc'], /^bench: --runtime runc cannot be combined with --engine bwrap$/m);
    expect(sandbox.workspaces()).toEqual([]);
  });

  it('leaves no process where a program does not end in time', (context) => {
    needsBwrap(context);
    const { status, stderr } = sandbox.bench([
      'workload',
      ...['--engine', 'bwrap', '--bind-host', '--timeout', '0.5s', '--no-report', '--', 'sleep', '600'],
    ]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('no end within 0.5 s')]);
    expect(sandbox.workspaces()).toEqual([]);
  });

  it('takes its sandboxes with it when it is killed', async (context) => {
    needsBwrap(context);
    const { pid, end, stderr } = sandbox.start([
      'sequential',
      ...['--engine', 'bwrap', '--count', '100000', '--no-report'],
    ]);
    while (!stderr().includes('samples in')) await sleep(20);
    process.kill(pid, 'SIGKILL');
    await end;
    const { id } = sandbox.plan();
    while (processesOfRun(id).length > 0) await sleep(20);
    expect(sandbox.bench(['clean']).stdout).toContain(`sb-${id}: 0 containers, 0 processes`);
    expect(sandbox.workspaces()).toEqual([]);
  });
});
