import type { DiffKind } from '../../model/filter/diff.js';
import { RETURN } from '../simulate/actions.js';
import { actionText } from '../simulate/verdict.js';

/** ALLOW and LOG run the call. */
export const passes = (value: number): boolean => levelOf(value) === PASSES;

const [REFUSED, DECIDED_ELSEWHERE, PASSES] = [0, 1, 2];

/** With NOTIFY and TRACE another process decides, so the call may run. */
function levelOf(value: number): number {
  switch ((value & 0xffff0000) >>> 0) {
    case RETURN.ALLOW:
    case RETURN.LOG:
      return PASSES;
    case RETURN.USER_NOTIF:
    case RETURN.TRACE:
      return DECIDED_ELSEWHERE;
    default:
      return REFUSED;
  }
}

/** What it means that an answer became another; `null`: they are the same. */
export function kindOfChange(before: number, after: number): DiffKind | null {
  // Data that the kernel ignores makes no difference.
  if (before === after || actionText(before) === actionText(after)) return null;
  const step = levelOf(after) - levelOf(before);
  return step > 0 ? 'opened' : step < 0 ? 'closed' : 'changed';
}

/** Sorts the most permissive answer first, as the kernel orders actions. */
export const byPermission = (one: number, other: number): number => (other | 0) - (one | 0);
