import type { SeccompSpec } from '../../model/profile/seccomp.js';

/** Where a flag or an action of seccomp(2) is known since. */
interface Since {
  /** First Linux release, as two numbers. */
  readonly linux: readonly [number, number];
  /** What each runtime needs to load it, in words; absent: no version of it is known to. */
  readonly runc?: string;
  readonly crun?: string;
}

/**
 * Flags of a filter. Sources: seccomp(2) of man-pages and, for the last, Linux commit c2aa2dfef243 (5.19); runc pull
 * requests 3390 (1.2.0) and 5172, 5183 (1.5); crun pull requests 85 (0.9) and 1008, which 1.7 has.
 */
export const FLAGS: Readonly<Record<string, Since>> = {
  SECCOMP_FILTER_FLAG_TSYNC: { linux: [3, 17], runc: 'runc 1.2', crun: 'crun' },
  SECCOMP_FILTER_FLAG_LOG: { linux: [4, 14], runc: 'runc 1.2', crun: 'crun' },
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: { linux: [4, 17], runc: 'runc 1.2', crun: 'crun' },
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: { linux: [5, 19], runc: 'runc 1.5 (with libseccomp 2.6)', crun: 'crun 1.7' },
};

/** Actions that came after filters did. Source: seccomp(2) of man-pages. */
const ACTIONS_SINCE: Readonly<Record<string, readonly [number, number]>> = {
  SCMP_ACT_KILL_PROCESS: [4, 14],
  SCMP_ACT_LOG: [4, 14],
  SCMP_ACT_NOTIFY: [5, 0],
};

/** The kernel's own names in /proc/sys/kernel/seccomp/actions_avail. */
const KERNEL_NAMES: Readonly<Record<string, string>> = {
  SCMP_ACT_KILL: 'kill_thread',
  SCMP_ACT_KILL_THREAD: 'kill_thread',
  SCMP_ACT_KILL_PROCESS: 'kill_process',
  SCMP_ACT_TRAP: 'trap',
  SCMP_ACT_ERRNO: 'errno',
  SCMP_ACT_NOTIFY: 'user_notif',
  SCMP_ACT_TRACE: 'trace',
  SCMP_ACT_LOG: 'log',
  SCMP_ACT_ALLOW: 'allow',
};

/** Every action of a spec once, the default one first. */
export const actionsOf = ({ defaultAction, syscalls = [] }: SeccompSpec): readonly string[] => [
  ...new Set([defaultAction, ...syscalls.map(({ action }) => action)]),
];

/** Whether a spec asks for notifications of a listener. */
export const notifies = (spec: SeccompSpec): boolean => actionsOf(spec).includes('SCMP_ACT_NOTIFY');

/** A kernel, as far as it decides what a filter may ask for. */
export interface Kernel {
  /** `uname -r`. */
  readonly release: string;
  /** /proc/sys/kernel/seccomp/actions_avail of this machine; `null`: it is another's, or has no such file. */
  readonly actions: readonly string[] | null;
}

/** The first release that knows a flag or an action; `undefined`: this one does, or it is not known. */
export function tooOldFor(name: string, { release, actions }: Kernel): string | undefined {
  const since = FLAGS[name]?.linux ?? ACTIONS_SINCE[name];
  const listed = KERNEL_NAMES[name];
  if (since === undefined) return undefined;
  if (listed !== undefined && actions !== null)
    return actions.includes(listed) ? undefined : `Linux ${since.join('.')}`;
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  const isOlder = Number(major) < since[0] || (Number(major) === since[0] && Number(minor) < since[1]);
  return isOlder ? `Linux ${since.join('.')}` : undefined;
}

/** Which versions of a runtime load a flag, as the end of a sentence; `undefined`: it is not known. */
export function versionWords(flag: string, runtime: string): string | undefined {
  const since = FLAGS[flag];
  const words = runtime === 'crun' ? since?.crun : runtime === 'runc' ? since?.runc : undefined;
  return words === undefined || words === runtime ? undefined : `${words} or newer does`;
}

/** What other runtimes load a flag: `--engine crun (crun 1.7 or newer)`. */
export function otherRuntime(flag: string, runtime: string): string | undefined {
  const { crun } = FLAGS[flag] ?? {};
  if (runtime === 'crun' || crun === undefined) return undefined;
  return crun === 'crun' ? '--engine crun' : `--engine crun (${crun.replace('crun ', '')} or newer)`;
}
