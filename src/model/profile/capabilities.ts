import { unknownName } from '../../errors.js';

/** Linux's 41 capabilities (capability.h of Linux 5.9 and later). */
export const CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
] as const;
/** A capability by its name in capabilities(7). */
export type Capability = (typeof CAPABILITIES)[number];

/** The 14 that Docker gives a container by default. */
export const DOCKER_CAPABILITIES: readonly Capability[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
];

/**
 * A container's bounding set from `docker`, `none`, `all` or names separated by commas (`CAP_SYS_ADMIN,CAP_KILL`).
 * Throws `usage` for an unknown name.
 */
export function parseCapabilities(text: string): readonly Capability[] {
  if (text === 'docker') return DOCKER_CAPABILITIES;
  if (text === 'all') return CAPABILITIES;
  if (text === 'none') return [];
  return text.split(',').map((part) => {
    const name = part.trim();
    const known = CAPABILITIES.find((one) => one === name);
    if (known !== undefined) return known;
    throw unknownName(name, 'a capability', CAPABILITIES, {
      hint: `Use docker, none, all, or names like CAP_SYS_ADMIN,CAP_KILL. Known: ${CAPABILITIES.join(', ')}.`,
    });
  });
}

/** What {@link parseCapabilities} reads as the same set, as results store it. */
export function capabilityText(capabilities: readonly Capability[]): string {
  if (capabilities.length === 0) return 'none';
  if (sameSet(capabilities, DOCKER_CAPABILITIES)) return 'docker';
  return sameSet(capabilities, CAPABILITIES) ? 'all' : capabilities.join(',');
}

function sameSet(some: readonly Capability[], others: readonly Capability[]): boolean {
  const set = new Set(some);
  return set.size === others.length && others.every((one) => set.has(one));
}
