import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import type { ArmEvidence, LoadedFilter } from '../../src/model/run/evidence.js';
import { findProgram } from '../../src/process/files/find.js';
import { isRoot, needs, needsRoot, PrivateSandbox, Sandbox } from './bench.js';
import { memoryFolder, removeMemoryFolder, seenWhereTraced } from './daemons.js';

const sandbox = new Sandbox();
const folder = memoryFolder('bench-cri-');
const socket = join(folder, 'c.sock');
const withoutCri = join(folder, 'n.sock');
const daemons: ChildProcess[] = [];
/** Parents that containerd makes for its pods' cgroups, and keeps. */
const cgroupsBefore = cgroupParents();

/** A private containerd, with its CRI plugin or without. */
async function start(name: string, address: string, ...lines: readonly string[]): Promise<void> {
  const program = findProgram('containerd', `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`);
  if (program === undefined) return;
  const config = join(folder, `${name}.toml`);
  writeFileSync(
    config,
    [
      'version = 2',
      `root = "${folder}/${name}/root"`,
      `state = "${folder}/${name}/state"`,
      ...lines,
      '[grpc]',
      `address = "${address}"`,
      '[plugins."io.containerd.internal.v1.opt"]',
      `path = "${folder}/${name}/opt"`,
      '[plugins."io.containerd.grpc.v1.cri"]',
      // The score of this process may be higher than that of a pod.
      'restrict_oom_score_adj = true',
      '',
    ].join('\n'),
  );
  daemons.push(spawn(program, ['--config', config], { stdio: 'ignore', env: { ...process.env, TMPDIR: folder } }));
  for (let tries = 0; tries < 200 && !existsSync(address); tries++) await sleep(50);
}

function cgroupParents(): readonly string[] {
  return readdirSync('/sys/fs/cgroup')
    .map((name) => join('/sys/fs/cgroup', name, 'k8s.io'))
    .concat('/sys/fs/cgroup/k8s.io')
    .filter((path) => existsSync(path));
}

beforeAll(async () => {
  if (!isRoot()) return;
  await start('with', socket);
  await start('without', withoutCri, 'disabled_plugins = ["io.containerd.grpc.v1.cri"]');
});

afterAll(async () => {
  for (const daemon of daemons) {
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await ended;
  }
  for (const path of cgroupParents().filter((parent) => !cgroupsBefore.includes(parent))) {
    try {
      rmdirSync(path);
    } catch {
      // One folder has several names where controllers share a hierarchy, or another containerd uses it.
    }
  }
  removeMemoryFolder(folder);
  sandbox[Symbol.dispose]();
});
beforeEach(() => {
  sandbox.clear();
});

function needsCri(context: TestContext): void {
  needsRoot(context);
  needs(context, 'containerd', 'ctr', 'runc');
  if (!existsSync(socket)) context.skip('containerd did not start here');
}

const HOST = ['--engine', 'cri', '--host', `unix://${socket}`] as const;
const bench = (command: string, ...args: readonly string[]) =>
  sandbox.bench([command, ...HOST, '--no-report', ...args]);
const ctr = (...args: readonly string[]): string =>
  spawnSync('ctr', ['--address', socket, '--namespace', 'k8s.io', ...args], { encoding: 'utf8' }).stdout;

/** Containers, tasks, images, content and snapshots of all runs; mounts and shims of the daemon. */
const left = (): readonly string[] => [
  ...['containers', 'tasks', 'images'].map((what) => ctr(what, 'list', '--quiet')),
  ctr('content', 'list', '--quiet'),
  ctr('snapshots', 'list').split('\n').slice(1).join(''),
  readFileSync('/proc/self/mounts', 'utf8').includes(`${folder}/`) ? 'mounts' : '',
];
const NOTHING = ['', '', '', '', '', ''];

const lengthOf = (loaded: LoadedFilter | undefined): number =>
  loaded?.state === 'seen' ? loaded.programs.reduce((sum, { instructions }) => sum + instructions, 0) : -1;
const evidence = (): readonly ArmEvidence[] =>
  JSON.parse(readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8')) as readonly ArmEvidence[];

describe('cri', () => {
  it('times execs in a waiting container of each arm, proves the filter of an exec, and leaves nothing behind', (context) => {
    needsCri(context);
    const { status, stdout, stderr } = bench('exec', '--blocks', '3', '--warmup', '0', '--probes', '100@10s');
    expect(status, stderr).toBe(0);
    const [before, after, unconfined] = evidence();
    const lengths = [before, after, unconfined].map((arm) =>
      arm?.loaded.state === 'seen' ? arm.loaded.programs.map(({ instructions }) => instructions) : arm?.loaded.reason,
    );
    expect(lengths).toEqual([[expect.any(Number)], [expect.any(Number)], []]);
    expect([before, after, unconfined].map((arm) => arm?.exec?.seccompMode)).toEqual([2, 2, 0]);
    // runc, which the pod's shim starts, is traced there.
    expect([before, after, unconfined].map((arm) => arm?.exec?.origin.kind)).toEqual([
      ...[seenWhereTraced('built'), seenWhereTraced('built'), 'none'],
    ]);
    expect(after?.task?.seccompFilters).toBe(1);
    const containers = sandbox.containers();
    // A block within which something stood still is run again.
    expect(containers.length).toBeGreaterThanOrEqual(12);
    expect(new Set(containers.map(({ state }) => state))).toEqual(new Set(['ok']));
    expect(stdout).toMatch(/its\s+share\s+of\s+a\s+CPU\s+is\s+not\s+known/);
    expect(JSON.parse(readFileSync(join(sandbox.results(), 'ledger.json'), 'utf8'))).toMatchObject({
      before: { state: 'listed', ids: [] },
      after: { state: 'listed', ids: [] },
      left: { state: 'listed', ids: [] },
    });
    expect(left()).toEqual(NOTHING);
  });

  it('runs pods under each arm, proves the filters of containers and pods, and leaves nothing behind', (context) => {
    needsCri(context);
    const { status, stderr } = bench(
      'sequential',
      ...['--count', '1', '--warmup', '0', '--arms', 'before,after,runtime-default,unconfined'],
    );
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining(`at unix://${socket} (--host), runtime handler runc`),
    ]);
    const [before, after, own, unconfined, control] = evidence();
    expect(lengthOf(before?.loaded)).toBeGreaterThan(lengthOf(after?.loaded));
    expect(lengthOf(control?.loaded)).toBe(lengthOf(before?.loaded));
    expect([lengthOf(unconfined?.loaded), unconfined?.seccompMode]).toEqual([0, 0]);
    expect(own).toMatchObject({
      given: { kind: 'runtimeDefault' },
      predicted: { state: 'unknown', reason: "it is the runtime's own profile" },
      seccompMode: 2,
    });
    // The pod of each arm has the runtime's own filter, as with a kubelet.
    expect(evidence().map(({ pod }) => [pod?.seccomp, lengthOf(pod?.loaded)])).toEqual(
      Array.from({ length: 5 }, () => ['runtime-default', lengthOf(own?.loaded)]),
    );
    for (const sample of sandbox.containers()) {
      expect(sample.state).toBe('ok');
      expect(Object.keys((sample as { stagesNs?: object }).stagesNs ?? {})).toEqual([
        'sandbox',
        'create',
        'start',
        'exit',
        'remove',
      ]);
    }
    expect(left()).toEqual(NOTHING);
  });

  it('gives the pod the filter of its arm where --pod-seccomp says so, and times stages to the first instruction', (context) => {
    needsCri(context);
    const options = ['--count', '1', '--warmup', '0', '--pod-seccomp', 'arm', '--stages'];
    expect(bench('sequential', ...options).status).toBe(0);
    for (const { pod, loaded } of evidence()) expect(lengthOf(pod?.loaded)).toBe(lengthOf(loaded));
    const [sample] = sandbox.containers();
    expect(Object.keys((sample as { stagesNs?: object }).stagesNs ?? {})).toContain('convert');
    expect(left()).toEqual(NOTHING);
  });

  it('runs batches, programs of the host, and programs in running containers', (context) => {
    needsCri(context);
    expect(bench('parallel', '--count', '3', '--rounds', '1', '--warmup', '0').status).toBe(0);
    expect(sandbox.containers().filter(({ state }) => state === 'ok')).toHaveLength(9);
    for (const via of ['run', 'exec']) {
      sandbox.clear();
      const { status, stdout, stderr } = bench(
        'workload',
        ...['--arms', 'unconfined,after', '--blocks', '1', '--warmup', '0', '--no-explain', '--via', via],
        ...['--bind-host', '--', '/bin/true'],
      );
      expect([status, `${stdout}${stderr}`]).toEqual([0, expect.not.stringContaining('behind')]);
    }
    expect(left()).toEqual(NOTHING);
  });

  it('refuses a server: its pods are in the network of this machine', (context) => {
    needsCri(context);
    const { status, stderr } = bench('workload', '--bind-host', '--ready', '80', '--load', 'true', '--', 'sleep', '1');
    expect([status, stderr.includes('--engine cri cannot run a server with a load')], stderr).toEqual([2, true]);
    expect(ctr('containers', 'list', '--quiet')).toBe('');
  });

  it('ends with exit code 2 and one line where the runtime refuses a profile, for a container and for a pod', (context) => {
    needsCri(context);
    // runc wants a listener for it.
    const profile = join(folder, 'notify.json');
    const rules = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['getcwd'], action: 'SCMP_ACT_NOTIFY' }],
    };
    writeFileSync(profile, JSON.stringify(rules));
    for (const [filter, words] of [
      ['runtime-default', 'a container of arm n did not start'],
      ['arm', 'the pod of arm n was not made'],
    ] as const) {
      const options = ['--arms', 'unconfined', '--arm', `n=${profile}`, '--pod-seccomp', filter];
      const { status, stderr } = bench('sequential', '--count', '1', ...options);
      expect([status, stderr]).toEqual([
        2,
        expect.stringMatching(
          new RegExp(`\\nbench: ${words}: refused: gRPC UNKNOWN: .*listenerPath is not set.*\\n  The profile`),
        ),
      ]);
    }
    expect(left()).toEqual(NOTHING);
  });

  it.each([
    ['--runtime', 'nothing', /^bench: "nothing" is not a runtime handler of containerd\n {2}It has runc/],
    ['--image', 'docker.io/library/no:1', /^bench: image docker\.io\/library\/no:1 not found in the runtime at unix:/],
    ['--pod-seccomp', 'own', /^bench: "own" is not a filter for pods\n/],
  ])('refuses %s %s in one line', (option, value, words) => {
    if (!existsSync(socket)) return;
    const { status, stderr } = bench('sequential', '--count', '1', option, value);
    expect([status, stderr]).toEqual([2, expect.stringMatching(words)]);
    expect(left()).toEqual(NOTHING);
  });

  it('refuses a containerd without its CRI plugin, and a socket where nothing listens', (context) => {
    needsCri(context);
    const at = (path: string) => sandbox.bench(['sequential', '--engine', 'cri', '--host', `unix://${path}`]);
    expect([at(withoutCri), at('/no/such.sock')].map(({ status, stderr }) => [status, stderr.split('\n')[0]])).toEqual([
      [2, `bench: what listens at unix://${withoutCri} has no CRI v1: unknown service runtime.v1.RuntimeService`],
      [2, 'bench: could not connect to a CRI runtime at unix:///no/such.sock: no such socket'],
    ]);
  });

  it('refuses its own options and arms for other engines', () => {
    const refused = (...args: readonly string[]) => sandbox.bench(['sequential', '--engine', 'namespaces', ...args]);
    expect(refused('--pod-seccomp', 'arm')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('bench: --pod-seccomp requires --engine cri, not namespaces\n') as string,
    });
    expect(refused('--arms', 'after,runtime-default')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        "bench: --engine namespaces cannot load runtime-default, the runtime's own profile\n",
      ) as string,
    });
  });

  it('is left without pods and images by bench clean after a run that was killed', async (context) => {
    needsCri(context);
    using own = new PrivateSandbox();
    const { pid, end } = own.start(['sequential', ...HOST, '--count', '1', '--no-report']);
    // A container that sleeps until somebody ends it.
    while (ctr('tasks', 'list', '--quiet').trim().split('\n').length < 2) await sleep(5);
    process.kill(pid, 'SIGKILL');
    await end;
    expect(own.bench(['clean']).stdout).toMatch(/^removed .*: 1 containers, \d processes\n$/);
    expect([left(), readdirSync(own.tmp)]).toEqual([NOTHING, []]);
  });

  it('does not hold Ctrl-C where the runtime has stopped', async (context) => {
    needsCri(context);
    using own = new PrivateSandbox();
    const { pid, stderr, end } = own.start(['sequential', ...HOST, '--count', '5000', '--warmup', '0', '--no-report']);
    while (!stderr().includes('seed ')) await sleep(20);
    await sleep(300);
    const daemon = daemons[0];
    daemon?.kill('SIGSTOP');
    try {
      await sleep(300);
      process.kill(pid, 'SIGINT');
      const ended = await end;
      expect([ended.status, ended.stderr]).toEqual([130, expect.stringContaining('bench clean tries again')]);
    } finally {
      daemon?.kill('SIGCONT');
    }
    expect(own.bench(['clean']).status).toBe(0);
    expect([left(), readdirSync(own.tmp)]).toEqual([NOTHING, []]);
  });
});
