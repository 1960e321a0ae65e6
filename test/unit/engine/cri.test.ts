import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { CriEngine } from '../../../src/engine/cri/engine.js';
import { CriClient } from '../../../src/engine/cri/client.js';
import { parseLog } from '../../../src/engine/cri/log.js';
import { openCri } from '../../../src/engine/cri/open.js';
import { parseConfig, sandboxImageIn } from '../../../src/engine/cri/runtime.js';
import { findCri } from '../../../src/engine/cri/socket.js';
import { contained, limitsByCgroup } from '../../../src/model/container/containment.js';
import type { BatchRequest, ContainerRun } from '../../../src/model/container/container.js';
import type { PodSeccomp } from '../../../src/model/container/pod.js';
import { startClock } from '../../../src/experiment/session/session.js';
import type { BenchError } from '../../../src/errors.js';
import { FakeRuntime, Refusal } from './cri-server.js';
import { FakeHost } from './parts.js';

const SPEC = { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_X86_64'], syscalls: [] };
const UNCONFINED = { name: 'none', spec: null, text: 'null' } as const;
const AFTER = { name: 'after', spec: SPEC, text: JSON.stringify(SPEC) };
const OWN = {
  name: 'own',
  spec: null,
  text: 'runtime-default\n',
  given: { kind: 'runtimeDefault', form: 'runtime-default', name: 'runtime-default' },
} as const;

let host: FakeHost;
let runtime: FakeRuntime;
let address: string;

beforeEach(async () => {
  host = new FakeHost();
  address = `unix://${join(host.folder, 's.sock')}`;
  runtime = await new FakeRuntime().listen(address);
});
afterEach(async () => {
  await runtime[Symbol.asyncDispose]();
  host[Symbol.dispose]();
});

async function engineWith(ctx: TestContext, podSeccomp: PodSeccomp = 'runtime-default'): Promise<CriEngine> {
  const facts = { name: 'cri', version: 'fake 1.2.3', path: null, rootless: false, notes: [] };
  const builder = { kind: 'unknown', reason: 'it is a fake' } as const;
  const client = await CriClient.at(address);
  const options = { facts, limits: {}, builder, client, handler: 'runc', image: 'there', podSeccomp };
  const containment = contained(limitsByCgroup(2 ** 32));
  return new CriEngine({ ...options, containment, parts: host.parts(ctx), clock: startClock() });
}

const request = (arm: string, more: Partial<BatchRequest> = {}): BatchRequest => ({
  arm,
  mode: 'exit',
  ids: ['one'],
  concurrency: 1,
  timeoutMs: 5000,
  signal: new AbortController().signal,
  ...more,
});

async function runOf(engine: CriEngine, wanted: BatchRequest): Promise<ContainerRun> {
  const [run] = (await engine.run(wanted)).containers;
  if (run === undefined) throw new Error('one container has one run');
  return run;
}

/** The security profiles that pod and container asked for, in order. */
const profiles = (): readonly unknown[] =>
  runtime.calls.flatMap(({ name, request: sent }) => {
    if (name === 'RunPodSandbox')
      return [
        (sent as { config: { linux: { securityContext: { seccomp: unknown } } } }).config.linux.securityContext.seccomp,
      ];
    if (name !== 'CreateContainer') return [];
    return [
      (sent as { config: { linux: { securityContext: { seccomp: unknown } } } }).config.linux.securityContext.seccomp,
    ];
  });

describe('the engine cri', () => {
  it('takes a pod through all its calls and separates the stages, which add up to the wall time', async (ctx) => {
    await using engine = await engineWith(ctx);
    await engine.prepare(AFTER);
    const { exit, stdout, stages = {}, wall } = await runOf(engine, request('after'));
    expect([exit, stdout]).toEqual([{ kind: 'exited', code: 0 }, 'ok\n']);
    expect(Object.keys(stages)).toEqual(['sandbox', 'create', 'start', 'exit', 'remove']);
    expect(Object.values(stages).reduce((sum, one) => sum + one, 0)).toBe(wall);
    expect(runtime.calls.map(({ name }) => name)).toEqual([
      'RunPodSandbox',
      'CreateContainer',
      'StartContainer',
      'ContainerStatus',
      'RemoveContainer',
      'StopPodSandbox',
      'RemovePodSandbox',
    ]);
    expect(runtime.pods.size).toBe(0);
  });

  it("hands over each arm as a security profile, and gives the pod the runtime's own", async (ctx) => {
    await using engine = await engineWith(ctx);
    for (const arm of [AFTER, UNCONFINED, OWN]) {
      await engine.prepare(arm);
      await engine.run(request(arm.name));
    }
    const pod = { profileType: 'RuntimeDefault', localhostRef: '' };
    const [, { localhostRef: file } = { localhostRef: '' }] = profiles() as { localhostRef: string }[];
    expect(profiles()).toEqual([
      pod,
      { profileType: 'Localhost', localhostRef: file },
      pod,
      { profileType: 'Unconfined', localhostRef: '' },
      pod,
      { profileType: 'RuntimeDefault', localhostRef: '' },
    ]);
    expect(readFileSync(file, 'utf8')).toBe(AFTER.text);
  });

  it.each([
    ['arm', 'Localhost'],
    ['unconfined', 'Unconfined'],
  ] as const)('gives the pod what --pod-seccomp %s says', async (podSeccomp, type) => {
    await using engine = await engineWith({ skip: () => undefined } as unknown as TestContext, podSeccomp);
    await engine.prepare(AFTER);
    await engine.run(request('after'));
    expect(profiles()[0]).toMatchObject({ profileType: type });
  });

  it.each([
    ['RunPodSandbox', 'sandbox'],
    ['CreateContainer', 'create'],
    ['StartContainer', 'start'],
    ['ContainerStatus', 'exit'],
    ['RemoveContainer', 'remove'],
  ] as const)('counts a refused %s as a failure in %s, in one line, and leaves no pod', async (name, stage) => {
    await using engine = await engineWith({ skip: () => undefined } as unknown as TestContext);
    await engine.prepare(AFTER);
    runtime.before = (called) => {
      if (called === name) throw new Refusal(status.UNKNOWN, `bad ${'0'.repeat(64)}\nprofile`);
    };
    const { exit, failedIn, stderr } = await runOf(engine, request('after'));
    expect([exit, failedIn, stderr]).toEqual([{ kind: 'refused', answer: 'gRPC UNKNOWN' }, stage, 'bad ID profile']);
    expect(runtime.pods.size).toBe(0);
  });

  it('ends a container that does not end, and one that the user stops', async (ctx) => {
    await using engine = await engineWith(ctx);
    await engine.prepare(AFTER);
    runtime.state = 'CONTAINER_RUNNING';
    const hung = await runOf(engine, request('after', { timeoutMs: 1500 }));
    expect([hung.exit, hung.failedIn]).toEqual([{ kind: 'timedOut', afterMs: 1500 }, 'exit']);
    expect(runtime.pods.size).toBe(0);
    const stopped = await runOf(engine, request('after', { signal: AbortSignal.abort() }));
    expect(stopped.exit).toEqual({ kind: 'interrupted' });
    expect(runtime.pods.size).toBe(0);
  });

  it('starts programs in a running container of their arm, which is no leftover', async (ctx) => {
    await using engine = await engineWith(ctx);
    await engine.prepare(AFTER);
    runtime.state = 'CONTAINER_RUNNING';
    runtime.output = 'ready\n';
    const program = { kind: 'program', args: ['/bin/echo', 'hi'], env: [], cwd: '/', binds: [], via: 'exec' } as const;
    const { exit, stdout } = await runOf(engine, request('after', { mode: program }));
    expect([exit, stdout, await engine.list()]).toEqual([{ kind: 'exited', code: 0 }, '/bin/echo hi\n', []]);
    expect(runtime.pods.size).toBe(1);
    await engine.prepare(AFTER);
    expect(runtime.pods.size).toBe(0);
  });

  it('removes what an earlier stop left, once the runtime lets go of it', async (ctx) => {
    const engine = await engineWith(ctx);
    await engine.prepare(AFTER);
    await engine.create('after', `${host.parts(ctx).runId}-left`, 'sleep');
    let busy = 2;
    runtime.before = (name) => {
      if (name === 'RemovePodSandbox' && busy-- > 0)
        throw new Refusal(status.UNKNOWN, 'container is in starting state');
    };
    expect(await engine.list()).toEqual([`${host.parts(ctx).runId}-left`]);
    await engine[Symbol.asyncDispose]();
    expect(runtime.pods.size).toBe(0);
  });
});

describe('the opening of cri', () => {
  const open = (ctx: TestContext, more: object = {}): Promise<unknown> =>
    openCri({
      choice: 'cri',
      cri: { address, source: '--host' },
      parts: host.parts(ctx),
      clock: startClock(),
      signal: new AbortController().signal,
      ...more,
    });
  const faultOf = (opening: Promise<unknown>): Promise<string> =>
    opening.then(
      () => 'none',
      (error: unknown) => `${(error as BenchError).code}: ${(error as BenchError).message}`,
    );

  it('takes an image that is there, and says so where none can be loaded or found', async (ctx) => {
    expect(await faultOf(open(ctx))).toBe(
      `environment: fake at ${address} cannot load the payload's image: CRI has no call for that`,
    );
    expect(await faultOf(open(ctx, { image: 'missing' }))).toBe(
      `environment: image missing not found in the runtime at ${address}`,
    );
    await using engine = (await open(ctx, { image: 'there' })) as CriEngine;
    expect([engine.facts.name, engine.facts.version, engine.podSeccomp]).toEqual([
      'cri',
      'fake 1.2.3',
      'runtime-default',
    ]);
  });

  it('refuses a handler that the runtime does not list', async (ctx) => {
    expect(await faultOf(open(ctx, { runtime: 'runk', image: 'there' }))).toBe(
      'usage: "runk" is not a runtime handler of fake; did you mean "runc"?',
    );
  });

  it('says what is wrong with a socket, in one line', async (ctx) => {
    const at = (path: string): Promise<string> =>
      faultOf(open(ctx, { cri: { address: `unix://${path}`, source: '--host' } }));
    const file = join(host.folder, 'file');
    writeFileSync(file, '');
    const other = join(host.folder, 'other.sock');
    const server = createServer((socket) => {
      socket.end('SSH-2.0-OpenSSH\r\n');
    });
    await new Promise<void>((resolve) => server.listen(other, resolve));
    const prefix = 'environment: could not connect to a CRI runtime at unix://';
    expect([await at('/no/such.sock'), await at(file), await at(other)]).toEqual([
      `${prefix}/no/such.sock: no such socket`,
      `${prefix}${file}: nothing listens there`,
      `${prefix}${other}: what listens there does not speak gRPC`,
    ]);
    server.close();
  });

  it('says that a runtime has no CRI v1', async (ctx) => {
    runtime.before = () => {
      throw new Refusal(status.UNIMPLEMENTED, 'unknown service runtime.v1.RuntimeService');
    };
    expect(await faultOf(open(ctx))).toBe(
      `environment: what listens at ${address} has no CRI v1: unknown service runtime.v1.RuntimeService`,
    );
  });
});

describe('the socket of a CRI runtime', () => {
  const none = (): boolean => false;
  it('is that of --host, of CONTAINER_RUNTIME_ENDPOINT, or the first default one that exists', () => {
    expect(findCri('unix:///a', { CONTAINER_RUNTIME_ENDPOINT: 'unix:///b' }, none).address).toBe('unix:///a');
    expect(findCri('/a', {}, none).address).toBe('unix:///a');
    expect(findCri(undefined, { CONTAINER_RUNTIME_ENDPOINT: 'unix:///b' }, none)).toEqual({
      address: 'unix:///b',
      source: 'CONTAINER_RUNTIME_ENDPOINT',
    });
    expect(findCri(undefined, {}, (path) => path === '/run/crio/crio.sock')).toEqual({
      address: 'unix:///run/crio/crio.sock',
      source: 'the default socket of CRI-O',
    });
  });

  it('must be there, on this machine', () => {
    expect(() => findCri(undefined, {}, none)).toThrow(
      '--engine cri requires the socket of a CRI runtime, and none of /run/containerd/containerd.sock',
    );
    expect(() => findCri('tcp://node:1', {}, none)).toThrow(
      '--host: expected unix:///path/to.sock for --engine cri, got "tcp://node:1"',
    );
  });
});

describe('what a runtime tells', () => {
  it('is read out of the log of a container, whose long lines come in parts', () => {
    const log = [
      '2026-11-26T00:00:00.1Z stdout P o',
      '2026-11-26T00:00:00.2Z stdout F k',
      '2026-11-26T00:00:00.3Z stderr F  spaced',
      '2026-11-26T00:00:00.4Z stdout F ',
      '',
    ].join('\n');
    expect(parseLog(log)).toEqual({ stdout: 'ok\n\n', stderr: ' spaced\n' });
    expect(parseLog('')).toEqual({ stdout: '', stderr: '' });
  });

  it("is the image of pods and the runtimes in containerd's configuration", () => {
    const config = {
      sandboxImage: 'registry.k8s.io/pause:3.6',
      containerd: {
        defaultRuntimeName: 'runc',
        runtimes: {
          runc: { runtimeType: 'io.containerd.runc.v2', options: { BinaryName: '' } },
          crun: { runtimeType: 'io.containerd.runc.v2', options: { BinaryName: '/usr/bin/crun' } },
          runsc: { runtimeType: 'io.containerd.runsc.v1', options: null },
        },
      },
    };
    expect(parseConfig(JSON.stringify(config))).toEqual({
      sandboxImage: 'registry.k8s.io/pause:3.6',
      defaultHandler: 'runc',
      runtimes: {
        runc: { runtimeType: 'io.containerd.runc.v2', program: '' },
        crun: { runtimeType: 'io.containerd.runc.v2', program: '/usr/bin/crun' },
        runsc: { runtimeType: 'io.containerd.runsc.v1', program: '' },
      },
    });
    expect([parseConfig(undefined), parseConfig('no JSON')]).toEqual([{ runtimes: {} }, { runtimes: {} }]);
  });

  it.each([
    ['    sandbox_image = "registry.k8s.io/pause:3.8"\n', 'registry.k8s.io/pause:3.8'],
    [
      "[plugins]\n  [plugins.'io.containerd.cri.v1.images'.pinned_images]\n    sandbox = 'registry.k8s.io/pause:3.10'\n",
      'registry.k8s.io/pause:3.10',
    ],
    ["[plugins.'x']\n  sandbox = 'other'\n", undefined],
  ])('is the image of pods in a printed configuration: %j', (toml, image) => {
    expect(sandboxImageIn(toml)).toBe(image);
  });
});
