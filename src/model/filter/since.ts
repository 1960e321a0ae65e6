import { ownValue } from '../own-value.js';

/** A Linux release by its first two numbers. */
export type Release = readonly [number, number];

/** Flags of a filter by the release that first has them (seccomp(2); linux/seccomp.h; the last: c2aa2dfef243). */
export const FLAG_SINCE: Readonly<Record<string, Release>> = {
  SECCOMP_FILTER_FLAG_TSYNC: [3, 17],
  SECCOMP_FILTER_FLAG_LOG: [4, 14],
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: [4, 17],
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: [5, 19],
};

/** Actions that came after filters did, by the release that first has them (seccomp(2)). */
const ACTION_SINCE: Readonly<Record<string, Release>> = {
  SCMP_ACT_KILL_PROCESS: [4, 14],
  SCMP_ACT_LOG: [4, 14],
  SCMP_ACT_NOTIFY: [5, 0],
};

/** The kernel's own names in /proc/sys/kernel/seccomp/actions_avail. */
const KERNEL_NAMES: Readonly<Record<string, string>> = {
  SCMP_ACT_KILL_PROCESS: 'kill_process',
  SCMP_ACT_LOG: 'log',
  SCMP_ACT_NOTIFY: 'user_notif',
};

/** A kernel, as far as it decides what a filter may ask for. */
export interface KernelAbilities {
  /** `uname -r`. */
  readonly release: string;
  /** /proc/sys/kernel/seccomp/actions_avail of this machine; `null`: it is another's, or has no such file. */
  readonly actions: readonly string[] | null;
}

/** The first release that knows a flag or an action, `4.14`; `undefined`: this kernel does, or it is not known. */
export function missingUntil(name: string, { release, actions }: KernelAbilities): string | undefined {
  const since = ownValue(FLAG_SINCE, name) ?? ownValue(ACTION_SINCE, name);
  const listed = ownValue(KERNEL_NAMES, name);
  if (since === undefined) return undefined;
  const isMissing = listed !== undefined && actions !== null ? !actions.includes(listed) : isOlder(release, since);
  return isMissing ? since.join('.') : undefined;
}

function isOlder(release: string, [thenMajor, thenMinor]: Release): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  if (major === undefined || minor === undefined) return false;
  return Number(major) < thenMajor || (Number(major) === thenMajor && Number(minor) < thenMinor);
}
