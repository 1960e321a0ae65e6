import { RUN_ENDS } from '../../model/results/ledger.js';
import { amount, count, faultOf, fieldsFault, flag, isObject, oneOf, orNull, text, type Fault } from './shape.js';

const PLACE = { block: count, warmup: flag };
const KINDS = {
  paused: { ...PLACE, attempt: count, gapNs: amount },
  resumed: { ...PLACE, at: text, after: orNull(oneOf(RUN_ENDS)) },
} as const;

/** What is wrong with a line of breaks.jsonl. */
export function breakFault(value: unknown): Fault {
  const kind = isObject(value) ? value['kind'] : undefined;
  return faultOf('kind', kind, oneOf(Object.keys(KINDS))) ?? fieldsFault('', value, KINDS[kind as keyof typeof KINDS]);
}
