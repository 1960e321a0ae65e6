import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import type { SyscallCounts } from '../../src/model/results/syscalls.js';
import { needs } from './bench.js';
import { startContainerd } from './containerd-daemon.js';
import { ask, PATH, startDocker, startPodman } from './daemons.js';
import type { DaemonHere } from './daemons.js';
import { HOST, LOAD, METRIC, PORT, PYTHON, SERVED, serversLeft, until } from './echo-server.js';
import { emptiedBox } from './emptied-box.js';

const box = emptiedBox(serversLeft);

/** A daemon that tests run servers on. */
interface Daemon {
  readonly options: readonly string[];
  readonly env: Record<string, string>;
  /** What of a run it still has. */
  readonly left: () => Promise<unknown>;
  readonly stop: () => Promise<void>;
}
type Here = Daemon | { readonly missing: string };

const byApi = (here: DaemonHere): Here =>
  'missing' in here
    ? here
    : {
        options: ['--engine', here.engine, '--host', here.host],
        env: {},
        left: async () => [
          await ask(here.host, '/containers/json?all=true'),
          await ask(here.host, '/images/json?all=true'),
        ],
        stop: here.stop,
      };

async function containerd(): Promise<Here> {
  const here = await startContainerd();
  if ('missing' in here) return here;
  const namespaces = (): string =>
    spawnSync('ctr', ['--address', here.socket, 'namespaces', 'list', '--quiet'], {
      encoding: 'utf8',
      env: { ...process.env, PATH },
    }).stdout;
  return {
    options: ['--engine', 'containerd'],
    env: { CONTAINERD_ADDRESS: here.socket },
    left: () => Promise.resolve([namespaces().split('\n').filter(Boolean), []]),
    stop: here.stop,
  };
}

describe.each([
  ['docker', async () => byApi(await startDocker())],
  ['podman', async () => byApi(await startPodman())],
  ['containerd', containerd],
] as const)('bench workload of a server on %s', (_, start) => {
  let here: Here = { missing: 'not started' };
  beforeAll(async () => {
    here = await start();
  });
  afterAll(async () => {
    if ('stop' in here) await here.stop();
  });

  function daemonFor(ctx: TestContext): Daemon {
    if ('missing' in here) ctx.skip(here.missing);
    needs(ctx, '/usr/bin/python3');
    return here;
  }
  const wordsFor = ({ options }: Daemon, ...more: readonly string[]): readonly string[] => [
    ...[...HOST, ...options, '--no-explain', '--no-report', ...more],
  ];
  const expectNothingLeft = async ({ left }: Daemon): Promise<void> => {
    expect([await left(), serversLeft()]).toEqual([[[], []], []]);
  };

  it('measures requests, with the CPU time of the container', async (ctx) => {
    const daemon = daemonFor(ctx);
    // The container has a network of its own: a port of this machine does not matter.
    const taken = createServer().listen(Number(PORT), '127.0.0.1');
    await new Promise((done) => taken.once('listening', done));
    const { status, stdout, stderr } = box.bench([...wordsFor(daemon), ...SERVED, ...PYTHON], daemon.env);
    taken.close();
    expect(status, stderr).toBe(0);
    const samples = box.containers();
    // A block in which this machine stood still comes again.
    expect([samples.length >= 6, samples.every(({ state }) => state === 'ok')]).toEqual([true, true]);
    for (const sample of samples) {
      if (sample.state !== 'ok') continue;
      expect([sample.load?.requests, sample.load?.cpuFrom]).toEqual([300, 'cgroup']);
      expect(sample.userNs + sample.systemNs).toBeGreaterThan(0);
    }
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'it is not decided whether this service pays anything for its filter',
    );
    await expectNothingLeft(daemon);
  });

  it('waits for a line of its output, and counts its calls', async (ctx) => {
    const daemon = daemonFor(ctx);
    needs(ctx, 'strace');
    const ready = ['--ready', '^echo server is ready$', '--load', LOAD, '--load-metric', METRIC];
    const { status, stderr } = box.bench([...wordsFor(daemon, '--count-syscalls'), ...ready, ...PYTHON], daemon.env);
    expect(status, stderr).toBe(0);
    const counts = JSON.parse(readFileSync(join(box.results(), 'syscalls.json'), 'utf8')) as SyscallCounts;
    const [first] = counts.arms;
    expect(first).toMatchObject({ arm: 'unconfined', state: 'counted', requests: [300] });
    const calls = first?.state === 'counted' ? (first.runs[0]?.[0]?.calls ?? []) : [];
    expect(calls.filter(({ name }) => name === 'sendto').map((call) => call.calls)).toEqual([300]);
    await expectNothingLeft(daemon);
  });

  it.for<[string, readonly string[], readonly string[], string]>([
    ['is not ready in time', ['--timeout', '2'], ['sleep', '60'], 'the server was not ready within 2 s: no port 18099'],
    [
      'ends before it is ready',
      [],
      ['sh', '-c', 'echo broken >&2; exit 3'],
      'the server ended before it was ready: exit code 3: broken',
    ],
  ])('says what happened where the server %s', async ([, options, command, message], ctx) => {
    const daemon = daemonFor(ctx);
    const { status, stderr } = box.bench([...wordsFor(daemon, ...options), ...SERVED, '--', ...command], daemon.env);
    expect([status, stderr.includes(message)], stderr).toEqual([1, true]);
    await expectNothingLeft(daemon);
  });

  it('says that a server ended while the load ran', async (ctx) => {
    const daemon = daemonFor(ctx);
    const dies = [
      'sh',
      '-c',
      `python3 -c 'import socket, time
s = socket.create_server(("127.0.0.1", ${PORT})); s.accept(); print("no more", flush=True); exit(5)'`,
    ];
    const load = `python3 -c 'import socket; s = socket.create_connection(("127.0.0.1", ${PORT})); s.recv(1); exit(1)'`;
    const { status, stderr } = box.bench(
      [...wordsFor(daemon), '--ready', PORT, '--load', load, '--', ...dies],
      daemon.env,
    );
    expect([status, stderr.includes('the server ended while the load ran: exit code 5: no more')], stderr).toEqual([
      1,
      true,
    ]);
    await expectNothingLeft(daemon);
  });

  it('leaves nothing when it is stopped while a load runs', async (ctx) => {
    const daemon = daemonFor(ctx);
    const run = box.start([...wordsFor(daemon, '--count', '50'), ...SERVED, ...PYTHON], daemon.env);
    await until(() => run.stderr().includes('block ') && serversLeft().length > 0);
    process.kill(run.pid, 'SIGINT');
    const { status } = await run.end;
    expect(status).toBe(130);
    await expectNothingLeft(daemon);
  });

  it('leaves after SIGKILL what bench clean removes', async (ctx) => {
    const daemon = daemonFor(ctx);
    const run = box.start([...wordsFor(daemon, '--count', '50'), ...SERVED, ...PYTHON], daemon.env);
    await until(() => run.stderr().includes('block ') && serversLeft().length > 0);
    process.kill(run.pid, 'SIGKILL');
    await run.end;
    const { status, stderr } = box.bench(['clean'], daemon.env);
    expect(status, stderr).toBe(0);
    await expectNothingLeft(daemon);
  });
});
