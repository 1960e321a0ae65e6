import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import type { ArmEvidence } from '../../src/model/evidence.js';
import { findProgram } from '../../src/launch/find.js';
import { isRoot, needs, needsRoot, Sandbox, workspaces } from './bench.js';

const sandbox = new Sandbox();
const folder = mkdtempSync(join(tmpdir(), 'bench-containerd-'));
const socket = join(folder, 'c.sock');
let daemon: ChildProcess | undefined;

/** A containerd of our own, with folders of its own, that reaches nothing. */
beforeAll(async () => {
  const program = findProgram('containerd', `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`);
  if (program === undefined || !isRoot()) return;
  const config = join(folder, 'config.toml');
  writeFileSync(config, `version = 2\nroot = "${folder}/root"\nstate = "${folder}/state"\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\naddress = "${socket}"\n`);
  daemon = spawn(program, ['--config', config], { stdio: 'ignore' });
  for (let tries = 0; tries < 200 && !existsSync(socket); tries++) await sleep(50);
});

afterAll(async () => {
  if (daemon !== undefined) {
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
  sandbox[Symbol.dispose]();
});
beforeEach(() => { sandbox.clear(); });

function needsContainerd(context: TestContext): void {
  needsRoot(context);
  needs(context, 'containerd', 'ctr', 'runc');
  if (!existsSync(socket)) context.skip('containerd did not start here');
}
const bench = (...args: readonly string[]) => sandbox.bench([...args, '--engine', 'containerd', '--no-report'], { CONTAINERD_ADDRESS: socket });

describe('containerd', () => {
  it('runs every arm through ctr, proves the loaded filters, knows no CPU time and leaves nothing behind', (context) => {
    needsContainerd(context);
    const { status, stderr } = bench('sequential', '--count', '2', '--warmup', '0', '--arms', 'before,after,unconfined');
    expect(status).toBe(0);
    expect(stderr).toContain(`containerd at ${socket}, runtime as configured`);
    const evidence = JSON.parse(readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8')) as ArmEvidence[];
    const lengths = evidence.map(({ loaded }) => (loaded.state === 'seen' ? loaded.programs.reduce((sum, { instructions }) => sum + instructions, 0) : -1));
    expect(lengths[0]).toBeGreaterThan(lengths[1]!);
    expect(lengths.slice(2)).toEqual([0, lengths[0]]);
    expect(evidence.map(({ seccompMode }) => seccompMode)).toEqual([2, 2, 0, 2]);
    expect(sandbox.containers().map((sample) => (sample.state === 'ok' ? sample.userNs + sample.systemNs : sample.cause))).toEqual(Array.from({ length: 8 }, () => 0));
    expect(workspaces().filter((name) => name === `sb-${sandbox.plan().id}`)).toEqual([]);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(folder);
  });

  it('runs batches at once', (context) => {
    needsContainerd(context);
    expect(bench('parallel', '--count', '6', '--rounds', '1', '--warmup', '0').status).toBe(0);
    expect(sandbox.containers().filter(({ state }) => state === 'ok')).toHaveLength(18);
  });

  it('passes on what containerd says of a runtime it does not have', (context) => {
    needsContainerd(context);
    const { status, stderr } = bench('sequential', '--count', '2', '--runtime', 'io.containerd.nothing.v1');
    expect([status, stderr]).toEqual([2, expect.stringContaining('bench: Expected containerd to start a container without seccomp, got exit code 1: ctr: ')]);
  });

  it('is missing where nothing listens', (context) => {
    needs(context, 'ctr');
    const { status, stderr } = sandbox.bench(['sequential', '--engine', 'containerd', '--count', '2'], { CONTAINERD_ADDRESS: '/no/such.sock' });
    expect([status, stderr]).toEqual([2, expect.stringContaining('bench: Expected a containerd at /no/such.sock, got ctr: ')]);
  });
});
