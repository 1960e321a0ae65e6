import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os, { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostFilesUnder, takeFingerprint, type System } from '../../../src/host/index.js';
import type { HostFingerprint } from '../../../src/model/results/result.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bench-host-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function put(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

const system = {
  hostname: () => 'host',
  machine: () => 'x86_64',
  release: () => '6.1.0-18-amd64',
  type: () => 'Linux',
  cpus: () => os.cpus().slice(0, 1),
  totalmem: () => 8 * 2 ** 30 + 1,
  loadavg: () => [0.5, 0.25, 0.125],
} satisfies System;

const taken = (): HostFingerprint =>
  takeFingerprint({
    bench: '1.2.3',
    libseccomp: '2.5.4',
    now: () => new Date(0),
    files: hostFilesUnder(root),
    system,
    node: 'v20.0.0',
  });

describe('the fingerprint of a host', () => {
  it('whose files are all missing still has what the system itself says', () => {
    expect(taken()).toEqual({
      formatVersion: 2,
      takenAt: '1970-01-01T00:00:00.000Z',
      hostname: 'host',
      machine: 'x86_64',
      kernel: '6.1.0-18-amd64',
      os: 'Linux',
      cpuModel: 'unknown',
      cpuCount: 1,
      memoryMiB: 8192,
      governor: null,
      cgroup: 'none',
      libseccomp: '2.5.4',
      node: 'v20.0.0',
      bench: '1.2.3',
      loadAverage: [0.5, 0.25, 0.125],
      stealShare: null,
      virtualization: null,
      emulation: null,
      mitigations: {},
    });
  });

  it('can be taken of this machine', () => {
    const host = takeFingerprint({ bench: '1', libseccomp: null });
    put({ '/proc/sys/kernel/random/boot_id': '0b71651e-0000-4000-8000-000000000000\n' });
    expect(host).toMatchObject({
      machine: os.machine(),
      kernel: os.release(),
      hostname: os.hostname(),
      node: process.version,
      libseccomp: null,
    });
    expect(Object.keys(host).sort()).toEqual(Object.keys(taken()).sort());
    expect(JSON.parse(JSON.stringify(host))).toEqual(host);
  });

  it('skips what it may not read', () => {
    put({ '/etc/os-release': 'PRETTY_NAME="Some Linux 1"', '/usr/lib/os-release': 'PRETTY_NAME=Other\n' });
    expect(taken().os).toBe('Some Linux 1');
    rmSync(join(root, '/etc/os-release'));
    mkdirSync(join(root, '/etc/os-release'));
    chmodSync(join(root, '/etc/os-release'), 0o000);
    expect(taken().os).toBe('Other');
  });
});

describe('the processor', () => {
  it('is named by the first model name', () => {
    put({
      '/proc/cpuinfo':
        'processor\t: 0\nmodel\t\t: 207\nmodel name\t: Brand: X @ 2.10GHz\nflags\t\t: fpu sse\n\nprocessor\t: 1\nmodel name\t: Other\n',
    });
    expect(taken()).toMatchObject({ cpuModel: 'Brand: X @ 2.10GHz', virtualization: null });
  });

  it('is named by its core numbers on arm64', () => {
    put({ '/proc/cpuinfo': 'processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\nCPU revision\t: 1\n' });
    expect(taken().cpuModel).toBe('Arm Neoverse-N1');
    put({ '/proc/cpuinfo': 'processor\t: 0\nCPU implementer\t: 0x99\nCPU part\t: 0x001\n' });
    expect(taken().cpuModel).toBe('implementer 0x99 part 0x001');
  });

  it('has the governors of all cores, each once', () => {
    const governor = (cpu: string): string => `/sys/devices/system/cpu/${cpu}/cpufreq/scaling_governor`;
    put({
      [governor('cpu0')]: 'powersave\n',
      [governor('cpu1')]: 'performance\n',
      [governor('cpu10')]: 'powersave\n',
      [governor('cpufreq')]: 'x',
    });
    expect(taken().governor).toBe('performance+powersave');
  });

  it('has the mitigations by the flaw they are for', () => {
    put({
      '/sys/devices/system/cpu/vulnerabilities/spec_store_bypass':
        'Mitigation: Speculative Store Bypass disabled via prctl\n',
      '/sys/devices/system/cpu/vulnerabilities/meltdown': 'Not affected\n',
    });
    expect(taken().mitigations).toEqual({
      meltdown: 'Not affected',
      spec_store_bypass: 'Mitigation: Speculative Store Bypass disabled via prctl',
    });
  });

  it('has the share of stolen time, guest time not counted twice', () => {
    put({ '/proc/stat': 'cpu  10 20 30 40 0 0 50 50 900 900\ncpu0 1 1 1 1 1 1 1 1 1 1\n' });
    expect(taken().stealShare).toBe(0.25);
    put({ '/proc/stat': 'cpu  0 0 0 0 0 0 0 0 0 0\n' });
    expect(taken().stealShare).toBeNull();
  });
});

describe('the cgroup version', () => {
  it.each([
    ['v2', 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\ncgroup /mnt/old cgroup rw,cpu 0 0\n'],
    ['v1', 'tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n'],
    ['hybrid', 'cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n'],
    ['none', 'proc /proc proc rw 0 0\n'],
  ])('is %s for such mounts', (version, mounts) => {
    put({ '/proc/self/mounts': mounts });
    expect(taken().cgroup).toBe(version);
  });
});

describe('virtualization', () => {
  it('is recognised by the processor flag where nothing names it', () => {
    put({ '/proc/cpuinfo': 'flags\t\t: fpu hypervisor lahf_lm\n' });
    expect(taken().virtualization).toBe('unnamed hypervisor');
  });

  it('is named by the firmware, and a container in it by its marks', () => {
    put({ '/sys/class/dmi/id/sys_vendor': 'QEMU\n', '/sys/class/dmi/id/product_name': 'Standard PC\n' });
    expect(taken().virtualization).toBe('QEMU Standard PC');
    put({ '/run/systemd/container': 'docker\n' });
    expect(taken().virtualization).toBe('docker container in QEMU Standard PC');
  });

  it('is not a container where the root is on a device, as in machines made of a container image', () => {
    put({ '/.dockerenv': '', '/proc/self/mounts': '/dev/vda / ext4 rw 0 0\n' });
    expect(taken().virtualization).toBeNull();
    put({ '/proc/self/mounts': 'overlay / overlay rw 0 0\n/dev/vda /etc/hosts ext4 rw 0 0\n' });
    expect(taken().virtualization).toBe('Docker container');
  });

  it("is not claimed for real machines, a cloud's own included", () => {
    put({ '/sys/class/dmi/id/sys_vendor': 'Amazon EC2\n', '/sys/class/dmi/id/product_name': 'c7g.metal\n' });
    expect(taken().virtualization).toBeNull();
    put({ '/sys/class/dmi/id/sys_vendor': 'Dell Inc.\n', '/sys/class/dmi/id/product_name': 'PowerEdge\n' });
    expect(taken().virtualization).toBeNull();
  });

  it.each([
    ['Docker container', { '/.dockerenv': '' }],
    ['Podman container', { '/run/.containerenv': '' }],
    ['WSL', { '/proc/sys/kernel/osrelease': '5.15.1-microsoft-standard-WSL2\n' }],
    ['xen', { '/sys/hypervisor/type': 'xen\n' }],
    ['QEMU', { '/proc/device-tree/fw-cfg@9020000/compatible': 'qemu,fw-cfg-mmio\0' }],
    ['linux,kvm', { '/proc/device-tree/hypervisor/compatible': 'linux,kvm\0' }],
  ])('is %s for its file', (name, files) => {
    put(files);
    expect(taken().virtualization).toBe(name);
  });
});
