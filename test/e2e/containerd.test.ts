import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import type { ArmEvidence } from '../../src/model/run/evidence.js';
import { findProgram } from '../../src/process/files/find.js';
import { isRoot, needs, needsRoot, PrivateSandbox, Sandbox, workspaces } from './bench.js';
import type { CliResult } from './bench.js';
import { memoryFolder, removeMemoryFolder, seenWhereTraced } from './daemons.js';

const sandbox = new Sandbox();
const folder = memoryFolder('bench-containerd-');
const socket = join(folder, 'c.sock');
let daemon: ChildProcess | undefined;

/** A private containerd with private folders and no access to a registry. */
beforeAll(async () => {
  const program = findProgram('containerd', `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`);
  if (program === undefined || !isRoot()) return;
  const config = join(folder, 'config.toml');
  writeFileSync(
    config,
    `version = 2\nroot = "${folder}/root"\nstate = "${folder}/state"\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\naddress = "${socket}"\n`,
  );
  daemon = spawn(program, ['--config', config], { stdio: 'ignore', env: { ...process.env, TMPDIR: folder } });
  for (let tries = 0; tries < 200 && !existsSync(socket); tries++) await sleep(50);
});

afterAll(async () => {
  if (daemon !== undefined) {
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await ended;
  }
  removeMemoryFolder(folder);
  sandbox[Symbol.dispose]();
});
beforeEach(() => {
  sandbox.clear();
});

function needsContainerd(context: TestContext): void {
  needsRoot(context);
  needs(context, 'containerd', 'ctr', 'runc');
  if (!existsSync(socket)) context.skip('containerd did not start here');
}
/** A ctr without a daemon, as a shell script. */
function fakeCtr(own: PrivateSandbox, script: string): string {
  const path = join(own.folder, 'ctr');
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}
const bench = (...args: readonly string[]) =>
  sandbox.bench([...args, '--engine', 'containerd', '--no-report'], { CONTAINERD_ADDRESS: socket });

describe('containerd', () => {
  it('times execs in a waiting container of each arm, proves the filter of an exec, and leaves nothing behind', (context) => {
    needsContainerd(context);
    const { status, stdout, stderr } = bench('exec', '--blocks', '3', '--warmup', '0', '--probes', '100@10s');
    expect(status, stderr).toBe(0);
    const [before, after, unconfined] = JSON.parse(
      readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8'),
    ) as readonly ArmEvidence[];
    const lengths = [before, after, unconfined].map((arm) =>
      arm?.loaded.state === 'seen' ? arm.loaded.programs.map(({ instructions }) => instructions) : arm?.loaded.reason,
    );
    expect(lengths).toEqual([[expect.any(Number)], [expect.any(Number)], []]);
    expect([before, after, unconfined].map((arm) => arm?.exec?.seccompMode)).toEqual([2, 2, 0]);
    // runc, which the container's shim starts, is traced there.
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
  });

  it('runs every arm through ctr, proves the loaded filters, knows no CPU time and leaves nothing behind', (context) => {
    needsContainerd(context);
    const { status, stderr } = bench(
      'sequential',
      '--count',
      '1',
      '--warmup',
      '0',
      '--arms',
      'before,after,unconfined',
    );
    expect(status).toBe(0);
    expect(stderr).toContain(`containerd at ${socket}, runtime io.containerd.runc.v2`);
    const evidence = JSON.parse(readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8')) as ArmEvidence[];
    const lengths = evidence.map(({ loaded }) =>
      loaded.state === 'seen' ? loaded.programs.reduce((sum, { instructions }) => sum + instructions, 0) : -1,
    );
    expect(lengths[0]).toBeGreaterThan(lengths[1]!);
    expect(lengths.slice(2)).toEqual([0, lengths[0]]);
    expect(evidence.map(({ seccompMode }) => seccompMode)).toEqual([2, 2, 0, 2]);
    expect(
      sandbox.containers().map((sample) => (sample.state === 'ok' ? sample.userNs + sample.systemNs : sample.cause)),
    ).toEqual(Array.from({ length: 4 }, () => 0));
    expect(workspaces().filter((name) => name === `sb-${sandbox.plan().id}`)).toEqual([]);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(`${folder}/`);
  });

  it('runs batches at once', (context) => {
    needsContainerd(context);
    expect(bench('parallel', '--count', '3', '--rounds', '1', '--warmup', '0').status).toBe(0);
    expect(sandbox.containers().filter(({ state }) => state === 'ok')).toHaveLength(9);
  });

  it("passes on containerd's error about a runtime that does not exist", (context) => {
    needsContainerd(context);
    const { status, stderr } = bench('sequential', '--count', '2', '--runtime', 'io.containerd.nothing.v1');
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining(
        'bench: containerd could not start a container, even without seccomp: exit code 1: ctr: ',
      ),
    ]);
  });

  it('is left without containers, tasks and namespace by bench clean after a run that was killed', async (context) => {
    needsContainerd(context);
    using own = new PrivateSandbox();
    const { pid, end } = own.start(['sequential', '--engine', 'containerd', '--count', '1', '--no-report'], {
      CONTAINERD_ADDRESS: socket,
    });
    const ctr = (...args: readonly string[]): string =>
      spawnSync('ctr', ['--address', socket, ...args], { encoding: 'utf8' }).stdout;
    const namespace = (): string => /^sb-[0-9a-f]+$/m.exec(ctr('namespaces', 'list', '--quiet'))?.[0] ?? 'none';
    const listed = (what: string, where: string): string => ctr('--namespace', where, what, 'list', '--quiet');
    // That one sleeps until somebody ends it.
    while (!listed('tasks', namespace()).includes('-sleep-before')) await sleep(5);
    process.kill(pid, 'SIGKILL');
    await end;
    const left = namespace();
    expect(own.bench(['clean']).stdout).toMatch(/^removed .*: 1 containers, 1 processes\n$/);
    expect([
      listed('containers', left),
      listed('tasks', left),
      ctr('namespaces', 'list', '--quiet').includes(left),
    ]).toEqual(['', '', false]);
    expect([readdirSync(own.tmp), readFileSync('/proc/self/mounts', 'utf8').includes(left)]).toEqual([[], false]);
  });

  it('is left without waiting containers by bench clean after execs that were killed', async (context) => {
    needsContainerd(context);
    using own = new PrivateSandbox();
    const { pid, end, stderr } = own.start(['exec', '--engine', 'containerd', '--blocks', '100', '--no-report'], {
      CONTAINERD_ADDRESS: socket,
    });
    while (!stderr().includes('samples in')) await sleep(20);
    process.kill(pid, 'SIGKILL');
    await end;
    const runId = `sb-${own.plan().id}`;
    const ctr = (...args: readonly string[]): string =>
      spawnSync('ctr', ['--address', socket, ...args], { encoding: 'utf8' }).stdout;
    // One waits for execs under each arm.
    expect(ctr('--namespace', runId, 'tasks', 'list', '--quiet').trimEnd().split('\n')).toHaveLength(3);
    expect(own.bench(['clean']).stdout).toMatch(/^removed .*: 3 containers, \d+ processes/);
    expect(ctr('namespaces', 'list', '--quiet')).not.toContain(runId);
    expect([readdirSync(own.tmp), readFileSync('/proc/self/mounts', 'utf8').includes(runId)]).toEqual([[], false]);
  });

  it("leaves a killed run's folder alone while the daemon that has its containers does not answer", (context) => {
    needsRoot(context);
    using own = new PrivateSandbox();
    const ctr = fakeCtr(own, 'case "$*" in *" version") exit 1 ;; esac');
    const workspace = join(own.tmp, `seccomp-bench-${process.geteuid?.() ?? 0}`, 'sb-00000000');
    mkdirSync(workspace, { recursive: true, mode: 0o700 });
    writeFileSync(
      join(workspace, 'owner.json'),
      JSON.stringify({
        runId: 'sb-00000000',
        pid: 1,
        startTicks: 1,
        runtime: null,
        service: { kind: 'containerd', program: ctr, address: '/no/such.sock' },
      }),
    );
    const { status, stderr } = own.bench(['clean']);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(
        /^bench: could not remove everything:\n {2}.*: made containers at \/no\/such\.sock, which does not answer \(could not connect to containerd at \/no\/such\.sock: .*\)\n/,
      ),
    ]);
    expect(existsSync(workspace)).toBe(true);
  });

  it("is no proof where the container's process never becomes the payload", (context) => {
    needs(context, 'bash');
    using own = new PrivateSandbox();
    const pids = join(own.folder, 'pids');
    // A container that runs another program to its end, and one whose process ends before.
    const start = (program: string): CliResult =>
      own.bench(['sequential', '--engine', 'containerd', '--count', '1', '--warmup', '0', '--no-report'], {
        PATH: `${dirname(
          fakeCtr(
            own,
            `case "$*" in
  *" version") printf 'Server:\\n  Version: 1\\n' ;;
  *" run --detach "*) ${program} >/dev/null 2>&1 & echo $! > "${pids}" ;;
  *" run "*) log=; for word; do case $word in file://*) log=\${word#file://} ;; esac; done
    case "$*" in */exit/config.json*) echo ok > "$log" ;; *) echo 'seccomp 2' > "$log" ;; esac ;;
  *" tasks list") id=; for word; do :; done; echo "TASK PID STATUS"; echo "$(cat "${own.folder}/id") $(cat "${pids}") RUNNING" ;;
  *" tasks delete "*) [ ! -e "${pids}" ] || kill -KILL "$(cat "${pids}")" 2>/dev/null ;;
esac
case "$*" in *" --detach "*) for word; do :; done; echo "$word" > "${own.folder}/id" ;; esac
exit 0`,
          ),
        )}:${process.env['PATH'] ?? ''}`,
      });
    const ended = start('true');
    expect([ended.status, ended.stderr]).toEqual([
      1,
      expect.stringMatching(
        /bench: the payload in container sb-[0-9a-f]+-sleep-before is not running: its process has ended\n/,
      ),
    ]);
    const other = start('exec sleep 300');
    expect([other.status, other.stderr]).toEqual([
      1,
      expect.stringMatching(
        /bench: the payload in container sb-[0-9a-f]+-sleep-before is not running: its process runs sleep\n/,
      ),
    ]);
    expect(readdirSync(own.tmp)).toEqual([]);
  });

  it('is missing where nothing listens', (context) => {
    needs(context, 'ctr');
    const { status, stderr } = sandbox.bench(['sequential', '--engine', 'containerd', '--count', '2'], {
      CONTAINERD_ADDRESS: '/no/such.sock',
    });
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('bench: could not connect to containerd at /no/such.sock: ctr: '),
    ]);
  });
});
