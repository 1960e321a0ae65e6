import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TestContext } from 'vitest';
import { listenersOf } from '../../src/process/processes.js';
import { chooseCounter, daemonBehind } from '../../src/tracing/index.js';
import { straceCounter } from '../../src/tracing/syscalls/strace-counter.js';
import { checkTool, thisHost } from '../../src/host/index.js';
import type { Counter } from '../../src/tracing/index.js';
import { COUNTERS } from '../../src/model/results/syscalls.js';
import type { CounterName, PartCounts } from '../../src/model/results/syscalls.js';
import { BenchError } from '../../src/errors.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-counters-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** The counter, or a skip with the reason why it cannot count here. */
async function here(context: TestContext, name: CounterName): Promise<Counter> {
  try {
    const host = thisHost(process.env, 'bench');
    return (await chooseCounter(name, host, (tool) => checkTool(host, tool))).counter;
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    return context.skip(error.message);
  }
}

const request = (script: string, payload: string | null) => ({
  command: { file: '/bin/sh', args: ['-c', script], env: ['PATH=/usr/bin:/bin'] },
  payload,
  timeoutMs: 20_000,
  signal: new AbortController().signal,
  stop: () => Promise.resolve(),
});
const callOf = (parts: readonly PartCounts[], part: string, name: string): number =>
  parts.find((one) => one.part === part)?.calls.find((one) => one.name === name)?.calls ?? 0;
const sumOf = (parts: readonly PartCounts[]): number =>
  parts.reduce((sum, { calls }) => sum + calls.reduce((all, one) => all + one.calls, 0), 0);

describe.each(COUNTERS)('counting with %s', (name) => {
  it('counts a command and its descendants, passes on its output and leaves no file behind', async (context) => {
    const counter = await here(context, name);
    // Other tests count at the same time.
    vi.stubEnv('TMPDIR', folder);
    const { run, parts } = await counter.count(request('/bin/echo out; /bin/echo err >&2', null));
    expect([run.exit, run.stdout, run.stderr]).toEqual([{ kind: 'exited', code: 0 }, 'out\n', 'err\n']);
    expect(parts.map(({ part }) => part)).toEqual(['all']);
    if (name !== 'perf-stat') expect(callOf(parts, 'all', 'write')).toBe(2);
    expect(sumOf(parts)).toBeGreaterThan(60);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('reports how a failed command ended', async (context) => {
    if (name !== 'strace') context.skip('perf does not pass on how its command ended');
    const counter = await here(context, name);
    expect((await counter.count(request('exit 3', null))).run.exit).toEqual({ kind: 'exited', code: 3 });
  });

  it('separates the payload as far as it claims to', async (context) => {
    const counter = await here(context, name);
    const { parts } = await counter.count(request('/bin/true; exec /bin/echo hi', '/bin/echo'));
    expect(parts.map(({ part }) => part)).toEqual(counter.facts.split === 'none' ? ['all'] : ['runtime', 'container']);
    if (counter.facts.split !== 'none')
      expect([callOf(parts, 'container', 'write'), callOf(parts, 'runtime', 'write')]).toEqual([1, 0]);
    // strace sees the exec itself, perf gives the whole thread to what it ended as.
    if (counter.facts.split === 'exec')
      expect([callOf(parts, 'runtime', 'execve'), callOf(parts, 'container', 'execve')]).toEqual([3, 0]);
    if (counter.facts.split === 'thread') expect(callOf(parts, 'container', 'execve')).toBeGreaterThan(0);
  });
});

describe('counting the same command twice', () => {
  it('gives the same sum in strace and perf stat: both count calls begun', async (context) => {
    const counters = [await here(context, 'strace'), await here(context, 'perf-stat')];
    const [traced, counted] = await Promise.all(
      counters.map(async (counter) => sumOf((await counter.count(request('exec /bin/true', null))).parts)),
    );
    // perf begins within the exec of the command: that one call it does not see begin.
    expect([0, 1]).toContain((traced ?? 0) - (counted ?? 0));
  });
});

describe('a strace that cannot trace', () => {
  it("is reported with strace's own message", async () => {
    const path = join(folder, 'strace');
    writeFileSync(
      path,
      '#!/bin/sh\necho "strace: attach: ptrace(PTRACE_SEIZE, 7): Operation not permitted" >&2\nexit 1\n',
    );
    chmodSync(path, 0o755);
    await expect(
      straceCounter({ path, version: '0', decodesPids: true }).count(request('true', null)),
    ).rejects.toMatchObject({
      code: 'environment',
      message: 'strace wrote no trace: strace: attach: ptrace(PTRACE_SEIZE, 7): Operation not permitted',
    });
  });
});

describe('watching a running process', () => {
  it('counts it and what it starts meanwhile by the part of each program, and lets it continue afterwards', async (context) => {
    const counter = await here(context, 'strace');
    // A stand-in for a daemon: for every line it is told to, it starts a "shim" that starts the "payload".
    const [go, done, shim] = ['go', 'done', 'containerd-shim-test'].map((name) => join(folder, name));
    writeFileSync(shim!, '#!/bin/sh\n/bin/echo >/dev/null\n');
    chmodSync(shim!, 0o755);
    const daemon = spawn(
      '/bin/sh',
      ['-c', `until [ -e ${go!} ]; do sleep 0.05; done; ${shim!}; : > ${done!}; exec sleep 60`],
      { stdio: 'ignore' },
    );
    try {
      await sleep(200);
      const { result, parts } = await counter.watch({
        processes: new Map([[daemon.pid!, 'daemon']]),
        payload: '/bin/echo',
        env: [],
        action: async () => {
          writeFileSync(go!, '');
          for (let tries = 0; tries < 200 && !existsSync(done!); tries += 1) await sleep(20);
          return existsSync(done!);
        },
      });
      expect(result).toBe(true);
      expect(parts.map(({ part }) => part)).toEqual(['daemon', 'shim', 'container']);
      expect([
        callOf(parts, 'container', 'write'),
        callOf(parts, 'shim', 'execve'),
        callOf(parts, 'container', 'exit_group'),
      ]).toEqual([1, 1, 1]);
      expect([daemon.exitCode, daemon.signalCode]).toEqual([null, null]);
    } finally {
      const ended = once(daemon, 'exit');
      daemon.kill('SIGKILL');
      await ended;
    }
  });

  it('fails where the processes are gone', async (context) => {
    const counter = await here(context, 'strace');
    await expect(
      counter.watch({
        processes: new Map([[2 ** 22 + 1, 'daemon']]),
        payload: '/payload',
        env: [],
        action: () => Promise.resolve(1),
      }),
    ).rejects.toMatchObject({ code: 'environment' });
  });
});

describe('who listens at a socket', () => {
  it('is found by the socket, and is not a known daemon where it is another program', async () => {
    const path = join(folder, 's');
    const server = createServer().listen(path);
    await once(server, 'listening');
    try {
      expect(listenersOf(path)).toContain(process.pid);
      expect(daemonBehind(path)).toMatchObject({
        state: 'hidden',
        reason: expect.stringContaining('and is not a known daemon') as string,
      });
    } finally {
      server.close();
    }
    expect(daemonBehind(join(folder, 'nobody'))).toMatchObject({
      state: 'hidden',
      reason: expect.stringContaining('no process is known to listen at') as string,
    });
  });
});
