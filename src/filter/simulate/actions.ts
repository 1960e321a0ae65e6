import { invalidValue } from '../../errors.js';
import type { Uint64 } from '../../model/profile/seccomp.js';

/** The upper half of a filter's return value (linux/seccomp.h); the lower half is data. */
export const RETURN = {
  KILL_PROCESS: 0x80000000,
  KILL_THREAD: 0x00000000,
  TRAP: 0x00030000,
  ERRNO: 0x00050000,
  USER_NOTIF: 0x7fc00000,
  TRACE: 0x7ff00000,
  LOG: 0x7ffc0000,
  ALLOW: 0x7fff0000,
} as const;

const EPERM = 1n;
/** SECCOMP_RET_DATA (linux/seccomp.h). */
const DATA = 0xffffn;

/** By OCI name. KILL ends the thread, as in runc, crun and libseccomp. */
const ACTIONS: ReadonlyMap<string, { readonly word: number; readonly takesData: boolean }> = new Map([
  ['SCMP_ACT_KILL', { word: RETURN.KILL_THREAD, takesData: false }],
  ['SCMP_ACT_KILL_THREAD', { word: RETURN.KILL_THREAD, takesData: false }],
  ['SCMP_ACT_KILL_PROCESS', { word: RETURN.KILL_PROCESS, takesData: false }],
  ['SCMP_ACT_TRAP', { word: RETURN.TRAP, takesData: false }],
  ['SCMP_ACT_ERRNO', { word: RETURN.ERRNO, takesData: true }],
  ['SCMP_ACT_TRACE', { word: RETURN.TRACE, takesData: true }],
  ['SCMP_ACT_ALLOW', { word: RETURN.ALLOW, takesData: false }],
  ['SCMP_ACT_LOG', { word: RETURN.LOG, takesData: false }],
  ['SCMP_ACT_NOTIFY', { word: RETURN.USER_NOTIF, takesData: false }],
]);

/**
 * The 32-bit value of an OCI action; `undefined` for a name that is none. ERRNO and TRACE carry `errnoRet` (EPERM by
 * default), of which runc (int16 of a Go uint) and libseccomp (SCMP_ACT_ERRNO) keep the lower 16 bits.
 */
export function actionOf(name: string, errnoRet: Uint64 | undefined): number | undefined {
  const action = ACTIONS.get(name);
  if (action === undefined) return undefined;
  return action.takesData ? action.word + Number(BigInt(errnoRet ?? EPERM) & DATA) : action.word;
}

/** {@link actionOf}; throws `input` with the given JSON path for a name that is no action. */
export function actionWord(name: string, errnoRet: Uint64 | undefined, namePath: string): number {
  const word = actionOf(name, errnoRet);
  if (word !== undefined) return word;
  throw invalidValue(`linux.seccomp.${namePath}`, `one of ${[...ACTIONS.keys()].join(', ')}`, JSON.stringify(name), {
    code: 'input',
    hint: 'Correct the profile of this spec.',
  });
}
