import type { PercallPlan } from '../../model/results/percall.js';
import { ARM, armOf, engineFault, versionFault } from './check-documents.js';
import {
  amount,
  count,
  expected,
  faultOf,
  fieldsFault,
  flag,
  itemsFault,
  list,
  number,
  object,
  optional,
  orNull,
  positiveCount,
  text,
  type Document,
  type Fault,
} from './shape.js';

const PLAN = {
  id: text,
  startedAt: text,
  command: list,
  seed: number,
  engine: object,
  pinnedCpu: orNull(number),
  capabilities: text,
  kernelForProfile: text,
  profile: orNull(text),
  dialect: text,
  arms: list,
  calls: list,
  blocks: positiveCount,
  warmup: number,
  rounds: positiveCount,
  loops: positiveCount,
};
const CALL = { name: text, nr: number, args: list };
const SIMULATED = {
  arm: text,
  call: text,
  instructions: number,
  action: text,
  errno: orNull(number),
  cached: flag,
  from: text,
};
const WHOLE = { wanted: 'a whole number', test: Number.isInteger };
const PLACE = {
  warmup: flag,
  block: number,
  position: number,
  attempt: optional(count),
  arm: text,
  startNs: number,
  gapNs: optional(amount),
  state: text,
};

/** What is wrong with the plan.json of a run that prices calls, as `path: expected X, got Y`. */
export function percallPlanFault(value: unknown): Fault {
  const version = versionFault(value);
  if (version !== undefined) return version;
  const { kind } = value as Document;
  if (kind !== 'percall') return expected('kind', '"percall"', kind);
  const fault = fieldsFault('', value, PLAN);
  if (fault !== undefined) return fault;
  const { engine, arms, calls } = value as PercallPlan;
  if (arms.length < 2) return expected('arms', 'at least two', arms);
  if (calls.length < 1) return expected('calls', 'at least one', calls);
  return (
    engineFault(engine) ??
    itemsFault('arms', arms, (path, arm) => fieldsFault(path, arm, ARM)) ??
    itemsFault('calls', calls, (path, call) => fieldsFault(path, call, CALL))
  );
}

/** What is wrong with simulation.json, which has one entry for every arm and call of the plan. */
export function simulationFault(value: unknown, { arms, calls }: PercallPlan): Fault {
  const fault = itemsFault('', value, (path, item) => fieldsFault(path, item, SIMULATED));
  if (fault !== undefined) return fault;
  const entries = value as readonly { readonly arm: string; readonly call: string }[];
  const known = new Set(entries.map(({ arm, call }) => `${arm} ${call}`));
  const pairs = arms.flatMap(({ name }) => calls.map((call) => `${name} ${call.name}`));
  const missing = pairs.find((pair) => !known.has(pair));
  return missing === undefined ? undefined : `(top level): the entry for ${missing} is missing`;
}

/** What is wrong with a line of samples.jsonl. */
export function percallSampleFault(value: unknown, plan: PercallPlan): Fault {
  const fault = fieldsFault('', value, { ...PLACE, arm: armOf(plan.arms.map(({ name }) => name)) });
  if (fault !== undefined) return fault;
  const sample = value as Document;
  const { state } = sample;
  if (state === 'ok') return reportFault(sample, plan);
  if (!['failed', 'timedOut', 'interrupted'].includes(String(state)))
    return expected('state', '"ok", "failed", "timedOut" or "interrupted"', state);
  return fieldsFault('', sample, { cause: text, stderr: text });
}

function reportFault(sample: Document, { calls, rounds }: PercallPlan): Fault {
  const { clock, seccompMode, speculation, emptyNs, calls: times } = sample;
  if (clock !== 'cpu' && clock !== 'monotonic') return expected('clock', '"cpu" or "monotonic"', clock);
  if (!Number.isInteger(seccompMode)) return expected('seccompMode', 'a whole number', seccompMode);
  if (!Array.isArray(speculation) || speculation.length !== 2)
    return expected('speculation', 'two numbers', speculation);
  if (!Array.isArray(times) || times.length !== calls.length)
    return expected('calls', `the ${calls.length} of the plan`, times);
  return (
    seriesFault('emptyNs', emptyNs, rounds) ??
    itemsFault('calls', times, (path, call) => {
      const fault = fieldsFault(path, call, { result: WHOLE });
      return fault ?? seriesFault(`${path}.ns`, (call as Document)['ns'], rounds);
    })
  );
}

const seriesFault = (path: string, value: unknown, length: number): Fault =>
  faultOf(path, value, {
    wanted: `${length} times of at least 0 ns`,
    test: (times) =>
      Array.isArray(times) && times.length === length && times.every((one) => typeof one === 'number' && one >= 0),
  });
