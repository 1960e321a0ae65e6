import { closeSync, openSync } from 'node:fs';
import type { NotSwitched } from '../../model/filter/attaching.js';
import { holdLock, isHeld } from '../../process/lock.js';
import { JIT_ENABLE, JIT_LIMIT } from '../capacity/limit.js';

/** net.core.bpf_jit_enable, locked; or why it cannot be switched. */
export type JitSwitch =
  | (Disposable & { readonly state: 'ready'; readonly was: number })
  | { readonly state: 'not'; readonly reason: NotSwitched };

/** The setting as it is; `null` where it cannot be read. */
export function jitState(): number | null {
  try {
    return JIT_ENABLE.read();
  } catch {
    return null;
  }
}

/**
 * Asks for the setting for a run: another run must neither take 0 for the machine's own value nor count filters under
 * a lowered limit meanwhile.
 */
export function jitToSwitch(isAsked: boolean): JitSwitch {
  const not = (reason: NotSwitched): JitSwitch => ({ state: 'not', reason });
  const was = jitState();
  if (was === 0) return not('off');
  if (!isAsked) return not('notAsked');
  if (was === null) return not('noFile');
  try {
    closeSync(openSync(JIT_ENABLE.path, 'r+'));
    const lock = holdLock(JIT_LIMIT.path);
    return {
      state: 'ready',
      was,
      [Symbol.dispose]: () => {
        lock[Symbol.dispose]();
      },
    };
  } catch (cause) {
    return not(isHeld(cause) ? 'busy' : 'noRight');
  }
}

const EINVAL = 22;

/** Why the kernel did not take a 0, by what payload/attach.c says: -1 not tried, 0 it did, or errno. */
export function notSwitched(switched: number, reason: NotSwitched | null): NotSwitched | null {
  if (switched === 0) return null;
  if (switched < 0) return reason ?? 'notAsked';
  return switched === EINVAL ? 'alwaysOn' : 'noRight';
}
