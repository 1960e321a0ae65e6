import { readFileSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import type { ArmEvidence } from '../../src/model/run/evidence.js';
import { PrivateSandbox } from './bench.js';
import { imageArchive } from '../../src/payload/index.js';
import { ask, importEmptyImage, loadImage, removeImage, seenWhereTraced, startDocker, startPodman } from './daemons.js';
import type { DaemonHere, RealDaemon } from './daemons.js';

const sandbox = new PrivateSandbox();
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const evidence = (): ReadonlyMap<string, ArmEvidence> =>
  new Map(
    (JSON.parse(readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8')) as ArmEvidence[]).map((arm) => [
      arm.arm,
      arm,
    ]),
  );
const loaded = (arm: ArmEvidence | undefined): number =>
  arm?.loaded.state === 'seen' ? arm.loaded.programs.reduce((sum, program) => sum + program.instructions, 0) : -1;

describe.each([
  ['docker', startDocker],
  ['podman', startPodman],
] as const)('engine %s, a real daemon', (engine, start) => {
  let here: DaemonHere = { missing: 'not started' };
  beforeAll(async () => {
    here = await start();
  });
  afterAll(async () => {
    if ('stop' in here) await here.stop();
  });
  beforeEach(() => {
    sandbox.clear();
  });

  const daemonFor = (context: TestContext): RealDaemon => {
    if ('missing' in here) context.skip(here.missing);
    return here;
  };

  /** Nothing of bench's is left there. */
  const expectNothingLeft = async (host: string): Promise<void> => {
    expect(await ask(host, '/containers/json?all=true')).toEqual([]);
    expect(await ask(host, '/images/json?all=true')).toEqual([]);
    expect(sandbox.workspaces().filter((name) => name === `sb-${sandbox.plan().id}`)).toEqual([]);
  };

  it('runs every arm with the profile it was given, proves the loaded filters and leaves nothing behind', async (context) => {
    const { host } = daemonFor(context);
    const { status, stderr } = sandbox.bench([
      'sequential',
      '--engine',
      engine,
      '--host',
      host,
      '--count',
      '2',
      '--warmup',
      '1',
      '--arms',
      'before,after,native,unconfined',
      '--no-report',
    ]);
    expect([status, stderr.includes('unexpected')]).toEqual([0, false]);
    expect(sandbox.containers().map(({ state }) => state)).toEqual(Array.from({ length: 15 }, () => 'ok'));
    const arms = evidence();
    const [before, after, native, unconfined, control] = ['before', 'after', 'native', 'unconfined', 'control'].map(
      (name) => arms.get(name),
    );
    // An explicit list of architectures is kept whole: Docker filters archMap alone.
    expect(loaded(before)).toBeGreaterThan(loaded(after));
    expect(loaded(after)).toBeGreaterThan(loaded(native));
    expect([loaded(unconfined), unconfined?.seccompMode, before?.seccompMode]).toEqual([0, 0, 2]);
    for (const arm of [before, after, native]) {
      if (arm?.predicted.state !== 'built') throw new Error('expected a predicted filter');
      // runc's own stub stands in front of libseccomp's program.
      expect(loaded(arm) - arm.predicted.instructions).toBeGreaterThan(0);
      expect(loaded(arm) - arm.predicted.instructions).toBeLessThan(60);
    }
    expect(loaded(control)).toBe(loaded(before));
    if (native?.probe32.outcome !== 'notProvable')
      expect([after?.probe32.outcome, native?.probe32.outcome]).toEqual(['ran', 'killed']);
    await expectNothingLeft(host);
  });

  it('tells create, start, exit and remove apart for every container, which add up to its wall time', (context) => {
    const { host } = daemonFor(context);
    expect(
      sandbox.bench(['sequential', '--engine', engine, '--host', host, '--count', '1', '--warmup', '0', '--no-report'])
        .status,
    ).toBe(0);
    for (const sample of sandbox.containers()) {
      if (sample.state !== 'ok' || sample.stagesNs === undefined)
        throw new Error(`expected stages, got ${JSON.stringify(sample)}`);
      expect(Object.keys(sample.stagesNs)).toEqual(['create', 'start', 'exit', 'remove']);
      expect(Math.abs(Object.values(sample.stagesNs).reduce((sum, ns) => sum + ns, 0) - sample.wallNs)).toBeLessThan(1);
      expect([sample.userNs, sample.systemNs]).toEqual([0, 0]);
    }
  });

  it('times execs in a waiting container of each arm and proves the filter of an exec', async (context) => {
    const { host } = daemonFor(context);
    const { status, stdout, stderr } = sandbox.bench([
      'exec',
      ...['--engine', engine, '--host', host, '--blocks', '3', '--warmup', '0', '--probes', '100@10s', '--no-report'],
    ]);
    expect(status, stderr).toBe(0);
    const arms = evidence();
    expect(loaded(arms.get('before'))).toBeGreaterThan(loaded(arms.get('after')));
    expect([loaded(arms.get('unconfined')), arms.get('unconfined')?.exec?.seccompMode]).toEqual([0, 0]);
    expect(arms.get('after')?.task?.seccompFilters).toBe(1);
    // runc, which the shim or the daemon starts, is traced there.
    expect(arms.get('after')?.exec).toMatchObject({ seccompMode: 2, origin: { kind: seenWhereTraced('built') } });
    expect(arms.get('unconfined')?.exec?.origin).toEqual({ kind: 'none' });
    expect(stdout).toMatch(/its\s+share\s+of\s+a\s+CPU\s+is\s+not\s+known/);
    // A block within which something stood still is run again.
    expect(sandbox.containers().length).toBeGreaterThanOrEqual(12);
    for (const sample of sandbox.containers()) {
      if (sample.state !== 'ok') throw new Error(`expected an exec that is ok, got ${JSON.stringify(sample)}`);
      expect(Object.keys(sample.stagesNs ?? {})).toEqual(['create', 'start', 'exit']);
    }
    await expectNothingLeft(host);
  });

  it('runs eight at once, all released together', async (context) => {
    const { host } = daemonFor(context);
    expect(
      sandbox.bench([
        'parallel',
        '--engine',
        engine,
        '--host',
        host,
        '--count',
        '8',
        '--rounds',
        '1',
        '--warmup',
        '0',
        '--no-report',
      ]),
    ).toMatchObject({ status: 0 });
    for (const batch of sandbox.samples().filter((sample) => sample.kind === 'batch')) {
      const members = sandbox.containers().filter((sample) => sample.arm === batch.arm && sample.state === 'ok');
      expect(members.map(({ startNs }) => startNs)).toEqual(Array.from({ length: 8 }, () => batch.startNs));
      expect(Math.max(...members.map((sample) => (sample.state === 'ok' ? sample.wallNs : NaN)))).toBe(
        batch.makespanNs,
      );
    }
    await expectNothingLeft(host);
  });

  it('is left without containers by bench clean after a run that was killed', async (context) => {
    const { host } = daemonFor(context);
    const { pid, end, stderr } = sandbox.start([
      'parallel',
      '--engine',
      engine,
      '--host',
      host,
      '--count',
      '8',
      '--rounds',
      '100',
      '--no-report',
    ]);
    while (!stderr().includes('samples in')) await new Promise((resolve) => setTimeout(resolve, 20));
    process.kill(pid, 'SIGKILL');
    await end;
    expect(await ask(host, '/images/json?all=true')).toHaveLength(1);
    expect(sandbox.bench(['clean']).stdout).toContain(`sb-${sandbox.plan().id}`);
    await expectNothingLeft(host);
  });

  it('is left without waiting containers by bench clean after execs that were killed', async (context) => {
    const { host } = daemonFor(context);
    const { pid, end, stderr } = sandbox.start([
      'exec',
      ...['--engine', engine, '--host', host, '--blocks', '100', '--no-report'],
    ]);
    while (!stderr().includes('samples in')) await new Promise((resolve) => setTimeout(resolve, 20));
    process.kill(pid, 'SIGKILL');
    await end;
    // One waits for execs under each arm.
    expect(await ask(host, '/containers/json')).toHaveLength(3);
    expect(sandbox.bench(['clean']).stdout).toContain(`sb-${sandbox.plan().id}`);
    await expectNothingLeft(host);
  });

  it('refuses execs in an image without the payload', async (context) => {
    const { host } = daemonFor(context);
    if (engine === 'podman') context.skip('its API makes no image of an empty archive');
    const tag = 'localhost/bench-empty:1';
    await importEmptyImage(host, 'localhost/bench-empty', '1');
    const { status, stderr } = sandbox.bench([
      'exec',
      ...['--engine', engine, '--host', host, '--image', tag, '--blocks', '1', '--no-report'],
    ]);
    expect(status, stderr).toBe(2);
    expect(stderr).toMatch(/^bench: .*\/payload/m);
    await removeImage(host, tag);
    expect(await ask(host, '/containers/json?all=true')).toEqual([]);
    expect(await ask(host, '/images/json?all=true')).toEqual([]);
    expect(sandbox.workspaces()).toEqual([]);
  });

  it('uses an image that is there, and leaves it there', async (context) => {
    const { host } = daemonFor(context);
    const tag = 'localhost/bench-given:1';
    await loadImage(host, imageArchive({ machine: machine(), tag, labels: {} }));
    const { status, stderr } = sandbox.bench([
      'sequential',
      '--engine',
      engine,
      '--host',
      host,
      '--image',
      tag,
      '--count',
      '1',
      '--warmup',
      '0',
      '--no-report',
    ]);
    expect([status, stderr.includes('unexpected')]).toEqual([0, false]);
    expect(sandbox.containers().map(({ state }) => state)).toEqual(['ok', 'ok', 'ok']);
    expect(await ask(host, '/containers/json?all=true')).toEqual([]);
    expect((await ask(host, '/images/json')) as readonly { readonly RepoTags: readonly string[] }[]).toMatchObject([
      { RepoTags: [tag] },
    ]);
    await removeImage(host, tag);
    await expectNothingLeft(host);
  });

  it('refuses a runtime and an image that are not there', (context) => {
    const { host } = daemonFor(context);
    const first = (...args: readonly string[]): string | undefined =>
      sandbox
        .bench(['sequential', '--engine', engine, '--host', host, '--count', '1', ...args])
        .stderr.split('\n')
        .find((line) => line.startsWith('bench: '));
    expect(first('--image', 'nobody/has:this')).toBe(`bench: image nobody/has:this not found in the engine at ${host}`);
    expect(first('--runtime', 'nothere')).toBe(
      engine === 'docker'
        ? 'bench: the engine has no runtime named nothere'
        : 'bench: --runtime nothere cannot be combined with --engine podman, whose service ignores it',
    );
  });
});
