import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { FleetRecord } from '../../src/model/host/fleet.js';
import type { RunPlan } from '../../src/model/results/result.js';
import { startContainerd } from './cluster/containerd.js';
import { needs, needsRoot, PrivateSandbox, type CliResult, reportsIn } from './bench.js';
import { nodeNamed, type StandInNode } from './cluster/cluster.js';
import { podPrograms } from './cluster/kubelet.js';
import { StandInServer } from './cluster/server.js';

const sandbox = new PrivateSandbox();
/** On a node, for the engine cri: the one of this machine is not left behind. */
const NODE_FOLDER = '/var/lib/seccomp-bench';
const hadNodeFolder = existsSync(NODE_FOLDER);
afterAll(() => {
  sandbox[Symbol.dispose]();
  if (!hadNodeFolder) rmSync(NODE_FOLDER, { recursive: true, force: true });
});

/** A scenario and a profile of this folder, which the pods are to see. */
const SCENARIO = {
  kind: 'sequential',
  name: 'tiny',
  count: 4,
  warmup: 0,
  profile: 'own.json',
  arms: ['before', 'after'],
};
const PROFILE = {
  defaultAction: 'SCMP_ACT_ALLOW',
  archMap: [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
  ],
  syscalls: [{ names: ['kexec_load'], action: 'SCMP_ACT_ERRNO' }],
};
const IMAGE = ['--image', 'bench:test', '--engine', 'namespaces'];
const SHORT = ['--', 'sequential', '--count', '2', '--warmup', '0'];

let server: StandInServer;
beforeEach(async () => {
  sandbox.clear();
  server = await StandInServer.start();
  addNodes(nodeNamed('node-a'), nodeNamed('node-b'));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

function addNodes(...nodes: readonly StandInNode[]): void {
  for (const node of nodes) server.cluster.nodes.set(node.name, node);
}

/** The pods of a fleet run as root here; the other tests need kubectl alone. */
function needsPods(context: TestContext): void {
  needsRoot(context);
  needs(context, 'kubectl', ...podPrograms);
}

const start = (args: readonly string[], env: Record<string, string> = {}): ReturnType<PrivateSandbox['start']> =>
  sandbox.start(['fleet', '--kubernetes', ...args], { ...server.env(), ...env });

/** The server answers within this process, so bench may not block it. */
const fleet = (args: readonly string[], env: Record<string, string> = {}): Promise<CliResult> => start(args, env).end;

const results = (): string => join(sandbox.folder, 'results');
function record(): FleetRecord {
  const [name = ''] = readdirSync(results());
  return JSON.parse(readFileSync(join(results(), name, 'fleet.json'), 'utf8')) as FleetRecord;
}
const outcomes = (): unknown =>
  record().nodes.map(({ node, outcome }) => [
    node.name,
    outcome.state,
    ...('reason' in outcome ? [outcome.reason] : [outcome.results.length]),
  ]);

/** Nothing of the run is in the cluster, and none of its folders here. */
function expectNothingLeft(): void {
  const left = [...server.cluster.objects.keys()].filter((key) => !key.startsWith('events/'));
  expect(left.filter((key) => key !== 'namespaces//mine')).toEqual([]);
  expect(sandbox.workspaces()).toEqual([]);
}

/** A process that is not yet reading signals would end only after its grace, as in a real pod. */
async function bothMeasure(end: Promise<unknown>): Promise<void> {
  await until(() => {
    const pods = server.cluster.list('pods', null);
    return pods.length === 2 && pods.every((pod) => server.cluster.log(pod).includes('instructions loaded'));
  }, end);
}

async function until(said: () => boolean, end: Promise<unknown>): Promise<void> {
  const command = { over: false };
  void end.then(() => {
    command.over = true;
  });
  while (!command.over && !said()) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe('bench fleet --kubernetes', () => {
  it('measures each node once in a pod, verifies what comes, reports it and removes all it made', async (context) => {
    needsPods(context);
    writeFileSync(join(sandbox.folder, 'tiny.json'), JSON.stringify(SCENARIO));
    writeFileSync(join(sandbox.folder, 'own.json'), JSON.stringify(PROFILE));
    addNodes(nodeNamed('node-c', { isCordoned: true }));
    const { status, stdout, stderr } = await fleet([...IMAGE, '--', 'run', 'tiny', '--seed', '7']);
    expect([status, stderr]).toEqual([0, expect.stringContaining('node-c: left alone, its availability is cordoned')]);
    expect(stdout).toMatch(/node-a +x86_64 +measured +1 folder, 8 files\nnode-b +x86_64 +measured +1 folder, 8 files/);
    const [name = ''] = readdirSync(results());
    for (const { node, outcome } of record().nodes) {
      const path = join(results(), name, outcome.results[0]?.path ?? '');
      const sums = spawnSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: path, encoding: 'utf8' });
      expect(sums).toMatchObject({ status: 0, stdout: '' });
      const plan = JSON.parse(readFileSync(join(path, 'plan.json'), 'utf8')) as RunPlan;
      expect([plan.node, plan.seed, plan.scenario.profile]).toEqual([node.name, 7, 'own.json']);
    }
    expect(reportsIn(join(sandbox.folder, 'reports'))).toEqual([name, `${name}-x86_64`]);
    expect(record().source).toBe(`kubernetes stand-in/seccomp-bench-${record().id}`);
    expectNothingLeft();
  });

  it('counts a node once when a second pod comes to it, and names the node that got none', async (context) => {
    needsPods(context);
    server.cluster.nodes.get('node-b')!.isFull = true;
    const { status, stderr } = await fleet([...IMAGE, '--no-report', ...SHORT]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/node-a: pod sb-[0-9a-f]{8}-\d-\w+ came to it as well, and is not counted/);
    expect(outcomes()).toEqual([
      ['node-a', 'measured', 1],
      ['node-b', 'notStarted', expect.stringMatching(/^its pod sb-[0-9a-f]{8}-\d-\w+ came to node-a, which had one$/)],
    ]);
    expectNothingLeft();
  });

  it('does not wait for a node that cannot get the image, and keeps what the others measure', async (context) => {
    needsPods(context);
    server.cluster.nodes.get('node-b')!.images.clear();
    const { status } = await fleet([...IMAGE, '--no-report', ...SHORT]);
    expect([status, outcomes()]).toEqual([
      1,
      [
        ['node-a', 'measured', 1],
        ['node-b', 'failed', 'ErrImagePull: failed to pull and unpack image "bench:test": not found'],
      ],
    ]);
    expectNothingLeft();
  });

  it('leaves the other pods alone when the kernel kills one, where Jobs have a limit per index', async (context) => {
    needsPods(context);
    const { end } = start([...IMAGE, '--no-report', '--', 'sequential', '--count', '60', '--warmup', '0']);
    await bothMeasure(end);
    server.cluster.kill('node-b');
    expect((await end).status).toBe(1);
    expect(outcomes()).toEqual([
      ['node-a', 'measured', 1],
      ['node-b', 'failed', expect.stringMatching(/^exit code 137: OOMKilled/)],
    ]);
    expectNothingLeft();
  });

  it('ends the wait when the Job fails, with the words of its controller', async (context) => {
    needsPods(context);
    server.minorVersion = 27;
    const { end } = start([...IMAGE, '--no-report', '--', 'sequential', '--count', '5000']);
    await bothMeasure(end);
    const [job] = server.cluster.list('jobs', null);
    server.cluster.failJob(job!, 'DeadlineExceeded', 'Job was active longer than specified deadline');
    expect((await end).status).toBe(1);
    for (const { outcome } of record().nodes)
      expect([outcome.state, 'reason' in outcome ? outcome.reason : '']).toEqual([
        expect.stringMatching(/^(?:unfinished|failed|lost)$/),
        expect.stringMatching(/DeadlineExceeded: Job was active longer|it was stopped/),
      ]);
    expectNothingLeft();
  });

  it('calls results damaged when a node kept only the end of the log', async (context) => {
    needsPods(context);
    server.logLimit = 1500;
    const { status } = await fleet([...IMAGE, '--selector', 'disk=ssd', '--no-report', ...SHORT]);
    expect(status).toBe(2);
    addNodes(nodeNamed('node-d', { labels: { disk: 'ssd' } }));
    await fleet([...IMAGE, '--selector', 'disk=ssd', '--no-report', ...SHORT]);
    expect(outcomes()).toEqual([['node-d', 'damaged', expect.stringMatching(/cut off at its beginning$/)]]);
    expectNothingLeft();
  });

  it('removes the Job when it is stopped', async (context) => {
    needsPods(context);
    const { pid, end } = start([...IMAGE, '--', 'sequential', '--count', '5000']);
    await bothMeasure(end);
    process.kill(pid, 'SIGINT');
    expect(await end).toMatchObject({ status: 130 });
    expect(outcomes()).toEqual([
      ['node-a', 'unfinished', 'stopped before it had ended'],
      ['node-b', 'unfinished', 'stopped before it had ended'],
    ]);
    expectNothingLeft();
  });

  it('names what it could not remove, and bench clean removes it', async (context) => {
    needsPods(context);
    server.forbidden.add('delete namespaces');
    const { status, stderr } = await fleet([...IMAGE, '--no-report', ...SHORT]);
    expect([status, stderr.replaceAll('\n', ' ')]).toEqual([
      1,
      expect.stringMatching(
        /could not remove namespace seccomp-bench-[0-9a-f]{8}: .*cannot delete resource "namespaces"/,
      ),
    ]);
    expect(stderr).toMatch(/kubectl delete namespace seccomp-bench-[0-9a-f]{8}/);
    server.forbidden.clear();
    const cleaned = await sandbox.start(['clean'], server.env()).end;
    expect([cleaned.status, cleaned.stdout]).toEqual([0, expect.stringMatching(/^removed /m)]);
    expectNothingLeft();
  });

  it('works in a namespace that exists, and leaves it', async (context) => {
    needsPods(context);
    server.cluster.add('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mine' } });
    const { status } = await fleet([...IMAGE, '--namespace', 'mine', '--context', 'other', '--no-report', ...SHORT]);
    expect([status, record().source]).toEqual([0, 'kubernetes other/mine']);
    expect(server.cluster.objects.has('namespaces//mine')).toBe(true);
    expectNothingLeft();
  });
});

describe('bench fleet --kubernetes over the CRI socket of a node', () => {
  it('makes the pods of the measurement on the containerd of the node, and leaves none', async (context) => {
    needsPods(context);
    needs(context, 'containerd', 'ctr', 'runc');
    await using node = await startContainerd();
    if ('missing' in node) {
      context.skip(node.missing);
      return;
    }
    server.cluster.nodes.delete('node-b');
    const args = ['--image', 'bench:test', '--socket', node.socket, '--no-report', ...SHORT];
    const { status, stderr } = await fleet(args);
    expect([status, stderr, outcomes()]).toEqual([0, expect.any(String), [['node-a', 'measured', 1]]]);
    const [name = ''] = readdirSync(results());
    const host = JSON.parse(
      readFileSync(join(results(), name, record().nodes[0]?.outcome.results[0]?.path ?? '', 'plan.json'), 'utf8'),
    ) as RunPlan;
    expect(host.engine.name).toBe('cri');
    expect(node.containers()).toEqual([]);
    expectNothingLeft();
  });

  it('does not wait for a node that has no such socket', async (context) => {
    needsPods(context);
    server.cluster.nodes.delete('node-b');
    const { status } = await fleet(['--image', 'bench:test', '--socket', '/run/nobody.sock', '--no-report', ...SHORT]);
    expect([status, outcomes()]).toEqual([
      1,
      [
        [
          'node-a',
          'failed',
          expect.stringMatching(/hostPath type check failed: \/run\/nobody\.sock is not a socket file$/),
        ],
      ],
    ]);
    expectNothingLeft();
  });
});

describe('bench fleet --kubernetes, before a pod starts', () => {
  const refusal = async (args: readonly string[], env: Record<string, string> = {}): Promise<readonly unknown[]> => {
    const { status, stderr } = await fleet(args, env);
    expect(existsSync(results())).toBe(false);
    return [status, stderr];
  };
  const says = (words: string): unknown => [2, expect.stringContaining(words)];

  it('prints with --dry-run the manifest that it would create, and creates nothing', async (context) => {
    needs(context, 'kubectl');
    addNodes(nodeNamed('node-c', { arch: 'arm64' }));
    const { status, stdout, stderr } = await fleet(['--dry-run', ...SHORT]);
    expect([status, stderr]).toEqual([0, '']);
    const objects = parseAllDocuments(stdout).map((document) => document.toJS() as { readonly kind: string });
    expect(objects.map(({ kind }) => kind)).toEqual(['Namespace', 'Job', 'Job']);
    expect(server.cluster.objects.size).toBe(0);
    expect(existsSync(results())).toBe(false);
  });

  it('says what is missing', async (context) => {
    expect(await refusal([...IMAGE, ...SHORT], { PATH: '/nowhere' })).toEqual(says('kubectl not found in PATH'));
    needs(context, 'kubectl');
    const nobody = join(sandbox.folder, 'nobody');
    writeFileSync(nobody, readFileSync(server.env()['KUBECONFIG']!, 'utf8').replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1'));
    expect(await refusal([...IMAGE, ...SHORT], { KUBECONFIG: nobody })).toEqual(
      says('could not reach the API server: The connection to the server 127.0.0.1:1 was refused'),
    );
    expect(await refusal([...IMAGE, '--context', 'none', ...SHORT])).toEqual(says('context "none" does not exist'));
    expect(await refusal([...IMAGE, '--namespace', 'none', ...SHORT])).toEqual(
      says('could not use namespace none: namespaces "none" not found'),
    );
    expect(await refusal([...IMAGE, '--selector', 'disk=none', ...SHORT])).toEqual(
      says('--selector disk=none matches no node'),
    );
    expect(await refusal(['--image', 'aarch64=bench:test', ...SHORT])).toEqual(
      says('no image for x86_64, only bench:test for aarch64'),
    );
    server.cluster.add('namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'mine', labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
    });
    expect(await refusal([...IMAGE, '--namespace', 'mine', ...SHORT])).toEqual(
      says('namespace mine enforces the Pod Security level baseline'),
    );
  });

  it('says which right is missing, and leaves nothing', async (context) => {
    needs(context, 'kubectl');
    for (const [right, words] of [
      ['list nodes', 'could not list the nodes: nodes is forbidden: User "u" cannot list resource "nodes"'],
      ['create namespaces', 'could not create the Job: namespaces is forbidden'],
      ['create jobs', 'could not create the Job: jobs is forbidden'],
    ] as const) {
      server.forbidden.clear();
      server.forbidden.add(right);
      const { status, stderr } = await fleet([...IMAGE, ...SHORT]);
      expect([status, stderr]).toEqual([2, expect.stringContaining(words)]);
      expectNothingLeft();
      sandbox.clear();
    }
  });

  it('is about one cluster at a time, with the options of its kind', async () => {
    for (const [args, words] of [
      [['--swarm', ...SHORT], '--swarm cannot be combined with --kubernetes'],
      [['--host', 'unix:///x', ...SHORT], '--host requires --swarm'],
      [['--engine', 'namespaces', '--socket', '/x', ...SHORT], '--socket requires --engine cri'],
      [['--image', 's390x=a', ...SHORT], '--image: expected NAME, x86_64=NAME or aarch64=NAME, got "s390x=a"'],
      [['--', 'sequential', '--engine', 'runc'], '--engine cannot be combined with the command for the nodes'],
    ] as const)
      expect(await refusal(args)).toEqual(says(words));
    const { status, stderr } = sandbox.bench(['fleet', '--swarm', '--context', 'a', ...SHORT]);
    expect([status, stderr]).toEqual(says('--context requires --kubernetes'));
  });
});
