import type { PayloadMode } from '../../model/container/program.js';
import { cgroupLimit } from '../../model/container/containment.js';
import type { Containment } from '../../model/container/containment.js';
import { controllerPlace } from '../../process/cgroup/cgroups.js';
import { payloadArgs } from '../oci/config.js';

export interface LxcConfigOptions {
  readonly rootfs: string;
  readonly mode: PayloadMode;
  /** Variables of the container, as NAME=VALUE. */
  readonly env: readonly string[];
  readonly containment: Containment;
}

/**
 * The LXC configuration file that all containers of a mode share: namespaces, no network, no console, a read-only
 * root, neither /proc nor /sys, few capabilities and limits.
 */
export function lxcConfig({ rootfs, mode, env, containment }: LxcConfigOptions): string {
  return `${[
    `lxc.rootfs.path = dir:${rootfs}`,
    'lxc.rootfs.options = ro',
    'lxc.uts.name = bench',
    // A console requires a device that a read-only root cannot have.
    'lxc.console.path = none',
    'lxc.tty.max = 0',
    'lxc.pty.max = 0',
    'lxc.net.0.type = empty',
    'lxc.apparmor.profile = unconfined',
    'lxc.no_new_privs = 1',
    `lxc.cap.keep = ${containment.capabilities.map((name) => name.replace(/^CAP_/, '').toLowerCase()).join(' ')}`,
    ...limitLines(containment),
    'lxc.prlimit.core = 0',
    // Below this process's own cgroup, so that its limits apply to the containers.
    'lxc.cgroup.relative = 1',
    ...env.map((variable) => `lxc.environment = ${variable}`),
    `lxc.init.cmd = ${payloadArgs(mode).join(' ')}`,
  ].join('\n')}\n`;
}

/** LXC names a file of the hierarchy that has the controller. */
function limitLines({ pids, memory }: Containment): readonly string[] {
  const [most, bytes] = [cgroupLimit(pids), cgroupLimit(memory)];
  const isSecond = (controller: string): boolean => controllerPlace(controller)?.version === 2;
  return [
    ...(most === undefined ? [] : [`lxc.${isSecond('pids') ? 'cgroup2' : 'cgroup'}.pids.max = ${most}`]),
    ...(bytes === undefined
      ? []
      : [isSecond('memory') ? `lxc.cgroup2.memory.max = ${bytes}` : `lxc.cgroup.memory.limit_in_bytes = ${bytes}`]),
  ];
}
