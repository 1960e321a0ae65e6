import { CALL_PARTS, COUNTERS } from '../../model/results/syscalls.js';
import { isObject, versionFault } from './check-documents.js';
import { expected } from './check-sample.js';

/** What is wrong with syscalls.json, as `path: expected X, got Y`. */
export function syscallsFault(value: unknown): string | undefined {
  const fault = versionFault(value);
  if (fault !== undefined || !isObject(value)) return fault;
  const { counter, refusals, notes, arms } = value;
  return (
    counterFault(counter) ??
    eachFault('refusals', refusals, (path, one) =>
      objectFault(path, one, { name: isText, reason: isText, fix: (fix) => fix === null || isText(fix) }),
    ) ??
    eachFault('notes', notes, (path, one) => (isText(one) ? undefined : expected(path, 'text', one))) ??
    eachFault('arms', arms, armFault)
  );
}

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === 'string';
const isCount: Check = (value) => Number.isInteger(value) && Number(value) >= 0;
const isAmount: Check = (value) => typeof value === 'number' && Number.isFinite(value) && value >= 0;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const oneOf =
  (values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);

const counterFault = (value: unknown): string | undefined =>
  objectFault('counter', value, { name: oneOf(COUNTERS), version: isText, split: oneOf(['exec', 'thread', 'none']) });

function armFault(path: string, value: unknown): string | undefined {
  const fault = objectFault(path, value, { arm: isText, state: oneOf(['counted', 'notCounted']) });
  if (fault !== undefined || !isObject(value)) return fault;
  const { state, reason, runs, countedNs, uncountedNs } = value;
  if (state === 'notCounted') return isText(reason) ? undefined : expected(`${path}.reason`, 'text', reason);
  return (
    eachFault(`${path}.runs`, runs, (at, run) => eachFault(at, run, partFault)) ??
    timesFault(`${path}.countedNs`, countedNs) ??
    timesFault(`${path}.uncountedNs`, uncountedNs)
  );
}

const timesFault = (path: string, value: unknown): string | undefined =>
  eachFault(path, value, (at, one) => (isAmount(one) ? undefined : expected(at, 'nanoseconds', one)));

function partFault(path: string, value: unknown): string | undefined {
  const fault = objectFault(path, value, { part: oneOf(CALL_PARTS) });
  if (fault !== undefined || !isObject(value)) return fault;
  return (
    eachFault(`${path}.calls`, value['calls'], countFault) ??
    eachFault(`${path}.operations`, value['operations'], countFault)
  );
}

const countFault = (path: string, value: unknown): string | undefined =>
  objectFault(path, value, { name: isText, calls: isCount, errors: orNull(isCount), seconds: orNull(isAmount) });

function objectFault(path: string, value: unknown, checks: Readonly<Record<string, Check>>): string | undefined {
  if (!isObject(value)) return expected(path, 'an object', value);
  const wrong = Object.entries(checks).find(([key, check]) => !check(value[key]));
  return wrong === undefined ? undefined : expected(`${path}.${wrong[0]}`, 'what bench writes there', value[wrong[0]]);
}

function eachFault(
  path: string,
  value: unknown,
  faultOf: (path: string, item: unknown) => string | undefined,
): string | undefined {
  if (!Array.isArray(value)) return expected(path, 'a list', value);
  for (const [index, item] of value.entries()) {
    const fault = faultOf(`${path}[${index}]`, item);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
