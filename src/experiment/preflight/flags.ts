import type { SeccompSpec } from '../../model/profile/seccomp.js';
import { ownValue } from '../../model/own-value.js';

/**
 * What a runtime needs to load a flag, in words; absent: no version of it is known to. Sources: runc pull requests 3390
 * (1.2.0) and 5172, 5183 (1.5); crun pull requests 85 (0.9) and 1008, which 1.7 has.
 */
const RUNTIMES_SINCE: Readonly<Record<string, { readonly runc: string; readonly crun: string }>> = {
  SECCOMP_FILTER_FLAG_TSYNC: { runc: 'runc 1.2', crun: 'crun' },
  SECCOMP_FILTER_FLAG_LOG: { runc: 'runc 1.2', crun: 'crun' },
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: { runc: 'runc 1.2', crun: 'crun' },
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: { runc: 'runc 1.5 (with libseccomp 2.6)', crun: 'crun 1.7' },
};

/** Every action of a spec once, the default one first. */
export const actionsOf = ({ defaultAction, syscalls = [] }: SeccompSpec): readonly string[] => [
  ...new Set([defaultAction, ...syscalls.map(({ action }) => action)]),
];

/** Whether a spec asks for notifications of a listener. */
export const notifies = (spec: SeccompSpec): boolean => actionsOf(spec).includes('SCMP_ACT_NOTIFY');

/** Which versions of a runtime load a flag, as the end of a sentence; `undefined`: it is not known. */
export function versionWords(flag: string, runtime: string): string | undefined {
  const since = ownValue(RUNTIMES_SINCE, flag);
  const words = runtime === 'crun' ? since?.crun : runtime === 'runc' ? since?.runc : undefined;
  return words === undefined || words === runtime ? undefined : `${words} or newer does`;
}

/** What other runtimes load a flag: `--engine crun (crun 1.7 or newer)`. */
export function otherRuntime(flag: string, runtime: string): string | undefined {
  const { crun } = ownValue(RUNTIMES_SINCE, flag) ?? {};
  if (runtime === 'crun' || crun === undefined) return undefined;
  return crun === 'crun' ? '--engine crun' : `--engine crun (${crun.replace('crun ', '')} or newer)`;
}
