import type { PayloadMode } from '../../model/container/program.js';
import { payloadArgs } from '../oci/config.js';

export interface LxcConfigOptions {
  readonly rootfs: string;
  readonly mode: PayloadMode;
  /** Variables of the container, as NAME=VALUE. */
  readonly env: readonly string[];
}

/**
 * The LXC configuration file that all containers of a mode share: namespaces, no network, no console, a read-only
 * root.
 */
export function lxcConfig({ rootfs, mode, env }: LxcConfigOptions): string {
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
    'lxc.prlimit.core = 0',
    // Below this process's own cgroup, so that its limits apply to the containers.
    'lxc.cgroup.relative = 1',
    ...env.map((variable) => `lxc.environment = ${variable}`),
    `lxc.init.cmd = ${payloadArgs(mode).join(' ')}`,
  ].join('\n')}\n`;
}
