import { RUN_ENDS } from '../../model/results/ledger.js';
import { versionFault } from './check-documents.js';
import {
  amount,
  count,
  expected,
  faultOf,
  fieldsFault,
  firstFault,
  isObject,
  listOf,
  oneOf,
  orNull,
  text,
  type Fault,
} from './shape.js';

const CONDITIONS = {
  processors: count,
  loadBefore: amount,
  loadAfter: amount,
  othersShare: orNull(amount),
  stolenShare: orNull(amount),
  otherRuns: listOf(text, 'texts'),
};

/** What is wrong with ledger.json, as `path: expected X, got Y`. */
export function ledgerFault(value: unknown): Fault {
  const fault = versionFault(value);
  if (fault !== undefined || !isObject(value)) return fault;
  return (
    faultOf('ended', value['ended'], oneOf(RUN_ENDS)) ??
    faultOf('maxFailures', value['maxFailures'], orNull(count)) ??
    firstFault(['before', 'after', 'left'], (name) => listFault(name, value[name])) ??
    (value['conditions'] === undefined ? undefined : fieldsFault('conditions', value['conditions'], CONDITIONS))
  );
}

function listFault(path: string, value: unknown): Fault {
  if (!isObject(value)) return expected(path, 'an object', value);
  const { state, ids, reason } = value;
  if (state === 'listed') return faultOf(`${path}.ids`, ids, listOf(text, 'texts'));
  if (state !== 'unknown') return expected(`${path}.state`, '"listed" or "unknown"', state);
  return faultOf(`${path}.reason`, reason, text);
}
