import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { CLI, FAKE, needs, needsRoot, PrivateSandbox, ROOT } from './bench.js';
import { FakeDaemon } from './fake-daemon.js';

const sandbox = new PrivateSandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const START = ['sequential', '--count', '1', '--warmup', '0', '--no-report'];
const OTHER = machine() === 'x86_64' ? 'aarch64' : 'x86_64';

/** A program of the package's payload for another machine. */
function foreignProgram(context: TestContext): string {
  const emulated = '/proc/sys/fs/binfmt_misc';
  if (existsSync(emulated) && readdirSync(emulated).some((name) => name.startsWith('qemu-')))
    context.skip('programs for other machines run here');
  const path = join(sandbox.folder, 'foreign');
  copyFileSync(join(ROOT, 'payload/bin', OTHER, 'payload'), path);
  return path;
}

function script(text: string): string {
  const path = join(sandbox.folder, 'script');
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}

/** Runs a program that runs the built command, in the sandbox. */
function under(program: string, args: readonly string[]): { readonly status: number | null; readonly stderr: string } {
  const { status, stderr } = spawnSync(program, args, {
    cwd: sandbox.folder,
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: sandbox.tmp },
  });
  return { status, stderr };
}

const NO_TRACE = /unexpected error|^ {4}at |Node\.js v\d/m;
const BLAME = 'profile';

describe('a program that cannot be run here', () => {
  it('is told with the machine that it is built for: a runtime', (context) => {
    const path = foreignProgram(context);
    const { status, stderr } = sandbox.bench([...START, '--engine', 'oci', '--runtime', path]);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining(`foreign is built for ${OTHER}, and this machine is ${machine()}`),
    ]);
    expect(stderr).not.toContain(BLAME);
  });

  it('is told with the machine that it is built for: a command', (context) => {
    const path = foreignProgram(context);
    const { status, stderr } = sandbox.bench(['ab', '--blocks', '1', '--no-report', '--', path, '---', 'true']);
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(`foreign is built for ${OTHER}, and this machine is ${machine()}`),
    ]);
  });

  it('is told with the machine that it is built for: a program in a container', (context) => {
    needsRoot(context);
    const path = foreignProgram(context);
    const { status, stderr } = sandbox.bench([
      ...['workload', '--engine', 'namespaces', '--blocks', '1', '--no-report'],
      ...['--bind', `${path}:/opt/foreign`, '--', '/opt/foreign'],
    ]);
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(`foreign is built for ${OTHER}, and this machine is ${machine()}`),
    ]);
    expect(stderr).not.toContain(BLAME);
  });

  it.each([
    ['#!/no/such/interpreter\n', 'it asks for the interpreter /no/such/interpreter, which does not exist'],
    ['', 'is an empty file'],
    ['hello\n', 'is neither an ELF program nor a script with #!'],
  ])('is told by what the file is: %j', (text, words) => {
    const { status, stderr } = sandbox.bench([...START, '--engine', 'oci', '--runtime', script(text)]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(words)]);
    expect(stderr).not.toMatch(NO_TRACE);
  });
});

describe('a limit of the machine', () => {
  it('is named where too few files may be open, however few', (context) => {
    needs(context, 'prlimit');
    const ends = [26, 32, 40, 48, 56].map((files) => {
      const args = [
        `--nofile=${files}:${files}`,
        process.execPath,
        CLI,
        ...START,
        '--engine',
        'oci',
        '--runtime',
        FAKE,
      ];
      const { status, stderr } = under('prlimit', args);
      const isTold =
        status === 0 || stderr.includes('too many open files') || stderr.includes('open files; the limit is');
      return {
        files,
        isTold,
        hasTrace: NO_TRACE.test(stderr),
        blames: (stderr.split('bench: ')[1] ?? '').includes(BLAME),
      };
    });
    expect(ends).toEqual(ends.map(({ files }) => ({ files, isTold: true, hasTrace: false, blames: false })));
  });

  it('is named where too few processes may run, and each container has that cause', (context) => {
    needsRoot(context);
    const group = pidsGroup(context);
    try {
      writeFileSync(join(group, 'pids.max'), '24');
      const slow = sandbox.runtime('case "$*" in *" run "*) sleep 0.3 ;; esac');
      const run = ['parallel', '--count', '24', '--concurrency', '24', '--blocks', '1', '--warmup', '0', '--no-report'];
      const command = `echo $$ >"${group}/cgroup.procs" && exec "$@"`;
      const node = [process.execPath, CLI, ...run, '--engine', 'oci', '--runtime', slow];
      const { status, stderr } = under('sh', ['-c', command, 'sh', ...node]);
      expect(status).not.toBe(0);
      expect(stderr).not.toMatch(NO_TRACE);
      const causes = sandbox.containers().flatMap((one) => ('cause' in one ? [`${one.cause} ${one.stderr}`] : []));
      expect(causes.length).toBeGreaterThan(0);
      expect(causes.filter((cause) => !/EAGAIN|errno 11|[Rr]esource temporarily unavailable|fork/.test(cause))).toEqual(
        [],
      );
    } finally {
      rmdirSync(group);
    }
  });

  it('is named where a disk is full', (context) => {
    needsRoot(context);
    needs(context, 'unshare');
    const place = join(sandbox.folder, 'full');
    mkdirSync(place, { recursive: true });
    const mount = `mount -t tmpfs -o size=8k tmpfs "${place}" && exec "$@"`;
    const node = [process.execPath, CLI, ...START, '--engine', 'oci', '--runtime', FAKE, '--results', join(place, 'r')];
    const { status, stderr } = under('unshare', ['-m', 'sh', '-c', mount, 'sh', ...node]);
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^bench: .*no space left on device$/m)]);
    expect(stderr).toContain('Free some space');
    expect(stderr).not.toMatch(NO_TRACE);
  });
});

/** A cgroup whose number of processes can be limited. */
function pidsGroup(context: TestContext): string {
  const own = readFileSync('/proc/self/cgroup', 'utf8');
  const parents = ['/sys/fs/cgroup/pids', `/sys/fs/cgroup${/^0::(.*)$/m.exec(own)?.[1] ?? ''}`];
  for (const parent of parents) {
    const group = join(parent, `bench-test-${process.pid}`);
    if (!existsSync(join(parent, 'cgroup.procs'))) continue;
    mkdirSync(group);
    if (existsSync(join(group, 'pids.max'))) return group;
    rmdirSync(group);
  }
  return context.skip('needs the pids controller');
}

describe('a current folder that was removed', () => {
  it.each([
    ['sequential', '--count', '1'],
    ['run', 'quick'],
    ['workload', '--', 'true'],
    ['ab', '--', 'true', '---', 'false'],
    ['percall'],
    ['report', 'results'],
    ['compare', 'one', 'two'],
    ['reproduce', 'results'],
    ['inspect', 'default'],
    ['diff', 'default', 'docker'],
    ['verify', 'default'],
    ['convert', 'default'],
    ['build', 'default'],
    ['price', '--profile', 'default', 'table'],
    ['advise', '--profile', 'default'],
    ['syscalls', 'count', '--', 'true'],
    ['fleet', '--from', 'results'],
    ['doctor'],
    ['clean'],
  ])('is told in one line: %s', (...args) => {
    const gone = join(sandbox.folder, 'gone');
    const line = `mkdir "${gone}" && cd "${gone}" && rmdir "${gone}" && exec "$@"`;
    const { status, stderr } = under('sh', ['-c', line, 'sh', process.execPath, CLI, ...args]);
    expect(stderr).not.toMatch(NO_TRACE);
    if (status !== 0 && args[0] !== 'doctor') expect(stderr).toMatch(/^bench: \S/m);
  });
});

describe('an image', () => {
  it.each(['', ' ', 'a b', '../x', '/x', 'a//b', 'a?b', '-x'])('has a name that can be asked for: %j', (name) => {
    const { status, stderr } = sandbox.bench([...START, '--engine', 'docker', `--image=${name}`]);
    expect([status, stderr]).toEqual([
      2,
      `bench: --image: expected the name or id of an image, got ${JSON.stringify(name)}\n` +
        '  For example localhost/payload:1, without spaces.\n',
    ]);
  });

  it("has a name that the daemon takes, or the daemon's words say why not", async () => {
    await using daemon = await new FakeDaemon().listen();
    daemon.imageRefusal = 'invalid reference format: repository name must be lowercase';
    const { end } = sandbox.start([...START, '--engine', 'docker', '--host', daemon.host, '--image', 'Upper']);
    const { status, stderr } = await end;
    expect([status, stderr]).toEqual([
      2,
      `bench: ${daemon.host} does not take the image name Upper: ` +
        'invalid reference format: repository name must be lowercase\n' +
        '  A name is in lower case, NAME[:TAG] or NAME@DIGEST; an id works too.\n',
    ]);
  });
});

describe('certificates', () => {
  const withCertificates = (folder: string) =>
    sandbox.bench([...START, '--engine', 'docker', '--host', 'tcp://127.0.0.1:2'], {
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: folder,
    });

  it('are named where they are not there', () => {
    const { status, stderr } = withCertificates('/nowhere');
    expect([status, stderr]).toEqual([
      2,
      'bench: could not read /nowhere/ca.pem: no such file or directory\n' +
        '  DOCKER_CERT_PATH names the folder of ca.pem, cert.pem and key.pem.\n',
    ]);
  });

  it('are named where they are no certificates', () => {
    const folder = join(sandbox.folder, 'pem');
    mkdirSync(folder, { recursive: true });
    for (const name of ['ca.pem', 'cert.pem', 'key.pem']) writeFileSync(join(folder, name), 'hello');
    const { status, stderr } = withCertificates(folder);
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(
        /^bench: no TLS connection to the engine at tcp:\/\/127\.0\.0\.1:2 \(.*\): .*\n {2}DOCKER_CERT_PATH names/,
      ),
    ]);
  });
});
