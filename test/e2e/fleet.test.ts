import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import type { FleetRecord } from '../../src/model/host/fleet.js';
import type { ContainerSample } from '../../src/model/results/sample.js';
import { lastAttempts } from '../../src/results/attempts.js';
import { PrivateSandbox, ROOT } from './bench.js';
import { ask, has } from './daemons.js';
import { startSwarm, type SwarmHere, type SwarmMember, type TwoNodes } from './swarm.js';

const sandbox = new PrivateSandbox();
afterAll(() => {
  sandbox[Symbol.dispose]();
});

/** A scenario of this folder, which the nodes are to see. */
const SCENARIO = {
  kind: 'sequential',
  name: 'tiny',
  count: 6,
  warmup: 1,
  profile: 'own.json',
  arms: ['before', 'after'],
};
const PROFILE = {
  defaultAction: 'SCMP_ACT_ALLOW',
  archMap: [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
  ],
  syscalls: [{ names: ['kexec_load'], action: 'SCMP_ACT_ERRNO' }],
};

/** Without the page over reports. */
const folders = (parent: string): readonly string[] =>
  (existsSync(parent) ? readdirSync(parent) : []).filter((name) => name !== 'index.html').sort();
const fleetFolder = (): string =>
  join(sandbox.folder, 'results', folders(join(sandbox.folder, 'results'))[0] ?? 'none');
const record = (): FleetRecord => JSON.parse(readFileSync(join(fleetFolder(), 'fleet.json'), 'utf8')) as FleetRecord;
const states = (): Record<string, string> =>
  Object.fromEntries(record().nodes.map(({ node, outcome }) => [node.name, outcome.state]));

describe('bench fleet on a swarm of two nodes', () => {
  let here: SwarmHere = { missing: 'not started' };
  let image = '';
  let copied = false;

  beforeAll(async () => {
    if (!has('apt-get') || !has('dpkg-deb')) {
      here = { missing: 'the image is made of Debian packages, and apt-get or dpkg-deb is not installed' };
      return;
    }
    here = await startSwarm();
    if ('missing' in here) return;
    image = makeImage(here);
    writeFileSync(join(sandbox.folder, 'tiny.json'), JSON.stringify(SCENARIO));
    writeFileSync(join(sandbox.folder, 'own.json'), JSON.stringify(PROFILE));
  }, 240_000);
  afterAll(async () => {
    if (!('missing' in here)) await here[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    sandbox.clear();
  });

  const swarmFor = (context: TestContext): TwoNodes => {
    if ('missing' in here) context.skip(here.missing);
    return here;
  };
  /** From the second test on the worker has the image as well. */
  const withImage = (context: TestContext): TwoNodes => {
    const swarm = swarmFor(context);
    if (!copied) copyImage(swarm, image);
    copied = true;
    return swarm;
  };
  const fleet = ({ manager, socket }: TwoNodes, ...args: readonly string[]): readonly string[] => [
    'fleet',
    '--swarm',
    '--host',
    manager.host,
    '--socket',
    socket,
    '--image',
    image,
    ...args,
  ];

  /** No container, service or kept file of bench's, and no image but the fleet's own. */
  const expectNothingLeft = async ({ manager }: TwoNodes, members: readonly SwarmMember[]): Promise<void> => {
    expect([await ask(manager.host, '/services'), await ask(manager.host, '/configs')]).toEqual([[], []]);
    for (const { host } of members) {
      await expectNoContainer(host);
      expect(
        ((await ask(host, '/images/json')) as readonly { readonly RepoTags: readonly string[] | null }[])
          .flatMap(({ RepoTags }) => RepoTags ?? [])
          .filter((tag) => tag !== image),
      ).toEqual([]);
    }
    expect(sandbox.workspaces().filter((name) => name === `sb-${record().id}`)).toEqual([]);
  };

  it('reports what the swarm lacks, names the node without the image, and starts no job with a mistake in its command', async (context) => {
    const swarm = swarmFor(context);
    const refusal = (...args: readonly string[]): readonly [number | null, string] => {
      const { status, stderr } = sandbox.bench(args);
      return [status, stderr];
    };
    expect(refusal('fleet', '--swarm', '--host', swarm.worker.host, '--', 'sequential')).toEqual([
      2,
      expect.stringMatching(/the engine at .* is not a swarm manager: it is a worker/),
    ]);
    expect(refusal(...fleet(swarm, '--image', 'none:1', '--', 'sequential'))).toEqual([
      2,
      expect.stringMatching(/image none:1 not found in the engine of the manager at /),
    ]);
    expect(refusal(...fleet(swarm, '--constraint', 'node.hostname==nobody', '--', 'sequential'))).toEqual([
      2,
      expect.stringContaining('--constraint excludes all 2 nodes'),
    ]);
    expect(refusal(...fleet(swarm, '--', 'run', 'no-such'))).toEqual([
      2,
      expect.stringContaining('scenario "no-such" not found in '),
    ]);
    expect(await ask(swarm.manager.host, '/services')).toEqual([]);
    expect(existsSync(join(sandbox.folder, 'results'))).toBe(false);

    const { status, stdout } = sandbox.bench(
      fleet(swarm, '--no-report', '--', 'sequential', '--count', '1', '--warmup', '0'),
    );
    expect([status, states()]).toEqual([1, { 'node-a': 'measured', 'node-b': 'failed' }]);
    expect(stdout.replaceAll('\n', ' ')).toMatch(
      /node-b: No such image: sha256:[0-9a-f]{64}\. Load seccomp-bench:test there: docker save seccomp-bench:test \| ssh NODE docker load/,
    );
    await expectNothingLeft(swarm, [swarm.manager, swarm.worker]);
  });

  it('gathers what each node measured, verifies it, and makes a report per architecture and one over all', async (context) => {
    const swarm = withImage(context);
    const { status, stdout } = sandbox.bench(fleet(swarm, '--timeout', '2m', '--', 'run', 'tiny', '--seed', '7'));
    expect([status, states()]).toEqual([0, { 'node-a': 'measured', 'node-b': 'measured' }]);
    expect(stdout).toMatch(/node-a +\S+ +measured +1 folder, 8 files\nnode-b +\S+ +measured +1 folder, 8 files/);
    for (const { node, outcome } of record().nodes) {
      const path = join(fleetFolder(), outcome.results[0]?.path ?? '');
      expect(spawnSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: path, encoding: 'utf8' })).toMatchObject({
        status: 0,
        stdout: '',
      });
      const plan = JSON.parse(readFileSync(join(path, 'plan.json'), 'utf8')) as {
        readonly node: string;
        readonly seed: number;
        readonly scenario: { readonly name: string; readonly profile: string };
      };
      expect([plan.node, plan.seed, plan.scenario.name, plan.scenario.profile]).toEqual([
        node.name,
        7,
        'tiny',
        'own.json',
      ]);
      expect(JSON.parse(readFileSync(join(path, 'host.json'), 'utf8'))).toMatchObject({ hostname: node.name });
      const samples = readFileSync(join(path, 'samples.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as ContainerSample);
      expect(lastAttempts(samples).samples.map(({ state }) => state)).toEqual(Array.from({ length: 21 }, () => 'ok'));
      expect(JSON.parse(readFileSync(join(path, 'ledger.json'), 'utf8'))).toMatchObject({
        ended: 'complete',
        after: { ids: [] },
        left: { ids: [] },
      });
    }
    const [name] = folders(join(sandbox.folder, 'results'));
    expect(folders(join(sandbox.folder, 'reports'))).toEqual([
      name,
      `${name ?? ''}-${record().nodes[0]?.node.machine ?? ''}`,
    ]);
    for (const report of folders(join(sandbox.folder, 'reports'))) {
      const page = readFileSync(join(sandbox.folder, 'reports', report, 'index.html'), 'utf8');
      for (const words of ['sequential, node-a', 'sequential, node-b', 'Every node was measured'])
        expect(page).toContain(words);
    }
    await expectNothingLeft(swarm, [swarm.manager, swarm.worker]);
  });

  it('removes the job from the swarm and the nodes when it is stopped', async (context) => {
    const swarm = withImage(context);
    const { pid, stderr, end } = sandbox.start(fleet(swarm, '--', 'sequential', '--count', '5000'));
    await until(() => /node-a: running[^]*node-b: running|node-b: running[^]*node-a: running/.test(stderr()), end);
    process.kill(pid, 'SIGINT');
    expect(await end).toMatchObject({ status: 130 });
    expect(states()).toEqual({ 'node-a': 'unfinished', 'node-b': 'unfinished' });
    await expectNothingLeft(swarm, [swarm.manager, swarm.worker]);
  });

  it('is removed from the swarm and the nodes by bench clean after it was killed', async (context) => {
    const swarm = withImage(context);
    const { pid, stderr, end } = sandbox.start(
      fleet(swarm, '--constraint', 'node.role==manager', '--', 'sequential', '--count', '5000'),
    );
    await until(() => stderr().includes('node-a: running'), end);
    process.kill(pid, 'SIGKILL');
    await end;
    expect(await ask(swarm.manager.host, '/services')).toHaveLength(1);
    const cleaned = sandbox.bench(['clean']);
    expect([cleaned.status, cleaned.stdout, cleaned.stderr]).toEqual([
      0,
      expect.stringMatching(/^removed .*\/sb-[0-9a-f]{8}: \d+ containers/m),
      '',
    ]);
    expect(await ask(swarm.manager.host, '/services')).toEqual([]);
    await expectNoContainer(swarm.manager.host);
  });

  it('tells every node to end at --timeout, and keeps what each had', async (context) => {
    const swarm = withImage(context);
    // A node that reached no block by then sends nothing. How soon it does is for the machine, so that gets more time.
    for (const limit of ['15s', '60s']) {
      sandbox.clear();
      const job = ['--constraint', 'node.role==manager', '--', 'sequential', '--count', '5000', '--warmup', '0'];
      const { status } = sandbox.bench(fleet(swarm, '--no-report', '--timeout', limit, ...job));
      expect([status, states()]).toEqual([1, { 'node-a': 'unfinished' }]);
      expect(record().nodes[0]?.outcome).toMatchObject({
        reason: expect.stringMatching(/^it was stopped/) as unknown,
      });
      await expectNothingLeft(swarm, [swarm.manager, swarm.worker]);
      if (record().nodes[0]?.outcome.results.length !== 0) break;
    }
    const [kept] = record().nodes[0]?.outcome.results ?? [];
    const ledger = JSON.parse(readFileSync(join(fleetFolder(), kept?.path ?? '', 'ledger.json'), 'utf8')) as object;
    expect(ledger).toMatchObject({ ended: 'interrupted', left: { ids: [] } });
  });

  it('names a node that is lost while the job runs, does not wait for it, and keeps what the others give', async (context) => {
    const swarm = withImage(context);
    const { stderr, end } = sandbox.start(fleet(swarm, '--', 'run', 'tiny'));
    await until(() => stderr().includes('node-b: running'), end);
    await swarm.worker.kill();
    const { status, stdout } = await end;
    expect([status, states()]).toEqual([1, { 'node-a': 'measured', 'node-b': 'lost' }]);
    expect(stdout.replaceAll('\n', ' ')).toMatch(/node-b: the node is down: heartbeat failure/);
    expect(folders(join(sandbox.folder, 'reports'))).toHaveLength(2);
    const page = readFileSync(
      join(sandbox.folder, 'reports', folders(join(sandbox.folder, 'reports'))[0] ?? '', 'index.html'),
      'utf8',
    );
    expect(page).toContain('1 of 2 nodes gave no complete result');
    await expectNothingLeft(swarm, [swarm.manager]);
  });
});

/** A node may still be at removing what its manager calls removed. */
async function expectNoContainer(host: string): Promise<void> {
  await expect.poll(() => ask(host, '/containers/json?all=true'), { timeout: 20_000, interval: 200 }).toEqual([]);
}

/** Waits for what a command says, or its end. */
async function until(said: () => boolean, end: Promise<unknown>): Promise<void> {
  const command = { over: false };
  void end.then(() => {
    command.over = true;
  });
  while (!command.over && !said()) await new Promise((resolve) => setTimeout(resolve, 100));
}

/** Made without a registry, on the manager; gives its name. */
function makeImage({ manager }: TwoNodes): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'scripts/make-image.mjs'), '--host', manager.host, '--tag', 'seccomp-bench:test'],
    { encoding: 'utf8', timeout: 230_000 },
  );
  if (status !== 0) throw new Error(`scripts/make-image.mjs: ${stderr}`);
  return stdout.trim();
}

/** As a user does: save here, load there. */
function copyImage({ manager, worker, docker }: TwoNodes, image: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'bench-image-'));
  docker(manager, 'save', '--output', join(folder, 'image.tar'), image);
  docker(worker, 'load', '--input', join(folder, 'image.tar'));
  rmSync(folder, { recursive: true });
}
