import type { CallOutcome, CallVerdict } from './simulation.js';
import { ownValue } from '../own-value.js';

/** Ways in which a filter keeps a call from running; `mixed`: the arguments decide between several of them. */
export const DENIALS = ['killed', 'errno', 'trapped', 'traced', 'notified', 'mixed'] as const;
export type Denial = (typeof DENIALS)[number];

/**
 * What a filter does with a call over all arguments: `allowed`, `logged` (it runs, and some or all of it is written to
 * the audit log), `conditional` (it runs with some arguments only), `returnsZero` (ERRNO(0): it does nothing and seems
 * to succeed), `denied`.
 */
export type CallKind = 'allowed' | 'logged' | 'conditional' | 'returnsZero' | 'denied';

/** What one answer does; `any`: it is computed from the arguments. */
type AnswerKind = 'allowed' | 'logged' | 'returnsZero' | 'any' | Exclude<Denial, 'mixed'>;

const BY_ACTION: Readonly<Record<string, AnswerKind>> = {
  ALLOW: 'allowed',
  LOG: 'logged',
  any: 'any',
  ERRNO: 'errno',
  TRAP: 'trapped',
  TRACE: 'traced',
  USER_NOTIF: 'notified',
};
const NO_ERROR = 'ERRNO(0)';

/** What is neither of these ends the thread or the process. */
const answerKind = ({ action }: CallOutcome): AnswerKind =>
  action === NO_ERROR ? 'returnsZero' : (ownValue(BY_ACTION, action.replace(/\(.*/, '')) ?? 'killed');

/** See {@link CallKind}. */
export function callKind({ outcomes }: Pick<CallVerdict, 'outcomes'>): CallKind {
  const kinds = new Set(outcomes.map(answerKind));
  const running = [...kinds].filter((kind) => kind === 'allowed' || kind === 'logged').length;
  if (kinds.has('any') || (running > 0 && running < kinds.size)) return 'conditional';
  if (running > 0) return kinds.has('logged') ? 'logged' : 'allowed';
  return kinds.size === 1 && kinds.has('returnsZero') ? 'returnsZero' : 'denied';
}

/** How a denied call is denied; `null` for a call that is not. */
export function denialOf(verdict: Pick<CallVerdict, 'outcomes'>): Denial | null {
  if (callKind(verdict) !== 'denied') return null;
  const [first, ...others] = new Set(verdict.outcomes.map(answerKind));
  return others.length === 0 ? (DENIALS.find((one) => one === first) ?? 'mixed') : 'mixed';
}
