import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { openSession } from '../../src/experiment/session/open.js';
import type { EngineChoice } from '../../src/model/container/container.js';
import type { Containment } from '../../src/model/container/containment.js';
import { controllerPlace } from '../../src/process/cgroup/cgroups.js';
import { findProgram } from '../../src/process/files/find.js';
import { CLI, needs, needsRoot, isRoot, Sandbox } from './bench.js';
import type { CliResult } from './bench.js';
import { memoryFolder, PATH, removeMemoryFolder, startDocker, startPodman } from './daemons.js';
import type { DaemonHere } from './daemons.js';

/**
 * What a program sees of its container, on one line. Files are opened for writing and never written: where that
 * succeeds by mistake, nothing of the host has changed.
 */
const PROBE = `
field() { while read -r name value; do [ "$name" = "$1:" ] && echo "$value"; done < /proc/self/status; }
try() { if (: >> "$1") 2>/dev/null; then echo writable; else echo refused; fi; }
size() { if [ -e "$1" ]; then wc -c < "$1"; else echo 0; fi; }
entries() { if [ -d "$1" ]; then ls -A "$1" | wc -l; else echo 0; fi; }
seen="eff=$(field CapEff) bnd=$(field CapBnd) nnp=$(field NoNewPrivs) core=$(ulimit -c)"
seen="$seen root=$(try /made) usr=$(try /usr/made) bind=$(try /tmp/inside/made) tmp=$(try /tmp/made)"
seen="$seen sys=$(try /proc/sys/kernel/core_pattern) sysrq=$(try /proc/sysrq-trigger)"
seen="$seen keys=$(size /proc/keys) timers=$(size /proc/timer_list) acpi=$(entries /proc/acpi) scsi=$(entries /proc/scsi)"
[ "$NETWORK" = node ] || seen="$seen net=$(tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' \\n')"
[ "$seen" = "$EXPECTED" ] && exit 0
echo "$seen" >&2
exit 3
`;

/** Docker's 14, by their bits; without the two of networks; none. */
const [DOCKERS, NOT_OF_NETWORKS, NONE] = ['00000000a80425fb', '00000000a80401fb', '0000000000000000'];

const expected = (capabilities: string, network = ' net=lo'): string =>
  `eff=${capabilities} bnd=${capabilities} nnp=1 core=0 ` +
  'root=refused usr=refused bind=refused tmp=writable sys=refused sysrq=refused keys=0 timers=0 acpi=0 scsi=0' +
  network;

const sandbox = new Sandbox();
const folder = memoryFolder('bench-held-');
const socket = join(folder, 'c.sock');
const probes = join(sandbox.folder, 'probes');
let containerd: ChildProcess | undefined;

beforeAll(async () => {
  mkdirSync(probes);
  writeFileSync(join(probes, 'probe.sh'), PROBE);
  for (const path of [sandbox.folder, folder]) chmodSync(path, 0o755);
  const program = findProgram('containerd', PATH);
  if (program === undefined || !isRoot()) return;
  const lines = [
    'version = 2',
    `root = "${folder}/root"`,
    `state = "${folder}/state"`,
    '[grpc]',
    `address = "${socket}"`,
    '[plugins."io.containerd.internal.v1.opt"]',
    `path = "${folder}/opt"`,
    '[plugins."io.containerd.grpc.v1.cri"]',
    'restrict_oom_score_adj = true',
  ];
  writeFileSync(join(folder, 'config.toml'), `${lines.join('\n')}\n`);
  const args = ['--config', join(folder, 'config.toml')];
  containerd = spawn(program, args, { stdio: 'ignore', env: { ...process.env, TMPDIR: folder } });
  for (let tries = 0; tries < 200 && !existsSync(socket); tries++) await sleep(50);
});

afterAll(async () => {
  if (containerd !== undefined) {
    const ended = once(containerd, 'exit');
    containerd.kill('SIGTERM');
    await ended;
  }
  removeMemoryFolder(folder);
  sandbox[Symbol.dispose]();
});
beforeEach(() => {
  sandbox.clear();
});

/** The probe under two arms, one of them without a filter, and its control. */
const probing = (engine: readonly string[], seen: string, ...more: readonly string[]): readonly string[] => [
  ...['workload', '--engine', ...engine, '--arms', 'unconfined,default', '--blocks', '1', '--warmup', '0'],
  ...['--no-report', '--bind-host', '--bind', `${probes}:/tmp/inside`, '--env', `EXPECTED=${seen}`, ...more],
  ...['--', '/bin/sh', '/tmp/inside/probe.sh'],
];

/** How many containers were as expected, and what held them according to plan.json. */
function proved({ status, stderr }: CliResult): { readonly ok: number; readonly containment: Containment } {
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  const containers = sandbox.containers();
  expect(containers.map(({ state }) => state)).toEqual(containers.map(() => 'ok'));
  const { containment } = sandbox.plan().engine;
  if (containment === undefined) throw new Error('plan.json does not tell what held the containers');
  return { ok: containers.length, containment };
}

/** What every engine with cgroups of its own records on this machine. */
const ofEach = (kind: 'container' | 'run') => ({
  noNewPrivileges: true,
  readOnlyRoot: true,
  protectedPaths: true,
  network: 'none',
  pids: { kind: 'cgroup', most: 2048, of: kind },
  memory: { kind: 'cgroup', most: expect.any(Number) as number, of: kind },
});

function needsControllers(context: TestContext): void {
  if (controllerPlace('pids') === null || controllerPlace('memory') === null)
    context.skip('no cgroup hierarchy has the controllers pids and memory');
}

describe.each(['namespaces', 'bwrap', 'runc', 'crun'] as const)('a program in a container of %s', (engine) => {
  it('is held as in Docker, under unconfined too, and sees a folder below /tmp', (context) => {
    needsRoot(context);
    needsControllers(context);
    needs(context, engine === 'namespaces' ? 'unshare' : engine);
    const { ok, containment } = proved(sandbox.bench(probing([engine], expected(DOCKERS), '--no-explain')));
    expect([ok, containment]).toEqual([
      3,
      expect.objectContaining({ network: 'none', noNewPrivileges: true, readOnlyRoot: true, protectedPaths: true }),
    ]);
    expect(containment.capabilities).toHaveLength(14);
    if (engine === 'runc' || engine === 'crun') expect(containment).toMatchObject(ofEach('container'));
  });
});

describe.each(['namespaces', 'runc'])('a program that is counted in a container of %s', (engine) => {
  it('is held just the same', (context) => {
    needsRoot(context);
    needs(context, 'strace', engine === 'namespaces' ? 'unshare' : engine);
    const count = ['--count-syscalls', '--count-with', 'strace', '--count-repeats', '1', '--no-explain'];
    const result = sandbox.bench(probing([engine], expected(DOCKERS), ...count));
    proved(result);
    // A program that fails while it is counted is told.
    expect(result.stderr).not.toMatch(/not counted|no counts/);
  });
});

describe.each(['runc', 'crun'])('a program that starts in a running container of %s', (engine) => {
  it('is held just the same', (context) => {
    needsRoot(context);
    needs(context, engine);
    proved(sandbox.bench(probing([engine], expected(DOCKERS), '--via', 'exec', '--no-explain')));
  });
});

describe('the probe', () => {
  it('fails where a container is not as expected, and tells what it saw', (context) => {
    needsRoot(context);
    needs(context, 'unshare');
    const { status, stderr } = sandbox.bench(probing(['namespaces'], expected(NONE), '--no-explain'));
    expect([status, stderr]).toEqual([
      expect.any(Number),
      expect.stringContaining(`exit code 3: ${expected(DOCKERS)}`),
    ]);
    expect(status).not.toBe(0);
  });
});

describe.each([
  ['docker', startDocker],
  ['podman', startPodman],
] as const)('a program in a container of %s', (engine, start) => {
  let daemon: DaemonHere;
  beforeAll(async () => {
    daemon = await start();
  });
  afterAll(async () => {
    if (!('missing' in daemon)) await daemon.stop();
  });

  it('is held as by the other engines, and sees a folder below /tmp', (context) => {
    if ('missing' in daemon) {
      context.skip(daemon.missing);
      return;
    }
    const args = probing([engine, '--host', daemon.host], expected(DOCKERS), '--no-explain');
    const { ok, containment } = proved(sandbox.bench(args));
    expect([ok, containment]).toEqual([3, expect.objectContaining(ofEach('container'))]);
  });
});

describe('a program in a container of a daemon for many', () => {
  it('is held as by the other engines by containerd', (context) => {
    needsRoot(context);
    needs(context, 'containerd', 'ctr', 'runc');
    const args = probing(['containerd'], expected(DOCKERS), '--no-explain');
    const { containment } = proved(sandbox.bench(args, { CONTAINERD_ADDRESS: socket }));
    expect(containment).toMatchObject(ofEach('container'));
  });

  it("is held by cri but for the machine's network, without the capabilities of networks, and that is told first", (context) => {
    needsRoot(context);
    needs(context, 'containerd', 'ctr', 'runc');
    const args = probing(
      ['cri', '--host', `unix://${socket}`],
      expected(NOT_OF_NETWORKS, ''),
      ...['--env', 'NETWORK=node', '--no-explain', '--quiet'],
    );
    const result = sandbox.bench(args);
    const { containment } = proved(result);
    expect(containment).toMatchObject({ network: 'node', memory: { kind: 'cgroup', of: 'container' } });
    expect(result.stderr.split('\n')[0]).toMatch(/^note: containers have the machine's network/);
  });
});

describe.each(['namespaces', 'bwrap', 'runc'])('a program in a container of %s without root', (engine) => {
  it('is held as far as that goes, and what is missing is told first', (context) => {
    needsRoot(context);
    needs(context, 'setpriv', engine === 'namespaces' ? 'unshare' : engine);
    const own = join(sandbox.folder, 'user');
    mkdirSync(own);
    const NOBODY = 65534;
    chownSync(own, NOBODY, NOBODY);
    const args = probing([engine], expected(engine === 'bwrap' ? NONE : DOCKERS), '--no-explain', '--results', own);
    const { status, stderr } = spawnSync(
      'setpriv',
      [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', process.execPath, CLI, ...args],
      { cwd: own, encoding: 'utf8', env: { ...process.env, HOME: own, TMPDIR: own } },
    );
    const plan = readdirSync(own).find((name) => existsSync(join(own, name, 'plan.json')));
    rmSync(join(own, 'seccomp-bench-65534'), { recursive: true, force: true });
    if (/user namespace|refuses this without root/.test(stderr)) context.skip('no user namespaces here');
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    const text = readFileSync(join(own, plan ?? '', 'plan.json'), 'utf8');
    rmSync(own, { recursive: true });
    const { containment } = (JSON.parse(text) as { engine: { containment: Containment } }).engine;
    expect(containment).toMatchObject({ network: 'none', noNewPrivileges: true, readOnlyRoot: true });
    const lacks = [containment.pids, containment.memory].filter(({ kind }) => kind === 'none');
    expect(/^note: containers have no (pids|memory) limit/.test(stderr)).toBe(lacks.length > 0);
    if (engine !== 'bwrap') expect(containment.pids.kind).not.toBe('none');
  });
});

/** The files of the cgroups that hold a process, by controller. */
function limitOf(pid: number, controller: 'pids' | 'memory'): number {
  const place = controllerPlace(controller);
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
  const line = lines.find((one) => {
    const names = one.split(':')[1]?.split(',') ?? [];
    return place?.version === 2 ? names[0] === '' : names.includes(controller);
  });
  const files = { pids: ['pids.max', 'pids.max'], memory: ['memory.limit_in_bytes', 'memory.max'] } as const;
  const file = files[controller][(place?.version ?? 1) - 1] ?? '';
  return Number(readFileSync(join(place?.mount ?? '', line?.split(':').slice(2).join(':') ?? '', file), 'utf8'));
}

const status = (pid: number, name: string): string | undefined =>
  new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];

describe.each(['namespaces', 'bwrap', 'runc', 'crun', 'lxc', 'containerd'] as const)(
  'the payload in a container of %s, seen from outside',
  (choice: EngineChoice) => {
    it('has limits of processes and memory, few capabilities and a root that is read-only', async (context) => {
      needsRoot(context);
      needsControllers(context);
      needs(context, { namespaces: 'unshare', lxc: 'lxc-start', containerd: 'ctr' }[choice as string] ?? choice);
      const context_ = { env: { ...process.env, CONTAINERD_ADDRESS: socket } };
      await using session = await openSession({ choice }, context_);
      await session.engine.prepare({ name: 'none', spec: null, text: 'null' });
      const created = await session.engine.create('none', `${session.runId}-seen`, 'sleep');
      const started = await created.start();
      const { pid } = started;
      const { pids, memory } = session.engine.facts.containment ?? {};
      const root = readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
        .split('\n')
        .find((line) => line.split(' ')[4] === '/');
      expect([status(pid, 'CapEff'), status(pid, 'CapBnd'), status(pid, 'NoNewPrivs'), status(pid, 'CapAmb')]).toEqual([
        DOCKERS,
        DOCKERS,
        '1',
        choice === 'bwrap' ? DOCKERS : NONE,
      ]);
      expect(root?.split(' ')[5]).toMatch(/^ro,|^ro$/);
      if (pids?.kind === 'cgroup') expect(limitOf(pid, 'pids')).toBe(pids.most + (pids.of === 'run' ? 1024 : 0));
      if (memory?.kind === 'cgroup') expect(Math.abs(limitOf(pid, 'memory') - memory.most)).toBeLessThan(65536);
      expect([pids?.kind, memory?.kind]).not.toContain(undefined);
      const exited = await started.kill();
      await exited.remove();
    });
  },
);

describe('a bind', () => {
  it('is refused where the place is inside another bind and is not there: it would have to be made on the host', (context) => {
    needsRoot(context);
    const place = '/usr/seccomp-bench-no-such-place';
    const refused = sandbox.bench([
      ...['workload', '--engine', 'namespaces', '--bind-host', '--bind', `${probes}:${place}`, '--blocks', '1'],
      ...['--no-explain', '--no-report', '--', '/bin/true'],
    ]);
    expect([refused.status, refused.stderr, existsSync(place)]).toEqual([
      2,
      expect.stringContaining(`could not bind ${probes} to ${place}: /usr has no such place`),
      false,
    ]);
  });
});
