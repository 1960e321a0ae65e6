import { BenchError } from '../errors.js';

/** Linux's 41 capabilities (capability.h of Linux 5.9 and later). */
const ALL = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
].map((name) => `CAP_${name}`);

/** The 14 that Docker gives a container by default. */
const DOCKER = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
].map((name) => `CAP_${name}`);

/**
 * The container's bounding set from `docker`, `none`, `all` or names with commas between; throws `usage` for unknown
 * names.
 */
export function parseCapabilities(text: string): readonly string[] {
  if (text === 'docker') return DOCKER;
  if (text === 'all') return ALL;
  if (text === 'none') return [];
  return text.split(',').map((part) => {
    const name = part.trim();
    if (ALL.includes(name)) return name;
    throw new BenchError(
      'usage',
      `Expected docker, none, all or capabilities like CAP_SYS_ADMIN,CAP_KILL, got ${JSON.stringify(name)}`,
      { hint: `Known: ${ALL.join(', ')}.` },
    );
  });
}
