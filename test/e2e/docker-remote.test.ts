import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { findProgram } from '../../src/process/files/find.js';
import { needs, PrivateSandbox } from './bench.js';
import type { CliResult } from './bench.js';
import { ask, freePort, startDocker } from './daemons.js';
import type { DaemonHere, RealDaemon } from './daemons.js';

const PRIVSEP = '/run/sshd';
const sandbox = new PrivateSandbox();
const keys = mkdtempSync(join(tmpdir(), 'bench-keys-'));
afterAll(() => {
  sandbox[Symbol.dispose]();
  rmSync(keys, { recursive: true, force: true });
});
beforeEach(() => {
  sandbox.clear();
});

const RUN = ['sequential', '--engine', 'docker', '--count', '1', '--warmup', '0', '--no-report'];
const bench = (env: Record<string, string>, ...args: readonly string[]): CliResult =>
  sandbox.bench([...RUN, ...args], env);
const complaints = ({ stderr }: CliResult): string[] => stderr.split('\n').filter((line) => line.startsWith('bench: '));
const nothingLeft = async (host: string): Promise<void> => {
  expect([await ask(host, '/containers/json?all=true'), await ask(host, '/images/json?all=true')]).toEqual([[], []]);
};
const allOk = (): void => {
  expect(sandbox.containers().map(({ state }) => state)).toEqual(Array.from({ length: 3 }, () => 'ok'));
};
const available = (here: DaemonHere, context: TestContext): RealDaemon => {
  if ('missing' in here) context.skip(here.missing);
  return here;
};

/** A daemon without TLS; over ssh its socket is used. */
let plain: DaemonHere = { missing: 'not started' };
let plainAddress = '';
beforeAll(async () => {
  plainAddress = `tcp://127.0.0.1:${await freePort()}`;
  plain = await startDocker('-H', plainAddress, '--tls=false');
});
afterAll(async () => {
  if ('stop' in plain) await plain.stop();
});

describe('docker over tcp', () => {
  it('makes containers at --host and at DOCKER_HOST, and bench clean reaches the same daemon after a run that was killed', async (context) => {
    const { host } = available(plain, context);
    const address = plainAddress;
    expect(bench({}, '--host', address)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`\n  at ${address} (--host)`) as unknown,
    });
    allOk();
    sandbox.clear();
    const { pid, end, stderr } = sandbox.start([...RUN, '--count', '1000'], { DOCKER_HOST: address });
    while (!stderr().includes('samples in')) await sleep(20);
    process.kill(pid, 'SIGKILL');
    await end;
    expect(sandbox.bench(['clean']).stdout).toContain(`sb-${sandbox.plan().id}`);
    await nothingLeft(host);
  });
});

/** Certificates for a daemon at 127.0.0.1 and for one client, signed by an authority that only this test knows. */
function makeCertificates(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const openssl = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync('openssl', [...args], { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
  };
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=bench test authority',
    '-keyout',
    'ca-key.pem',
    '-out',
    'ca.pem',
  );
  for (const [name, extension] of [
    ['server', 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth'],
    ['client', 'extendedKeyUsage=clientAuth'],
  ] as const) {
    writeFileSync(join(folder, `${name}.cnf`), `${extension}\n`);
    openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      `/CN=bench test ${name}`,
      '-keyout',
      `${name}-key.pem`,
      '-out',
      `${name}.csr`,
    );
    openssl(
      'x509',
      '-req',
      '-days',
      '2',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca-key.pem',
      '-CAcreateserial',
      '-extfile',
      `${name}.cnf`,
      '-out',
      `${name}.pem`,
    );
  }
  copyFileSync(join(folder, 'client.pem'), join(folder, 'cert.pem'));
  copyFileSync(join(folder, 'client-key.pem'), join(folder, 'key.pem'));
}

describe('docker over TLS', () => {
  const certificates = join(keys, 'tls');
  const strangers = join(keys, 'strangers');
  let here: DaemonHere = { missing: 'openssl is not installed' };
  let address = '';
  beforeAll(async () => {
    if (findProgram('openssl', process.env['PATH']) === undefined) return;
    makeCertificates(certificates);
    makeCertificates(strangers);
    address = `tcp://127.0.0.1:${await freePort()}`;
    const pem = (name: string): string => join(certificates, name);
    here = await startDocker(
      '-H',
      address,
      '--tlsverify',
      '--tlscacert',
      pem('ca.pem'),
      '--tlscert',
      pem('server.pem'),
      '--tlskey',
      pem('server-key.pem'),
    );
  });
  afterAll(async () => {
    if ('stop' in here) await here.stop();
  });

  it('takes the certificates that DOCKER_CERT_PATH names', async (context) => {
    const { host } = available(here, context);
    expect(bench({ DOCKER_HOST: address, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certificates })).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`\n  at ${address} (DOCKER_HOST)`) as unknown,
    });
    allOk();
    await nothingLeft(host);
  });

  it('takes them from a context, named or current', async (context) => {
    const { host } = available(here, context);
    const config = join(sandbox.folder, 'config');
    const digest = createHash('sha256').update('far').digest('hex');
    const tls = join(config, 'contexts/tls', digest, 'docker');
    for (const folder of [join(config, 'contexts/meta', digest), tls]) mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(config, 'contexts/meta', digest, 'meta.json'),
      JSON.stringify({ Name: 'far', Metadata: {}, Endpoints: { docker: { Host: address, SkipTLSVerify: false } } }),
    );
    for (const name of ['ca.pem', 'cert.pem', 'key.pem']) copyFileSync(join(certificates, name), join(tls, name));
    expect(bench({ DOCKER_CONFIG: config, DOCKER_CONTEXT: 'far' })).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`\n  at ${address} (the Docker context far)`) as unknown,
    });
    allOk();
    sandbox.clear();
    writeFileSync(join(config, 'config.json'), '{"currentContext":"far"}');
    const { pid, end, stderr } = sandbox.start([...RUN, '--count', '1000'], { DOCKER_CONFIG: config });
    while (!stderr().includes('samples in')) await sleep(20);
    process.kill(pid, 'SIGKILL');
    await end;
    expect(sandbox.bench(['clean']).stdout).toContain(`sb-${sandbox.plan().id}`);
    await nothingLeft(host);
  });

  it('names the reason where there are no certificates, where another authority signed them, and where files are missing', (context) => {
    available(here, context);
    const [plain] = complaints(bench({}, '--host', address));
    expect(plain).toMatch(
      new RegExp(
        `^bench: the engine at ${address} could not tell its version: HTTP 400: Client sent an HTTP request to an HTTPS server`,
      ),
    );
    const [stranger] = complaints(bench({ DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: strangers }, '--host', address));
    expect(stranger).toMatch(
      new RegExp(`^bench: no TLS connection to the engine at ${address} \\(--host\\): .*certificate`),
    );
    const [missing] = complaints(
      bench({ DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: join(keys, 'nowhere') }, '--host', address),
    );
    expect(missing).toMatch(/^bench: could not read .*nowhere\/ca\.pem: no such file or directory$/);
  });
});

describe('docker over ssh', () => {
  const folder = join(keys, 'ssh');
  let here: DaemonHere = { missing: 'ssh, sshd or docker is not installed' };
  let sshd: ChildProcess | undefined;
  let port = 0;
  let made = false;
  const path = (): string => `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`;

  beforeAll(async () => {
    const server = findProgram('sshd', process.env['PATH']);
    if (
      server === undefined ||
      findProgram('docker', process.env['PATH']) === undefined ||
      findProgram('ssh', process.env['PATH']) === undefined
    )
      return;
    here = plain;
    if ('missing' in here) return;
    mkdirSync(join(folder, 'bin'), { recursive: true });
    chmodSync(folder, 0o700);
    for (const name of ['host', 'user', 'unknown'])
      spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
    copyFileSync(join(folder, 'user.pub'), join(folder, 'authorized_keys'));
    port = await freePort();
    // The far end's docker talks to the private daemon.
    writeFileSync(
      join(folder, 'sshd_config'),
      [
        `Port ${port}`,
        'ListenAddress 127.0.0.1',
        `HostKey ${join(folder, 'host')}`,
        `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
        'PasswordAuthentication no',
        'UsePAM no',
        'StrictModes no',
        'PermitRootLogin prohibit-password',
        `PidFile ${join(folder, 'sshd.pid')}`,
        `SetEnv DOCKER_HOST=${here.host}`,
        '',
      ].join('\n'),
    );
    // Where sshd keeps its unprivileged part on Debian; with systemd it is there.
    if (!existsSync(PRIVSEP)) {
      mkdirSync(PRIVSEP, { mode: 0o755 });
      made = true;
    }
    sshd = spawn(server, ['-D', '-f', join(folder, 'sshd_config')], { stdio: 'ignore' });
    writeFileSync(
      join(folder, 'ssh_config'),
      `Host far\n  HostName 127.0.0.1\n  Port ${port}\n  User ${userInfo().username}\n  IdentityFile ${join(folder, 'user')}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${join(folder, 'known_hosts')}\n  StrictHostKeyChecking accept-new\n`,
    );
    // ssh reads the configuration of the user who runs it: this script makes it read the test's instead.
    writeFileSync(
      join(folder, 'bin/ssh'),
      `#!/bin/sh\nexec "${findProgram('ssh', process.env['PATH']) ?? 'ssh'}" -F "\${BENCH_SSH_CONFIG:-${join(folder, 'ssh_config')}}" "$@"\n`,
      { mode: 0o755 },
    );
    for (let tries = 0; tries < 100 && !(await listens(port)); tries += 1) await sleep(50);
  });
  afterAll(async () => {
    if (sshd !== undefined) {
      const ended = once(sshd, 'exit');
      sshd.kill('SIGTERM');
      await ended;
    }
    if (made) rmdirSync(PRIVSEP);
  });

  it("uses the user's own ssh, and says that every request opens an ssh connection", async (context) => {
    const { host } = available(here, context);
    needs(context, 'sshd', 'ssh-keygen');
    // Slow where a machine is busy: hence so few, and no time limit but the test's.
    const { status, stderr } = await sandbox.start(
      [
        'sequential',
        '--engine',
        'docker',
        '--count',
        '1',
        '--warmup',
        '0',
        '--arms',
        'native',
        '--no-report',
        '--host',
        'ssh://far',
      ],
      { PATH: path() },
    ).end;
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining(
        'every request opens an ssh connection, which is part of every stage: run bench on that machine to see more',
      ),
    ]);
    expect(sandbox.containers().map(({ state }) => state)).toEqual(['ok', 'ok']);
    await nothingLeft(host);
  }, 300_000);

  it('passes on what ssh says where the key is refused, and where nobody listens', (context) => {
    available(here, context);
    const other = join(folder, 'other_config');
    writeFileSync(
      other,
      `Host far\n  HostName 127.0.0.1\n  Port ${port}\n  IdentityFile ${join(folder, 'unknown')}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${join(folder, 'known_hosts')}\n  StrictHostKeyChecking accept-new\n`,
    );
    const refused = bench({ PATH: path(), BENCH_SSH_CONFIG: other }, '--host', 'ssh://far');
    expect([refused.status, complaints(refused)]).toEqual([
      2,
      [expect.stringMatching(/^bench: ssh could not reach the engine: exit code 255: .*Permission denied/)],
    ]);
    expect(refused.stderr).toContain('Does ssh to that host work without a password, and is docker installed there?');
    const absent = join(folder, 'absent_config');
    writeFileSync(absent, `Host far\n  HostName 127.0.0.1\n  Port 1\n`);
    expect(complaints(bench({ PATH: path(), BENCH_SSH_CONFIG: absent }, '--host', 'ssh://far'))).toEqual([
      expect.stringMatching(/^bench: ssh could not reach the engine: exit code 255: .*Connection refused/),
    ]);
  });
});

const listens = (at: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(at, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => {
      resolve(false);
    });
  });
