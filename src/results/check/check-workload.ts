import { PROFILERS } from '../../model/results/workload-findings.js';
import { isObject, versionFault } from './check-documents.js';
import { expected } from './check-sample.js';

type Check = (value: unknown) => boolean;
type Fault = string | undefined;

const isText: Check = (value) => typeof value === 'string';
const isAmount: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isSize: Check = (value) => isAmount(value) && Number(value) >= 0;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const oneOf =
  (values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const blocks = listOf(orNull(isAmount));

/** What is wrong with workload.json, whose arms must be the plan's; as `path: expected X, got Y`. */
export function workloadFault(value: unknown, arms: readonly string[]): Fault {
  const fault = versionFault(value);
  if (fault !== undefined || !isObject(value)) return fault;
  const arm = oneOf(arms);
  const { program, starts, rates, prices, touch, profiles, notTaken } = value;
  const times = { arm, call: isText, ns: blocks };
  return (
    objectFault('program', program, { args: listOf(isText), env: listOf(isText), cwd: isText, binds: Array.isArray }) ??
    eachFault('starts', starts, { arm, wallNs: blocks, cpuNs: blocks }) ??
    eachFault('rates', rates, { arm, stepMs: isSize, calls: listOf(isSize), wallNs: isSize }) ??
    (prices === null ? undefined : pricesFault(prices, times, arm)) ??
    eachFault('touch', touch, { ...times, mib: isSize, order: oneOf(['sequential', 'random']) }) ??
    eachFault('profiles', profiles, { arm, profiler: oneOf(PROFILERS), state: oneOf(['kept', 'none']) }) ??
    eachFault('notTaken', notTaken, { what: isText, reason: isText })
  );
}

function pricesFault(value: unknown, times: Readonly<Record<string, Check>>, arm: Check): Fault {
  if (!isObject(value)) return expected('prices', 'an object', value);
  return (
    eachFault('prices.times', value['times'], times) ??
    eachFault('prices.classes', value['classes'], {
      arm,
      call: isText,
      cached: (one) => typeof one === 'boolean',
      fewest: isSize,
      most: isSize,
    })
  );
}

function eachFault(path: string, value: unknown, checks: Readonly<Record<string, Check>>): Fault {
  if (!Array.isArray(value)) return expected(path, 'a list', value);
  for (const [index, item] of value.entries()) {
    const fault = objectFault(`${path}[${index}]`, item, checks);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function objectFault(path: string, value: unknown, checks: Readonly<Record<string, Check>>): Fault {
  if (!isObject(value)) return expected(path, 'an object', value);
  const wrong = Object.entries(checks).find(([key, check]) => !check(value[key]));
  return wrong === undefined ? undefined : expected(`${path}.${wrong[0]}`, 'what bench writes there', value[wrong[0]]);
}
