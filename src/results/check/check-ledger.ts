import { RUN_ENDS } from '../../model/results/ledger.js';
import { isObject, versionFault } from './check-documents.js';
import { expected } from './check-sample.js';

/** What is wrong with ledger.json, as `path: expected X, got Y`. */
export function ledgerFault(value: unknown): string | undefined {
  const fault = versionFault(value);
  if (fault !== undefined || !isObject(value)) return fault;
  const { ended, maxFailures } = value;
  if (!(RUN_ENDS as readonly unknown[]).includes(ended))
    return expected('ended', `one of ${RUN_ENDS.join(', ')}`, ended);
  if (maxFailures !== null && !(Number.isInteger(maxFailures) && Number(maxFailures) >= 0))
    return expected('maxFailures', 'a whole number of at least 0, or null', maxFailures);
  return ['before', 'after', 'left'].map((name) => listFault(name, value[name])).find((one) => one !== undefined);
}

function listFault(path: string, value: unknown): string | undefined {
  if (!isObject(value)) return expected(path, 'an object', value);
  const { state, ids, reason } = value;
  if (state === 'listed')
    return Array.isArray(ids) && ids.every((id) => typeof id === 'string')
      ? undefined
      : expected(`${path}.ids`, 'a list of texts', ids);
  if (state !== 'unknown') return expected(`${path}.state`, '"listed" or "unknown"', state);
  return typeof reason === 'string' ? undefined : expected(`${path}.reason`, 'text', reason);
}
