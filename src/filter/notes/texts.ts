import { RETURN } from '../simulate/actions.js';
import { actionText } from '../simulate/verdict.js';
import type { StatedName } from './stated.js';

/** A note names at most this many calls. */
const SHOWN = 4;

/** `acct, bpf, clock_adjtime, clock_settime and 12 more`. */
export function listed(names: readonly string[]): string {
  if (names.length <= SHOWN + 1) return names.join(', ');
  return `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;
}

/** The place of some names of a rule: the name's own where it is one of several, else the rule's. */
export const placeOf = (
  some: readonly StatedName[],
  rule: { readonly path: string; readonly names: unknown },
): string => (some.length === 1 ? (some[0]?.path ?? rule.path) : rule.path);

/** ALLOW and LOG run the call. */
export const passes = (word: number | undefined): boolean =>
  word !== undefined && [RETURN.ALLOW, RETURN.LOG].includes(upper(word) as typeof RETURN.ALLOW);

/** The action without its data. */
export const upper = (word: number): number => (word & 0xffff0000) >>> 0;

/** `ERRNO(EPERM)`; for an action that is none, its own name. */
export const answerText = (word: number | undefined, name: string): string =>
  word === undefined ? name : actionText(word);
