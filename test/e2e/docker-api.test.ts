import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { Sandbox } from './bench.js';
import { FakeDaemon } from './fake-daemon.js';

const sandbox = new Sandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const run = (host: string, ...more: readonly string[]) =>
  sandbox.start(
    ['sequential', '--engine', 'docker', '--host', host, '--count', '2', '--warmup', '0', '--no-report', ...more],
    {},
  ).end;

describe("Docker's API", () => {
  it('is used in a version that the daemon takes, which its refusal names', async () => {
    await using daemon = await new FakeDaemon().listen();
    daemon.oldest = '1.44';
    expect((await run(daemon.host)).status).toBe(0);
    expect([...daemon.asked]).toEqual(['1.24', '1.44']);
    expect(sandbox.containers().every(({ state }) => state === 'ok')).toBe(true);
  });

  it('is used without a version where the daemon names none', async () => {
    await using daemon = await new FakeDaemon().listen();
    expect((await run(daemon.host)).status).toBe(0);
    expect([...daemon.asked]).toEqual(['1.24']);
  });

  it('tells that a daemon is rootless, and what is known of the runtime beneath it', async () => {
    await using daemon = await new FakeDaemon().listen();
    const features = JSON.stringify({
      annotations: { 'org.opencontainers.runc.version': '1.3.6', 'io.github.seccomp.libseccomp.version': '2.6.1' },
    });
    daemon.info = {
      SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless'],
      DefaultRuntime: 'runc',
      Runtimes: {
        runc: { path: '/elsewhere/runc', status: { 'org.opencontainers.runtime-spec.features': features } },
      },
    };
    const { status, stderr } = await run(daemon.host);
    expect([status, stderr]).toEqual([0, expect.stringContaining('engine docker (Docker 1, runc 1.3.6, rootless)')]);
    expect(sandbox.plan().engine).toMatchObject({
      rootless: true,
      version: 'Docker 1, runc 1.3.6',
      runtime: { name: 'runc', version: '1.3.6', path: '/elsewhere/runc', libseccomp: '2.6.1' },
    });
  });

  it('does not invent a runtime version that the daemon does not tell', async () => {
    await using daemon = await new FakeDaemon().listen();
    daemon.info = { DefaultRuntime: 'special', Runtimes: { special: { path: '/elsewhere/special' } } };
    expect((await run(daemon.host)).status).toBe(0);
    expect(sandbox.plan().engine).toMatchObject({
      version: 'Docker 1, special',
      runtime: { name: 'special', version: null, libseccomp: null },
    });
  });

  it.each([
    ['speaks another protocol', 'PRI * SM\r\n', /: it does not speak HTTP, so it is another program$/],
    ['closes every connection', '', /: it closes the connection: is this the socket of another program\?$/],
  ])('is refused in one line at a socket of a program that %s', async (_, words, expected) => {
    const path = join(sandbox.folder, 'other.sock');
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(words));
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const { status, stderr } = await run(`unix://${path}`);
    server.close();
    expect(status).toBe(2);
    expect(stderr.split('\n')[0]).toMatch(expected);
    expect(stderr.trim().split('\n')).toHaveLength(2);
  });

  it('names an image that is not there', async () => {
    await using daemon = await new FakeDaemon().listen();
    daemon.missing = 'nothere';
    const { status, stderr } = await run(daemon.host, '--image', 'nothere');
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/^bench: image nothere not found in the engine at unix:.*\n {2}bench never pulls images/),
    ]);
  });
});
