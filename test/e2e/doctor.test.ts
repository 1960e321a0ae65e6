import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Checkup, Finding } from '../../src/model/host/checkup.js';
import { ask, freePort, startDocker } from './daemons.js';
import { CLI, needs, needsRoot, ROOT, Sandbox } from './bench.js';

const sandbox = new Sandbox();
const TMPDIR = join(sandbox.folder, 'tmp');
const PROGRAMS = join(sandbox.folder, 'programs');
beforeEach(() => {
  for (const folder of [TMPDIR, PROGRAMS]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
  }
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

/** Programs that `bench` finds before any other, or as the only ones where PATH is their folder. */
function put(...programs: readonly (readonly [string, string])[]): void {
  for (const [name, script] of programs) writeFileSync(join(PROGRAMS, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** Lines that do not fit; a command to copy stays on one line. */
const tooLong = (text: string, width: number): string[] =>
  text.split('\n').filter((line) => line.length > width && !/^ *(?:fix: .*|\/\S+)$/.test(line));
const parsed = (stdout: string): Checkup => JSON.parse(stdout) as Checkup;
const find = ({ findings }: Checkup, id: string): Finding => findings.find((finding) => finding.id === id)!;

const BROKEN =
  'case "$*" in --version) echo "runc version 9.8.7" ;; features) exit 1 ;; *" run "*) echo "no such cgroup" >&2; exit 1 ;; esac';

describe('bench doctor', () => {
  it('says what works here and leaves nothing behind', (context) => {
    needsRoot(context);
    needs(context, 'unshare');
    const { status, stdout, stderr } = sandbox.bench(['doctor'], { TMPDIR });
    expect([status, stderr, stdout.split('\n')[0]]).toEqual([
      0,
      '',
      expect.stringMatching(/^Ready: .+ will be used\.$/),
    ]);
    expect(stdout).toMatch(/^ok +namespaces {7}built in, starts a container \(.*\)$/m);
    expect(stdout).not.toContain('\u001b');
    expect(tooLong(stdout, 100)).toEqual([]);
    expect(readdirSync(TMPDIR)).toEqual([]);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(TMPDIR);
    // gVisor cannot start from a folder that only root may enter, and leaves its cgroups then.
    expect(spawnSync('find', ['/sys/fs/cgroup', '-name', 'sb-*-check'], { encoding: 'utf8' }).stdout).toBe('');
  });

  it('fits a terminal of 80 columns, except for commands and paths to copy', (context) => {
    needsRoot(context);
    needs(context, 'unshare', 'script');
    const text = sandbox.onTerminal(80, ['doctor'], { TMPDIR });
    expect(text).toMatch(/^Ready: .+ will be used\.\n/);
    expect(tooLong(text, 80)).toEqual([]);
  });

  it('names the first engine of --engine auto that has started a container, having tried each', () => {
    const { status, stdout } = sandbox.bench(['doctor', '--json'], { TMPDIR });
    const checkup = parsed(stdout);
    for (const { state, found } of ['runc', 'crun', 'namespaces'].map((id) => find(checkup, id))) {
      expect(found).toMatch(
        {
          ok: /starts a container/,
          missing: /not found in PATH/,
          'not running': /^never$/,
          problem: /could not start a container|built without seccomp/,
          warning: /^never$/,
        }[state],
      );
    }
    const first = ['runc', 'crun', 'namespaces'].find((id) => find(checkup, id).state === 'ok');
    expect([status, checkup.mainJob.engine?.name]).toEqual([first === undefined ? 2 : 0, first]);
  });

  it('prints one document with a version and the same findings in the same order', () => {
    const { stdout } = sandbox.bench(['doctor', '--json'], { TMPDIR });
    const checkup = parsed(stdout);
    expect(Object.keys(checkup)).toEqual([
      'formatVersion',
      'kind',
      'bench',
      'os',
      'kernel',
      'machine',
      'mainJob',
      'findings',
    ]);
    expect(checkup).toMatchObject({ formatVersion: 1, kind: 'checkup' });
    expect(checkup.findings.map(({ id }) => id).filter((id) => id !== 'crunCache')).toEqual([
      'runc',
      'crun',
      'namespaces',
      'bwrap',
      'docker',
      'podman',
      'lxc',
      'containerd',
      'cri',
      'isulad',
      'gvisor',
      'kernel',
      'seccomp',
      'cgroups',
      'capabilities',
      'userNamespaces',
      'libseccomp',
      'openFiles',
      'processes',
      'jitLimit',
      'governor',
      'load',
      'mitigations',
      'steal',
      'virtualisation',
      'strace',
      'perf',
      'loadedFilter',
      'probe32',
      'workspace',
    ]);
    for (const finding of checkup.findings)
      expect(Object.keys(finding)).toEqual(['id', 'title', 'state', 'found', 'fix']);
    expect(find(checkup, 'workspace').found).toContain(`${TMPDIR}/seccomp-bench-`);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  it('ends with 2 where no engine starts a container, and says why of each', () => {
    put(['runc', BROKEN]);
    const { status, stdout, stderr } = sandbox.bench(['doctor', '--json'], { TMPDIR, PATH: PROGRAMS });
    const checkup = parsed(stdout);
    expect([status, stderr, checkup.mainJob]).toEqual([2, '', { canRun: false, engine: null }]);
    expect(find(checkup, 'runc')).toMatchObject({
      state: 'problem',
      found: 'runc could not start a container, even without seccomp: exit code 1: no such cgroup',
    });
    expect(find(checkup, 'crun')).toMatchObject({
      state: 'missing',
      found: 'crun not found in PATH',
      fix: expect.stringMatching(/install.* crun$/) as string,
    });
    expect(find(checkup, 'namespaces')).toMatchObject({ state: 'missing', found: 'unshare not found in PATH' });
    const text = sandbox.bench(['doctor'], { TMPDIR, PATH: PROGRAMS });
    expect([text.status, text.stdout.split('\n').slice(0, 3)]).toEqual([
      2,
      [
        'Containers cannot be measured here: no engine can start one.',
        '',
        expect.stringMatching(/^problem +runc {13}runc could not start a container/),
      ],
    ]);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  it('finds no engine at all where none is in any folder of programs', (context) => {
    needsRoot(context);
    needs(context, 'unshare');
    const hide =
      'for folder in /usr/local/sbin /usr/sbin /sbin; do [ ! -d $folder ] || mount -t tmpfs tmpfs $folder || exit 99; done; PATH=/nonexistent; export PATH; exec "$0" "$@"';
    const { status, stdout } = spawnSync(
      'unshare',
      ['--mount', 'sh', '-c', hide, process.execPath, CLI, 'doctor', '--json'],
      { cwd: sandbox.folder, encoding: 'utf8', env: { ...process.env, TMPDIR } },
    );
    if (status === 99) context.skip('this machine lets no file systems be mounted');
    const checkup = parsed(stdout);
    expect([status, checkup.mainJob]).toEqual([2, { canRun: false, engine: null }]);
    expect(checkup.findings.slice(0, 10).map(({ state }) => state)).toEqual(
      Array.from({ length: 10 }, () => 'missing'),
    );
    expect([find(checkup, 'strace').state, find(checkup, 'perf').state]).toEqual(['missing', 'missing']);
  });

  it('says that no folder may run programs, and which mount forbids it', (context) => {
    needsRoot(context);
    needs(context, 'unshare');
    const mounts =
      'for folder in "$TMPDIR" /var/tmp; do mount -t tmpfs -o noexec tmpfs "$folder" || exit 99; done; cd "$TMPDIR" && exec "$0" "$@"';
    const { status, stdout } = spawnSync(
      'unshare',
      ['--mount', 'sh', '-c', mounts, process.execPath, CLI, 'doctor', '--json'],
      { encoding: 'utf8', env: { ...process.env, TMPDIR } },
    );
    if (status === 99) context.skip('this machine lets no file systems be mounted');
    const checkup = parsed(stdout);
    const fix = `mount -o remount,exec ${TMPDIR}`;
    expect([status, find(checkup, 'workspace')]).toMatchObject([
      2,
      { state: 'problem', found: expect.stringContaining('could not start') as string, fix },
    ]);
    expect(find(checkup, 'namespaces')).toMatchObject({
      state: 'problem',
      found: 'installed, but not tried: no folder for its files can be made',
      fix,
    });
  });

  it('goes on to the next engine where the first does not start one', (context) => {
    needsRoot(context);
    needs(context, 'unshare');
    put(['runc', BROKEN], ['crun', BROKEN.replace('runc', 'crun')]);
    const { status, stdout } = sandbox.bench(['doctor', '--json'], {
      TMPDIR,
      PATH: `${PROGRAMS}:${process.env['PATH'] ?? ''}`,
    });
    expect([status, parsed(stdout).mainJob]).toEqual([
      0,
      {
        canRun: true,
        engine: {
          name: 'namespaces',
          automatic: true,
          version: '(built in)',
          path: expect.stringContaining('unshare') as string,
        },
      },
    ]);
  });

  it('says that a runtime left its container behind, which bench clean removes', () => {
    put([
      'runc',
      'case "$1 $3" in "--version "*) echo "runc version 1.0";; *" list") [ ! -e "$0.left" ] || echo "[{\\"id\\":\\"left\\"}]";; *" run") touch "$0.left"; echo mean >&2; exit 1;; esac',
    ]);
    const { status, stdout } = sandbox.bench(['doctor', '--json'], { TMPDIR, PATH: `${PROGRAMS}:/usr/bin:/bin` });
    expect([status === 0 || status === 2, find(parsed(stdout), 'runc')]).toEqual([
      true,
      {
        id: 'runc',
        title: 'runc',
        state: 'problem',
        found: 'runc could not start a container, even without seccomp: exit code 1: mean',
        fix: expect.stringMatching(/ clean$/) as string,
      },
    ]);
    rmSync(join(PROGRAMS, 'runc.left'));
    expect(sandbox.bench(['clean'], { TMPDIR }).stdout).toMatch(
      /^removed .*\/tmp\/seccomp-bench-\d+\/sb-[0-9a-f]+: 0 containers, 0 processes$/m,
    );
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  it('can be stopped while a start hangs', async () => {
    put([
      'runc',
      `case "$*" in --version) echo "runc version 1.0" ;; *" run "*) : > "${sandbox.folder}/hangs"; exec /bin/sleep 600 ;; esac`,
    ]);
    const { pid, end } = sandbox.start(['doctor'], { TMPDIR, PATH: PROGRAMS });
    while (!existsSync(join(sandbox.folder, 'hangs'))) await sleep(10);
    process.kill(pid, 'SIGINT');
    expect(await end).toEqual({
      status: 130,
      stdout: '',
      stderr: expect.stringMatching(/^bench: stopped by /) as string,
    });
    expect(readdirSync(TMPDIR)).toEqual([]);
  });
});

describe('bench doctor with a daemon', () => {
  it('starts a container with one that listens, and not with one on another machine', async (context) => {
    needsRoot(context);
    const address = `tcp://127.0.0.1:${await freePort()}`;
    const docker = await startDocker('-H', address);
    if ('missing' in docker) {
      context.skip(docker.missing);
      return;
    }
    try {
      const local = sandbox.bench(['doctor', '--json'], { TMPDIR, DOCKER_HOST: docker.host });
      expect(find(parsed(local.stdout), 'docker')).toMatchObject({
        state: 'ok',
        found: expect.stringMatching(/^Docker .+ at unix:.+ \(DOCKER_HOST\), starts a container$/) as string,
      });
      const left = await Promise.all(
        ['/containers/json?all=true', '/images/json?all=true'].map((path) => ask(docker.host, path)),
      );
      expect(left).toEqual([[], []]);
      const far = sandbox.bench(['doctor', '--json'], { TMPDIR, DOCKER_HOST: address });
      expect(find(parsed(far.stdout), 'docker')).toMatchObject({
        state: 'ok',
        found: expect.stringMatching(/^Docker .+, not tried: its daemon may be on another machine$/) as string,
      });
    } finally {
      await docker.stop();
    }
  });
});

describe('bench doctor for an ordinary user', () => {
  it('tells what that user cannot do, and that root can', (context) => {
    needsRoot(context);
    needs(context, 'setpriv');
    const user = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--inh-caps=-all'];
    chmodSync(sandbox.folder, 0o755);
    chmodSync(TMPDIR, 0o777);
    if (spawnSync('setpriv', [...user, 'test', '-w', TMPDIR]).status !== 0)
      context.skip(`an ordinary user cannot reach ${tmpdir()}`);
    const { status, stdout } = spawnSync('setpriv', [...user, process.execPath, CLI, 'doctor', '--json'], {
      cwd: TMPDIR,
      encoding: 'utf8',
      env: { ...process.env, TMPDIR },
    });
    const checkup = parsed(stdout);
    expect([status, find(checkup, 'capabilities')]).toEqual([
      checkup.mainJob.canRun ? 0 : 2,
      {
        id: 'capabilities',
        title: 'capabilities',
        state: 'ok',
        found: 'none, as usual for an ordinary user',
        fix: null,
      },
    ]);
    expect(find(checkup, 'loadedFilter')).toMatchObject({
      state: 'warning',
      fix: expect.stringMatching(/^sudo .*doctor$/) as string,
    });
    if (find(checkup, 'lxc').state !== 'missing')
      expect(find(checkup, 'lxc')).toMatchObject({
        state: 'problem',
        found: '--engine lxc requires root',
        fix: expect.stringMatching(/^sudo .*doctor$/) as string,
      });
    // Every engine is tried, or the reason stands there.
    for (const { state, found } of checkup.findings.slice(0, 10))
      if (state === 'ok') expect(found).toMatch(/starts a container|, not tried: /);
    // Podman alone would leave two folders behind to say its version.
    if (find(checkup, 'podman').found.includes('podman)')) expect(find(checkup, 'podman').found).toMatch(/^\d+\.\d+/);
    expect(find(checkup, 'namespaces').state).toBe(find(checkup, 'userNamespaces').state === 'ok' ? 'ok' : 'problem');
    if (find(checkup, 'userNamespaces').state === 'ok')
      expect(find(checkup, 'namespaces').found).toContain('starts a container without root');
    for (const { fix } of checkup.findings) if (fix?.includes('apt-get') === true) expect(fix).toMatch(/^sudo /);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  it('names the setting that forbids user namespaces, and what would allow them, for every engine', (context) => {
    needsRoot(context);
    needs(context, 'setpriv', 'unshare');
    chmodSync(sandbox.folder, 0o755);
    chmodSync(TMPDIR, 0o777);
    const { status, stdout } = spawnSync(
      join(ROOT, 'test/fixtures/no-user-namespaces.sh'),
      [TMPDIR, process.execPath, CLI, 'doctor', '--json'],
      { cwd: TMPDIR, encoding: 'utf8', env: { ...process.env, TMPDIR }, timeout: 120_000 },
    );
    if (status === 99 || stdout === '')
      context.skip('this kernel does not let user namespaces be limited, or an ordinary user cannot reach the program');
    const checkup = parsed(stdout);
    const fix = 'sudo sysctl -w user.max_user_namespaces=15000';
    expect([status, checkup.mainJob.canRun, find(checkup, 'userNamespaces')]).toEqual([
      2,
      false,
      {
        id: 'userNamespaces',
        title: 'user namespaces',
        state: 'problem',
        found: 'this user may not create them: user.max_user_namespaces is 0',
        fix,
      },
    ]);
    expect(find(checkup, 'namespaces')).toMatchObject({
      state: 'problem',
      found: expect.stringContaining('unshare failed: No space left on device') as string,
      fix,
    });
    if (find(checkup, 'runc').state === 'problem') expect(find(checkup, 'runc').fix).toBe(fix);
    if (find(checkup, 'bwrap').state === 'problem')
      expect(find(checkup, 'bwrap')).toMatchObject({
        found: expect.stringContaining('bwrap could not start a container') as string,
        fix,
      });
    // What user namespaces would not help with is left to root.
    for (const { state, found, fix: offered } of [find(checkup, 'crun'), find(checkup, 'lxc'), find(checkup, 'gvisor')])
      if (state === 'problem' && /cgroup|requires root/.test(found)) expect(offered).toMatch(/^sudo .*doctor$/);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });
});
