import { ADVICE_OPTIONS } from '../../model/analysis/advice.js';
import { versionFault } from './check-documents.js';
import {
  expected,
  faultOf,
  fieldsFault,
  firstFault,
  flag,
  isObject,
  itemsFault,
  list,
  number,
  object,
  oneOf,
  optional,
  orNull,
  text,
  type Document,
  type Fault,
} from './shape.js';

const ADVICE = { kind: text, profile: text, baseline: text, options: list };
const OPTION = { option: oneOf(ADVICE_OPTIONS), checked: optional(text) };

/** What is wrong with advice.json, as `path: expected X, got Y`. */
export function adviceFault(value: unknown): Fault {
  const fault = versionFault(value) ?? fieldsFault('', value, ADVICE);
  if (fault !== undefined) return fault;
  const { kind, options, counts, calls } = value as Document;
  if (kind !== 'advise') return expected('kind', '"advise"', kind);
  if (calls === null)
    return itemsFault('options', options, optionFault) ?? countsFault(counts) ?? foreknownFault(value);
  if (typeof calls !== 'string' || !/^[^/\0]+$/.test(calls) || calls === '.' || calls === '..')
    return expected('calls', 'the name of a folder', calls);
  return itemsFault('options', options, optionFault) ?? countsFault(counts) ?? foreknownFault(value);
}

const FOREKNOWN = { unpriced: list, needed: orNull(text), logs: flag, edit: orNull(object) };
const EDIT = { file: text, remove: list, keep: list, lastKeptLine: orNull(number), sharedLines: flag };

function foreknownFault(value: unknown): Fault {
  const { foreknown } = value as Document;
  if (foreknown === undefined) return undefined;
  if (!isObject(foreknown)) return expected('foreknown', 'an object', foreknown);
  const { unpriced, edit } = foreknown;
  return (
    fieldsFault('foreknown', foreknown, FOREKNOWN) ??
    itemsFault('foreknown.unpriced', unpriced, (path, item) => fieldsFault(path, item, { call: text, action: text })) ??
    (edit === null ? undefined : editFault(edit))
  );
}

const editFault = (edit: unknown): Fault =>
  fieldsFault('foreknown.edit', edit, EDIT) ??
  itemsFault('foreknown.edit.remove', (edit as Document)['remove'], (path, item) =>
    fieldsFault(path, item, { name: text, path: text, line: number }),
  ) ??
  itemsFault('foreknown.edit.keep', (edit as Document)['keep'], (path, item) => faultOf(path, item, text));

function optionFault(path: string, value: unknown): Fault {
  const fault = fieldsFault(path, value, OPTION);
  if (fault !== undefined) return fault;
  const { arm, reason } = value as Document;
  if (typeof arm === 'string' || typeof reason === 'string') return undefined;
  return expected(path, 'an arm or a reason', value);
}

function countsFault(counts: unknown): Fault {
  if (counts === null) return undefined;
  if (!isObject(counts)) return expected('counts', 'an object or null', counts);
  const textsFault = (name: string): Fault =>
    itemsFault(`counts.${name}`, counts[name], (path, item) => faultOf(path, item, text));
  return fieldsFault('counts', counts, { from: text }) ?? firstFault(['first', 'cached', 'warnings'], textsFault);
}
