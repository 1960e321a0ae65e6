import { CALL_PARTS, COUNTERS } from '../../model/results/syscalls.js';
import { versionFault } from './check-documents.js';
import {
  amount,
  count,
  faultOf,
  fieldsFault,
  isObject,
  itemsFault,
  oneOf,
  orNull,
  text,
  type Document,
  type Fault,
} from './shape.js';

const COUNTER = { name: oneOf(COUNTERS), version: text, split: oneOf(['exec', 'thread', 'none']) };
const REFUSAL = { name: text, reason: text, fix: orNull(text) };
const CALL = { name: text, calls: count, errors: orNull(count), seconds: orNull(amount) };
const NANOSECONDS = { ...amount, wanted: 'nanoseconds' };

/** What is wrong with syscalls.json, as `path: expected X, got Y`. */
export function syscallsFault(value: unknown): Fault {
  const fault = versionFault(value);
  if (fault !== undefined || !isObject(value)) return fault;
  const { counter, refusals, notes, arms } = value;
  return (
    fieldsFault('counter', counter, COUNTER) ??
    itemsFault('refusals', refusals, (path, one) => fieldsFault(path, one, REFUSAL)) ??
    itemsFault('notes', notes, (path, note) => faultOf(path, note, text)) ??
    itemsFault('arms', arms, armFault)
  );
}

function armFault(path: string, value: unknown): Fault {
  const fault = fieldsFault(path, value, { arm: text, state: oneOf(['counted', 'notCounted']) });
  if (fault !== undefined) return fault;
  const arm = value as Document;
  if (arm['state'] === 'notCounted') return fieldsFault(path, arm, { reason: text });
  return (
    itemsFault(`${path}.runs`, arm['runs'], (at, run) => itemsFault(at, run, partFault)) ??
    timesFault(`${path}.countedNs`, arm['countedNs']) ??
    timesFault(`${path}.uncountedNs`, arm['uncountedNs'])
  );
}

const timesFault = (path: string, times: unknown): Fault =>
  itemsFault(path, times, (at, time) => faultOf(at, time, NANOSECONDS));

function partFault(path: string, value: unknown): Fault {
  const fault = fieldsFault(path, value, { part: oneOf(CALL_PARTS) });
  if (fault !== undefined) return fault;
  const { calls, operations } = value as Document;
  const callFault = (at: string, call: unknown): Fault => fieldsFault(at, call, CALL);
  return itemsFault(`${path}.calls`, calls, callFault) ?? itemsFault(`${path}.operations`, operations, callFault);
}
