import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readResultFolder } from '../../src/results/index.js';
import { Sandbox } from './bench.js';
import type { CliResult } from './bench.js';
import { FakeDaemon } from './fake-daemon.js';
import type { Fault } from './fake-daemon.js';

const sandbox = new Sandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

/** A temporary folder for this test alone, in which a failed run may leave its workspace. */
const TMPDIR = join(sandbox.folder, 'tmp');
mkdirSync(TMPDIR);

const sequential = (host: string, args: readonly string[] = [], env: Record<string, string> = {}): Promise<CliResult> =>
  sandbox.start(
    ['sequential', '--engine', 'docker', '--host', host, '--count', '3', '--warmup', '0', '--no-report', ...args],
    { TMPDIR, ...env },
  ).end;

const failed = () => sandbox.containers().filter(({ state }) => state !== 'ok');
const firstError = ({ stderr }: CliResult): string | undefined =>
  stderr.split('\n').find((line) => line.startsWith('bench: '));

describe('a daemon that fails a container', () => {
  it.each<[Fault['how'], object]>([
    [
      'refuseCreate',
      { state: 'failed', cause: 'refused: HTTP 500', failedIn: 'create', stderr: 'no space left on device' },
    ],
    [
      'refuseStart',
      { state: 'failed', cause: 'refused: HTTP 400', failedIn: 'start', stderr: 'OCI runtime create failed' },
    ],
    ['silent', { state: 'failed', cause: "exit code 0, but the payload's output is missing" }],
    ['hang', { state: 'timedOut', cause: 'no end within 1 s', failedIn: 'exit' }],
  ])("is counted with its stage and the daemon's words, and never timed: %s", async (how, expected) => {
    await using daemon = await new FakeDaemon().listen();
    daemon.fault = { names: /-b1-0-/, how };
    const { status } = await sequential(daemon.host, ['--timeout', '1']);
    expect(status).toBe(1);
    expect(failed()).toMatchObject([expected]);
    expect(failed()[0]).not.toHaveProperty('wallNs');
    expect([...daemon.containers.keys()]).toEqual([]);
  });
});

describe('a daemon that cannot start any container', () => {
  it("names Podman's setting where its default limits are refused", async () => {
    await using daemon = await new FakeDaemon().listen();
    daemon.fault = {
      names: /-check$/,
      how: 'refuseStart',
      words: 'runc: setrlimit RLIMIT_NOFILE: operation not permitted: OCI permission denied',
    };
    const { status, stderr } = await sequential(daemon.host);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('put default_ulimits = [] under [containers] in containers.conf'),
    ]);
  });

  it.each<Fault>([
    { names: /-first-/, how: 'vanish' },
    { names: /-sleep-/, how: 'dieOnInspect' },
  ])('is not mistaken for a profile that forbids the start where it ends during the proof: $how', async (fault) => {
    await using daemon = await new FakeDaemon().listen();
    daemon.fault = fault;
    const { stderr } = await sequential(daemon.host);
    expect(stderr).toContain('Does the daemon still run?');
    expect(stderr).not.toMatch(/profile (?:that )?forbid/);
    rmSync(TMPDIR, { recursive: true });
    mkdirSync(TMPDIR);
  });
});

describe('a daemon on a machine of another architecture', () => {
  const [go, uname, chart] = process.arch === 'x64' ? ['arm64', 'aarch64', 'arm64'] : ['amd64', 'x86_64', 'x86_64'];

  it('gives results of that architecture, under specs made for it', async () => {
    await using daemon = await new FakeDaemon().listen();
    daemon.architecture = go;
    expect((await sequential(daemon.host)).status).toBe(0);
    const result = readResultFolder(sandbox.results());
    expect(result.plan).toMatchObject({ machine: uname });
    expect(result.host.machine).not.toBe(uname);
    const evidence = result.evidence.find(({ arm }) => arm === 'after');
    expect(evidence?.architectures).toContain(`SCMP_ARCH_${uname.toUpperCase()}`);
    const { stdout } = sandbox.bench(['report']);
    expect(stdout).toMatch(new RegExp(`^${chart} sequential `));
  });

  it('is refused where there are no programs for that architecture', async () => {
    await using daemon = await new FakeDaemon().listen();
    daemon.architecture = 'riscv64';
    const result = await sequential(daemon.host);
    expect([result.status, firstError(result)]).toEqual([
      2,
      `bench: the engine at ${daemon.host} runs on riscv64, which bench does not support`,
    ]);
  });

  it('runs the published scenarios of its own architecture, and not those of this machine', async () => {
    await using daemon = await new FakeDaemon().listen();
    daemon.architecture = go;
    const wrong = await sandbox.start(
      [
        'run',
        `isulad-${chart === 'arm64' ? 'x86_64-parallel-200' : 'arm64-parallel-150'}`,
        '--engine',
        'docker',
        '--host',
        daemon.host,
        '--no-report',
      ],
      { TMPDIR },
    ).end;
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining(uname)]);
  });
});

describe('a daemon that vanishes during a run', () => {
  it('leaves every later container counted as failed, the samples kept, and the workspace to bench clean', async () => {
    await using daemon = await new FakeDaemon().listen();
    daemon.fault = { names: /-b1-0-/, how: 'vanish' };
    const result = await sequential(daemon.host);
    expect(result.status).toBe(1);
    expect(failed().map((sample) => ('cause' in sample ? sample.cause : ''))).toEqual([
      'refused: ECONNRESET',
      ...Array.from({ length: 5 }, () => 'refused: ENOENT'),
    ]);
    expect(firstError(result)).toMatch(/^bench: docker did not remove its containers and its image: ENOENT/);
    // Nobody could ask it what it still has: that is not the same as nothing.
    expect(JSON.parse(readFileSync(join(sandbox.results(), 'ledger.json'), 'utf8'))).toMatchObject({
      before: { state: 'listed' },
      after: { state: 'unknown' },
      left: { state: 'unknown' },
    });
    expect(sandbox.bench(['clean'], { TMPDIR }).stderr).toContain(
      `made containers at ${daemon.host}, which does not answer (ENOENT)`,
    );
    rmSync(TMPDIR, { recursive: true });
    mkdirSync(TMPDIR);
  });
});

describe('a daemon that takes a removal and never answers', () => {
  it('does not keep bench for ever: the container is counted, the rest is left to bench clean', async () => {
    await using daemon = await new FakeDaemon().listen();
    daemon.fault = { names: /-b2-0-/, how: 'neverRemove' };
    const result = await sequential(daemon.host, ['--timeout', '1', '--max-failures', '0']);
    expect([result.status, failed()]).toEqual([
      1,
      [expect.objectContaining({ state: 'timedOut', failedIn: 'remove' })],
    ]);
    expect(firstError(result)).toMatch(
      /^bench: docker did not remove its containers and its image: NO_ANSWER: DELETE .* no complete answer within 20 s$/,
    );
    rmSync(TMPDIR, { recursive: true });
    mkdirSync(TMPDIR);
  });
});

describe('a daemon that is not there', () => {
  it('is named with where it was looked for and what to do', async () => {
    const result = await sequential('unix:///nowhere/S');
    expect([result.status, firstError(result)]).toEqual([
      2,
      'bench: could not connect to the engine at unix:///nowhere/S (--host): ENOENT: no such socket',
    ]);
    expect(result.stderr).toContain('Start the daemon, or name another with --host, DOCKER_HOST or DOCKER_CONTEXT.');
  });

  it('is not asked of engines without one', () => {
    const { status, stderr } = sandbox.bench([
      'sequential',
      '--engine',
      'namespaces',
      '--host',
      'unix:///S',
      '--count',
      '1',
    ]);
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('bench: --host requires --engine docker, podman or cri'),
    ]);
  });
});

describe('a daemon behind ssh', () => {
  it("is reached through the user's own ssh, and its processes are not looked for here", async () => {
    await using daemon = await new FakeDaemon().listen();
    const bin = join(sandbox.folder, 'bin');
    mkdirSync(bin);
    // What `docker system dial-stdio` does at the other end.
    writeFileSync(
      join(bin, 'ssh'),
      `#!${process.execPath}\nif (process.argv.slice(2).join(' ') !== '-o BatchMode=yes -T -l me -p 7 -- there docker system dial-stdio') process.exit(9);\nconst s = require('net').connect(${JSON.stringify(daemon.socket)});\nprocess.stdin.pipe(s).pipe(process.stdout);\n`,
    );
    chmodSync(join(bin, 'ssh'), 0o755);
    const { status, stderr } = await sequential('ssh://me@there:7', ['--count', '1'], {
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    });
    expect([status, failed()]).toEqual([0, []]);
    expect(stderr).toContain(
      'not seen: process 1 of the engine at ssh://me@there:7 is on another machine or in another process namespace',
    );
  });
});
