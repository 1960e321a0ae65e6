import { createServer } from 'node:net';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import type { SyscallCounts } from '../../src/model/results/syscalls.js';
import type { Summary } from '../../src/report/run/summary.js';
import { needs, needsRoot, reportsIn } from './bench.js';
import { HOST, LOAD, METRIC, PORT, PYTHON, SERVED, SERVER, serversLeft, until } from './echo-server.js';
import { emptiedBox } from './emptied-box.js';

const box = emptiedBox(serversLeft);

function served(ctx: TestContext, engine: string): void {
  needsRoot(ctx);
  needs(ctx, engine === 'namespaces' ? 'unshare' : engine, '/usr/bin/python3');
}

describe('bench workload of a server', () => {
  it.for(['runc', 'crun', 'namespaces', 'bwrap'])('measures requests of a load in containers of %s', (engine, ctx) => {
    served(ctx, engine);
    const { status, stdout, stderr } = box.bench([...HOST, '--engine', engine, '--no-explain', ...SERVED, ...PYTHON]);
    expect(status, stderr).toBe(0);
    const samples = box.containers();
    // A block in which this machine stood still comes again.
    expect([samples.length >= 6, samples.every(({ state }) => state === 'ok')]).toEqual([true, true]);
    for (const sample of samples) {
      if (sample.state !== 'ok') continue;
      const { load, wallNs } = sample;
      expect([load?.requests, load?.format, load?.cpuFrom === null]).toEqual([300, 'expression', false]);
      expect(wallNs).toBe(Math.round(1e9 / (load?.requestsPerSecond ?? Number.NaN)));
    }
    // Two blocks decide nothing, and so short a load may take less CPU time than processes are counted by.
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'it is not decided whether this service pays anything for its filter',
    );
  });

  it('waits for a line of its output, and explains what its calls cost', (ctx) => {
    served(ctx, 'runc');
    needs(ctx, 'strace');
    const ready = ['--ready', '^echo server is ready$', '--load', LOAD, '--load-metric', METRIC];
    const { status, stderr } = box.bench([...HOST, '--engine', 'runc', ...ready, ...PYTHON]);
    expect(status, stderr).toBe(0);
    const counts = JSON.parse(readFileSync(join(box.results(), 'syscalls.json'), 'utf8')) as SyscallCounts;
    const [first] = counts.arms;
    expect(first).toMatchObject({ arm: 'unconfined', state: 'counted', requests: [300] });
    const calls = first?.state === 'counted' ? (first.runs[0]?.[0]?.calls ?? []) : [];
    // A line is read and written again; the start of Python, which reads hundreds of files, is not counted.
    expect(calls.filter(({ name }) => name === 'sendto').map((call) => call.calls)).toEqual([300]);
    expect(calls.some(({ name }) => name === 'execve')).toBe(false);
    const [name = ''] = reportsIn(join(box.folder, 'reports'));
    const summary = JSON.parse(readFileSync(join(box.folder, 'reports', name, 'summary.json'), 'utf8')) as Summary;
    const { workload } = summary.runs[0] ?? {};
    expect(workload?.costs.map(({ thing, arm, calls: priced }) => [thing, arm, priced !== null])).toEqual([
      ['request', 'default', true],
    ]);
    expect(workload?.service?.arms.map(({ arm, requestsPerSecond }) => [arm, requestsPerSecond !== null])).toEqual([
      ['unconfined', true],
      ['default', true],
      ['control', true],
    ]);
    expect(readFileSync(join(box.folder, 'reports', name, 'summary.md'), 'utf8')).toContain('The service under load');
    expect(summary.files).toContain('service.png');
  });

  it('does not use the ports of this machine', async (ctx) => {
    served(ctx, 'runc');
    const taken = createServer().listen(Number(PORT), '127.0.0.1');
    await new Promise((done) => taken.once('listening', done));
    const { status, stderr } = box.bench([
      ...['workload', '--bind-host', '--count', '1', '--warmup', '0', '--no-explain', '--no-report'],
      ...['--engine', 'runc', ...SERVED, ...PYTHON],
    ]);
    taken.close();
    expect(status, stderr).toBe(0);
  });

  it.for<[string, readonly string[], readonly string[], string]>([
    [
      'is not ready in time',
      ['--timeout', '2'],
      ['sleep', '60'],
      `the server was not ready within 2 s: no port ${PORT}`,
    ],
    [
      'ends before it is ready',
      [],
      ['sh', '-c', 'echo broken >&2; exit 3'],
      'the server ended before it was ready: exit code 3: broken',
    ],
    [
      'finds its port taken in the container',
      [],
      [
        'python3',
        '-c',
        `import socket; first = socket.create_server(("127.0.0.1", ${PORT}), reuse_port=False);\n${SERVER}`,
      ],
      'Address already in use',
    ],
  ])('says what happened where the server %s', ([, options, command, message], ctx) => {
    served(ctx, 'runc');
    const line = command.at(-1)?.includes(SERVER) === true ? ['--ready', 'never printed'] : ['--ready', PORT];
    const { status, stderr } = box.bench([
      ...[...HOST, '--engine', 'runc', '--no-explain', ...line, '--load', LOAD, '--load-metric', METRIC],
      ...[...options, '--', ...command],
    ]);
    expect([status, stderr.includes(message)], stderr).toEqual([1, true]);
  });

  it.for<[string, string, string]>([
    ['fails', 'echo no luck >&2; exit 4', 'the load failed: exit code 4: no luck'],
    ['prints nothing that is understood', 'echo done', 'the output of the load has no requests per second: done'],
  ])('says what happened where the load %s', ([, load, message], ctx) => {
    served(ctx, 'runc');
    const { status, stderr } = box.bench([
      ...[...HOST, '--engine', 'runc', '--no-explain', '--ready', PORT, '--load', load, ...PYTHON],
    ]);
    expect([status, stderr.includes(message)], stderr).toEqual([1, true]);
  });

  it.each<[readonly string[], string]>([
    [['--ready', '80', '--load', 'no-such-load -x'], 'no-such-load not found in PATH'],
    [['--ready', '80'], '--load: expected a command, got nothing'],
    [['--load', 'wrk'], '--ready: expected a port or a regular expression, got nothing'],
    [['--ready', '99999', '--load', 'true'], '--ready: expected a port from 1 to 65535, got 99999'],
    [['--ready', '80', '--load', 'true', '--load-metric', 'x'], '--load-metric: expected a regular expression with a'],
    [['--ready', '80', '--load', 'true', '--via', 'exec'], '--via: expected run for a server, got exec'],
  ])('refuses %j before anything is measured', (options, message) => {
    const { status, stderr } = box.bench(['workload', '--bind-host', ...options, '--', 'true']);
    expect([status, stderr.includes(message), readdirSync(box.folder).includes('results')], stderr).toEqual([
      2,
      true,
      false,
    ]);
  });

  it('leaves nothing when it is stopped while a load runs', async (ctx) => {
    served(ctx, 'runc');
    const run = box.start([
      ...[...HOST, '--engine', 'runc', '--no-explain', '--no-report', '--count', '50', ...SERVED, ...PYTHON],
    ]);
    await until(() => run.stderr().includes('block '));
    process.kill(run.pid, 'SIGINT');
    const { status } = await run.end;
    expect(status).toBe(130);
  });

  it('leaves after SIGKILL what bench clean removes', async (ctx) => {
    served(ctx, 'runc');
    const run = box.start([
      ...[...HOST, '--engine', 'runc', '--no-explain', '--no-report', '--count', '50', ...SERVED, ...PYTHON],
    ]);
    await until(() => run.stderr().includes('block ') && serversLeft().length > 0);
    process.kill(run.pid, 'SIGKILL');
    await run.end;
    const { status, stderr } = box.bench(['clean']);
    expect([status, serversLeft()], stderr).toEqual([0, []]);
  });
});

describe('bench run of a server', () => {
  it('measures redis as its scenario says', (ctx) => {
    served(ctx, 'runc');
    needs(ctx, 'redis-server', 'redis-benchmark');
    writeFileSync(
      join(box.folder, 'redis.json'),
      JSON.stringify({
        kind: 'sequential',
        count: 2,
        warmup: 0,
        arms: ['unconfined', 'default'],
        program: {
          args: ['redis-server', '--port', PORT, '--save', ''],
          bindHost: true,
          ready: Number(PORT),
          load: `redis-benchmark -p ${PORT} -n 2000 -c 4 -t get --csv`,
        },
      }),
    );
    const { status, stderr } = box.bench(['run', 'redis', '--engine', 'runc', '--no-explain', '--no-report']);
    expect(status, stderr).toBe(0);
    expect(box.plan().scenario.program?.service).toEqual({
      ready: { kind: 'port', port: Number(PORT) },
      load: `redis-benchmark -p ${PORT} -n 2000 -c 4 -t get --csv`,
    });
    const requests = box.containers().map((one) => (one.state === 'ok' ? one.load?.requests : one.cause));
    expect([requests.length >= 6, new Set(requests)]).toEqual([true, new Set([2000])]);
  });
});
