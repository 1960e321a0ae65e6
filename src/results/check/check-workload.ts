import { PROFILERS } from '../../model/results/workload-findings.js';
import { armOf, versionFault } from './check-documents.js';
import {
  amount,
  fieldsFault,
  flag,
  isObject,
  itemsFault,
  list,
  listOf,
  number,
  oneOf,
  orNull,
  text,
  type Check,
  type Fault,
} from './shape.js';

const TEXTS = listOf(text, 'texts');
/** One value per block; null where the container failed. */
const BLOCKS = listOf(orNull(number), 'numbers or null');
const PROGRAM = { args: TEXTS, env: TEXTS, cwd: text, binds: list };

/** What is wrong with workload.json, whose arms must be the plan's; as `path: expected X, got Y`. */
export function workloadFault(value: unknown, arms: readonly string[]): Fault {
  const fault = versionFault(value);
  if (fault !== undefined || !isObject(value)) return fault;
  const arm = armOf(arms);
  const { program, starts, rates, prices, touch, profiles, notTaken } = value;
  const times = { arm, call: text, ns: BLOCKS };
  const each = (path: string, items: unknown, fields: Readonly<Record<string, Check>>): Fault =>
    itemsFault(path, items, (at, item) => fieldsFault(at, item, fields));
  const pricesFault = (): Fault =>
    fieldsFault('prices', prices, {}) ??
    each('prices.times', isObject(prices) ? prices['times'] : undefined, times) ??
    each('prices.classes', isObject(prices) ? prices['classes'] : undefined, {
      arm,
      call: text,
      cached: flag,
      fewest: amount,
      most: amount,
    });
  return (
    fieldsFault('program', program, PROGRAM) ??
    each('starts', starts, { arm, wallNs: BLOCKS, cpuNs: BLOCKS }) ??
    each('rates', rates, { arm, stepMs: amount, calls: listOf(amount, 'numbers of at least 0'), wallNs: amount }) ??
    (prices === null ? undefined : pricesFault()) ??
    each('touch', touch, { ...times, mib: amount, order: oneOf(['sequential', 'random']) }) ??
    each('profiles', profiles, { arm, profiler: oneOf(PROFILERS), state: oneOf(['kept', 'none']) }) ??
    each('notTaken', notTaken, { what: text, reason: text })
  );
}
