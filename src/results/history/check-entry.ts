import { HISTORY_FORMAT_VERSION } from '../../model/results/history.js';
import type { HistoryEffect, HistoryEntry } from '../../model/results/history.js';
import { documentFault } from '../check/schema.js';
import { expected, firstFault, isObject, type Fault } from '../check/shape.js';

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** What is wrong with a line of a history, its format's version first. */
export function historyEntryFault(value: unknown): Fault {
  if (!isObject(value)) return expected('(top level)', 'an object', value);
  const { formatVersion } = value;
  if (formatVersion !== HISTORY_FORMAT_VERSION)
    return expected('formatVersion', String(HISTORY_FORMAT_VERSION), formatVersion);
  return documentFault('historyEntry', value) ?? meaningFault(value as unknown as HistoryEntry);
}

/** What the shapes of the fields cannot say. */
function meaningFault({ commit, run, effects }: HistoryEntry): Fault {
  if (run === '') return expected('run', 'the id of a run', run);
  if (commit !== null && !COMMIT.test(commit.id))
    return expected('commit.id', '40 or 64 hexadecimal digits', commit.id);
  return firstFault(effects, (effect, index) => effectFault(effect, `effects[${index}]`, effects.slice(0, index)));
}

function effectFault(effect: HistoryEffect, path: string, earlier: readonly HistoryEffect[]): Fault {
  const { arm, baseline, metric, ratio, low, high } = effect;
  if (ratio <= 0) return expected(`${path}.ratio`, 'a number above 0', ratio);
  if ((low === null) !== (high === null)) return expected(`${path}.low`, 'both ends of the interval, or none', low);
  if (low !== null && (low <= 0 || low > ratio)) return expected(`${path}.low`, 'a number above 0, up to ratio', low);
  if (high !== null && high < ratio) return expected(`${path}.high`, 'a number from ratio on', high);
  const isTwice = earlier.some((one) => one.arm === arm && one.baseline === baseline && one.metric === metric);
  return isTwice ? expected(path, 'every arm and metric once', `${arm}, ${metric}`) : undefined;
}
