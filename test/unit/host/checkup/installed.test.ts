import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENGINES, lookFor } from '../../../../src/host/index.js';
import { MadeUpHost } from './made-up-host.js';

let host: MadeUpHost;
beforeEach(() => {
  host = new MadeUpHost();
});
afterEach(() => {
  host[Symbol.dispose]();
});

async function told(id: string): Promise<readonly [string, string, string | null]> {
  const { finding } = await lookFor(
    ENGINES.find((entry) => entry.id === id)!,
    host,
  );
  return [finding.state, finding.found, finding.fix];
}

const listening = (path: string): string =>
  `Num       RefCount Protocol Flags    Type St Inode Path\n0000000000000000: 00000002 00000000 00010000 0001 01 21337 ${path}\n0000000000000000: 00000003 00000000 00000000 0001 03 21338 /run/other.sock\n`;

describe('an engine that is looked for', () => {
  it('names the package of this distribution, or that there is none', async () => {
    const fixes = async (): Promise<readonly (string | null)[]> =>
      Promise.all(ENGINES.map(async ({ id }) => (await told(id))[2]));
    const apt = 'apt-get install --no-install-recommends';
    expect(await (host.user(0), fixes())).toEqual([
      `${apt} runc`,
      `${apt} crun`,
      `${apt} util-linux`,
      `${apt} bubblewrap`,
      `${apt} docker.io`,
      `${apt} podman`,
      `${apt} lxc`,
      `${apt} containerd`,
      null,
      `${apt} runsc`,
    ]);
    expect(await told('docker')).toEqual(['missing', 'docker or dockerd not found in PATH', `${apt} docker.io`]);
    expect(await told('isulad')).toEqual([
      'missing',
      'isula not found in PATH; this distribution has no package',
      null,
    ]);
    host.put({ '/etc/os-release': 'NAME="openEuler"\nID="openEuler"\n' });
    expect((await fixes()).slice(7)).toEqual(['dnf install containerd', 'dnf install iSulad', null]);
  });

  it('is reported with its version and place', async () => {
    host.programs = {
      runc: 'runc version 1.1.5+ds1\ncommit: 1.1.5\n',
      bwrap: 'bubblewrap 0.8.0\n',
      'lxc-start': '5.0.2\n',
      runsc: 'runsc version release-20240422.0\nspec: 1.1.0\n',
    };
    expect(await told('runc')).toEqual(['ok', '1.1.5+ds1 (/usr/bin/runc), not tried', null]);
    expect(await told('lxc')).toEqual(['ok', '5.0.2 (/usr/bin/lxc-start), not tried', null]);
    expect(await told('bwrap')).toEqual(['ok', '0.8.0 (/usr/bin/bwrap), not tried', null]);
    expect(await told('gvisor')).toEqual(['ok', '20240422.0 (/usr/bin/runsc), not tried', null]);
  });

  it('is a problem where its program fails', async () => {
    host.user(0).programs = {
      runc: { exitCode: 127, stderr: 'runc: libseccomp.so.2: cannot open shared object file\nmore\n' },
      crun: { exitCode: 1, stderr: '' },
    };
    expect(await told('runc')).toEqual([
      'problem',
      '/usr/bin/runc --version fails: runc: libseccomp.so.2: cannot open shared object file',
      'apt-get install --no-install-recommends runc',
    ]);
    expect(await told('crun')).toEqual([
      'problem',
      '/usr/bin/crun --version fails: exit code 1',
      'apt-get install --no-install-recommends crun',
    ]);
  });
});

describe('an engine with a daemon', () => {
  beforeEach(() => {
    host.user(0).programs = {
      docker: 'Docker version 28.2.2, build e6534b4\n',
      podman: 'podman version 4.3.1\n',
      ctr: 'ctr github.com/containerd/containerd 1.6.20~ds1\n',
    };
  });

  it('is ok where that listens', async () => {
    host.put({ '/proc/net/unix': listening('/run/docker.sock') }).sockets = { '/run/docker.sock': 'there' };
    expect(await told('docker')).toEqual([
      'ok',
      'client 28.2.2 (/usr/bin/docker), its daemon listens at /run/docker.sock, not tried',
      null,
    ]);
  });

  it('does not count where its socket is stale or closed to this user', async () => {
    host.put({ '/proc/net/unix': listening('/run/elsewhere.sock') }).sockets = {
      '/run/docker.sock': 'there',
      '/run/containerd/containerd.sock': 'denied',
    };
    expect(await told('docker')).toEqual([
      'warning',
      'client 28.2.2 (/usr/bin/docker), but nothing listens at its socket /run/docker.sock',
      'dockerd &',
    ]);
    expect(await told('containerd')).toEqual([
      'warning',
      'client 1.6.20~ds1 (/usr/bin/ctr), but this user has no access to its socket /run/containerd/containerd.sock',
      'sudo bench doctor',
    ]);
  });

  it('is started by systemd, by a script, or by its own command', async () => {
    const found = 'client 28.2.2 (/usr/bin/docker): no socket /run/docker.sock';
    expect(await told('docker')).toEqual(['not running', found, 'dockerd &']);
    host.put({ '/etc/init.d/docker': '#!/bin/sh\n' });
    expect(await told('docker')).toEqual(['not running', found, 'service docker start']);
    host.put({ '/run/systemd/system/x': '' });
    expect(await told('docker')).toEqual(['not running', found, 'systemctl start docker']);
    expect((await told('podman'))[2]).toBe('systemctl start podman.socket');
  });

  it('may belong to an ordinary user', async () => {
    host.user(1000);
    expect(await told('podman')).toEqual([
      'not running',
      '4.3.1 (/usr/bin/podman): no socket /run/user/1000/podman/podman.sock',
      'podman system service --time 0 unix:///run/user/1000/podman/podman.sock &',
    ]);
    expect((await told('containerd'))[2]).toBe('sudo containerd &');
    host.put({ '/run/systemd/system/x': '' }).env = { XDG_RUNTIME_DIR: '/run/mine' };
    expect(await told('podman')).toEqual([
      'not running',
      '4.3.1 (/usr/bin/podman): no socket /run/mine/podman/podman.sock',
      'systemctl --user start podman.socket',
    ]);
    expect((await told('docker'))[2]).toBe('sudo systemctl start docker');
  });

  it('is looked for where its variable points', async () => {
    host.env = { DOCKER_HOST: 'unix:///run/private.sock' };
    expect(await told('docker')).toEqual([
      'not running',
      'client 28.2.2 (/usr/bin/docker): no socket /run/private.sock (DOCKER_HOST)',
      'unset DOCKER_HOST',
    ]);
    host.put({ '/proc/net/unix': listening('/run/private.sock') }).sockets = { '/run/private.sock': 'there' };
    expect((await told('docker'))[0]).toBe('ok');
    host.env = { DOCKER_HOST: 'tcp://127.0.0.1:2375' };
    expect(await told('docker')).toEqual([
      'ok',
      'client 28.2.2 (/usr/bin/docker); DOCKER_HOST is tcp://127.0.0.1:2375, not tried',
      null,
    ]);
  });
});
