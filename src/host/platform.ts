import type { HostFingerprint } from '../model/results/result.js';
import { mountsIn } from '../model/host/mounts.js';
import { hasHypervisorFlag } from './cpu.js';
import type { HostFiles } from './host-files.js';

/** The distribution's name by os-release(5); `null` where it is missing. */
export function distributionOf(files: HostFiles): string | null {
  const text = files.read('/etc/os-release') ?? files.read('/usr/lib/os-release') ?? '';
  return /^PRETTY_NAME=(["']?)(.+?)\1$/m.exec(text)?.[2] ?? null;
}

/**
 * The cgroup hierarchy in use: `v2` where the unified one is mounted at /sys/fs/cgroup, `hybrid` where it is mounted
 * below version 1 controllers, `v1` for those alone.
 */
export function cgroupOf(files: HostFiles): HostFingerprint['cgroup'] {
  const mounts = mountsIn(files.read('/proc/self/mounts') ?? '').filter(
    ({ where }) => where === '/sys/fs/cgroup' || where.startsWith('/sys/fs/cgroup/'),
  );
  if (mounts.some(({ type, where }) => type === 'cgroup2' && where === '/sys/fs/cgroup')) return 'v2';
  const unified = mounts.some(({ type }) => type === 'cgroup2');
  const legacy = mounts.some(({ type }) => type === 'cgroup');
  if (legacy) return unified ? 'hybrid' : 'v1';
  return unified ? 'v2' : 'none';
}

/** What the machine runs in, by its files: container, then hypervisor; `null` where neither shows. */
export function virtualizationOf(files: HostFiles): string | null {
  const found = [containerOf(files), hypervisorOf(files)].filter((name) => name !== null);
  return found.length === 0 ? null : found.join(' in ');
}

function containerOf(files: HostFiles): string | null {
  // Virtual machines made from a container image keep its files, but have their root on a device.
  if (/^\/dev\/\S+ \/ /m.test(files.read('/proc/self/mounts') ?? '')) return null;
  if (files.list('/').includes('.dockerenv')) return 'Docker container';
  const named = files.read('/run/systemd/container');
  if (named !== null) return `${named} container`;
  return files.list('/run').includes('.containerenv') ? 'Podman container' : null;
}

/** Names of hypervisors and clouds in DMI. */
const HYPERVISORS = new RegExp(
  [
    'QEMU|KVM|VMware|VirtualBox|Bochs|Xen|Hyper-V|Virtual Machine|Google Compute',
    'Amazon EC2|OpenStack|Parallels|bhyve',
  ].join('|'),
  'i',
);

function hypervisorOf(files: HostFiles): string | null {
  if (/microsoft/i.test(files.read('/proc/sys/kernel/osrelease') ?? '')) return 'WSL';
  const xen = files.read('/sys/hypervisor/type');
  if (xen !== null) return xen;
  const product = [files.read('/sys/class/dmi/id/sys_vendor'), files.read('/sys/class/dmi/id/product_name')]
    .filter((name) => name !== null)
    .join(' ');
  // Bare-metal instances of a cloud have its name too.
  if (HYPERVISORS.test(product) && !/\.metal\b/.test(product)) return product;
  if (files.list('/proc/device-tree/hypervisor').length > 0) {
    return files.read('/proc/device-tree/hypervisor/compatible') ?? 'hypervisor in the device tree';
  }
  // A machine of QEMU that was booted without firmware has no DMI.
  if (files.list('/proc/device-tree').some((name) => name.startsWith('fw-cfg'))) return 'QEMU';
  return hasHypervisorFlag(files) ? 'unnamed hypervisor' : null;
}
