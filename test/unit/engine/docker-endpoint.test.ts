import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { daemonError } from '../../../src/engine/docker/failures.js';
import { findEndpoint } from '../../../src/engine/docker/endpoint.js';

const folder = mkdtempSync(join(tmpdir(), 'bench-context-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const digest = (name: string): string => createHash('sha256').update(name).digest('hex');

function addContext(name: string, host: string, tls = false): void {
  mkdirSync(join(folder, 'contexts/meta', digest(name)), { recursive: true });
  writeFileSync(
    join(folder, 'contexts/meta', digest(name), 'meta.json'),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host, SkipTLSVerify: false } } }),
  );
  if (tls) mkdirSync(join(folder, 'contexts/tls', digest(name), 'docker'), { recursive: true });
}

const docker = (env: Record<string, string>, host?: string) =>
  findEndpoint({ engine: 'docker', env: { DOCKER_CONFIG: folder, ...env }, ...(host === undefined ? {} : { host }) });

describe('the daemon of --engine docker', () => {
  addContext('far', 'ssh://me@far');
  addContext('safe', 'tcp://safe:2376', true);
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ currentContext: 'far' }));

  it('is named by --host, then DOCKER_HOST, then DOCKER_CONTEXT, then the current context', () => {
    const env = { DOCKER_HOST: 'unix:///from/env.sock', DOCKER_CONTEXT: 'safe' };
    expect(docker(env, 'unix:///given.sock')).toEqual({ host: 'unix:///given.sock', tlsDir: null, source: '--host' });
    expect(docker(env)).toEqual({ host: 'unix:///from/env.sock', tlsDir: null, source: 'DOCKER_HOST' });
    expect(docker({ DOCKER_CONTEXT: 'safe' })).toEqual({
      host: 'tcp://safe:2376',
      tlsDir: join(folder, 'contexts/tls', digest('safe'), 'docker'),
      source: 'the Docker context safe',
    });
    expect(docker({})).toEqual({ host: 'ssh://me@far', tlsDir: null, source: 'the Docker context far' });
  });

  it("is Docker's own socket where nothing names another, or the context is called default", () => {
    const own = { host: 'unix:///var/run/docker.sock', tlsDir: null, source: "Docker's default" };
    expect(docker({ DOCKER_CONTEXT: 'default' })).toEqual(own);
    expect(docker({ DOCKER_CONFIG: join(folder, 'nothing') })).toEqual(own);
  });

  it('takes certificates from DOCKER_CERT_PATH for TCP alone, and only where they are asked for', () => {
    const certificates = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/certs' };
    expect(docker(certificates, 'tcp://safe:2376').tlsDir).toBe('/certs');
    expect(docker(certificates, 'unix:///given.sock').tlsDir).toBeNull();
    expect(docker({ DOCKER_CERT_PATH: '/certs' }, 'tcp://safe:2376').tlsDir).toBeNull();
  });

  it('is refused where its context is not there or its address has another form', () => {
    expect(() => docker({ DOCKER_CONTEXT: 'gone' })).toThrow(`Docker context gone not found in ${folder}`);
    expect(() => docker({}, '/run/docker.sock')).toThrow(
      '--host: expected unix:///path/to.sock, tcp://host:port or ssh://user@host, got "/run/docker.sock"',
    );
  });
});

describe('the daemon of --engine podman', () => {
  it("is named by --host, then CONTAINER_HOST, and not by what is Docker's", () => {
    expect(
      findEndpoint({ engine: 'podman', env: { DOCKER_HOST: 'unix:///d.sock', CONTAINER_HOST: 'unix:///p.sock' } }).host,
    ).toBe('unix:///p.sock');
    expect(
      findEndpoint({ engine: 'podman', env: { DOCKER_HOST: 'unix:///d.sock', XDG_RUNTIME_DIR: '/run/user/7' } }).host,
    ).toBe(`unix://${process.geteuid?.() === 0 ? '/run' : '/run/user/7'}/podman/podman.sock`);
  });

  it("names this user's rootless daemon where only the default is left", () => {
    const env = { DOCKER_CONFIG: join(folder, 'none'), XDG_RUNTIME_DIR: folder };
    expect(findEndpoint({ engine: 'docker', env })).not.toHaveProperty('rootless');
    writeFileSync(join(folder, 'docker.sock'), '');
    const found = findEndpoint({ engine: 'docker', env });
    expect(found).toMatchObject({ source: "Docker's default", rootless: join(folder, 'docker.sock') });
    expect(daemonError(Object.assign(new Error('x'), { code: 'ENOENT' }), 'answer', found).hint).toBe(
      `A rootless daemon listens at ${join(folder, 'docker.sock')}: --host unix://${join(folder, 'docker.sock')}`,
    );
    expect(docker({ ...env, DOCKER_HOST: 'unix:///run/x.sock' })).not.toHaveProperty('rootless');
  });
});
